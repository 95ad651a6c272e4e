/**
 * The 24-hour chart over ECharts core.
 *
 * Levels without a colour are a quiet area at the back; coloured ones are lines that differ in mark and
 * dash as well as in colour. No tooltip: a wall has no pointer, and ECharts would write style
 * attributes that the page's security policy refuses.
 */
import { LineChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import type { LevelFacts } from '../shared/pack.tsx';

use([LineChart, GridComponent, CanvasRenderer]);

export interface HourlySeries extends LevelFacts {
  readonly values: readonly number[];
}

const COLOUR = { none: '#2f5f8c', yellow: '#f2c400', red: '#ff6f81' } as const;

function seriesOption(one: HourlySeries, rem: number) {
  const data = [...one.values];
  if (one.tone === 'none') {
    return {
      type: 'line' as const,
      data,
      step: 'middle' as const,
      symbol: 'none',
      lineStyle: { width: 0 },
      areaStyle: { color: COLOUR.none, opacity: 0.75 },
      z: 1,
    };
  }
  const yellow = one.tone === 'yellow';
  return {
    type: 'line' as const,
    data,
    symbol: yellow ? 'triangle' : 'rect',
    symbolSize: rem * (yellow ? 1 : 0.8),
    lineStyle: { width: rem * 0.22, type: yellow ? ('dashed' as const) : ('solid' as const) },
    itemStyle: { color: COLOUR[one.tone] },
    z: yellow ? 2 : 3,
  };
}

export class HourlyChart {
  readonly #element: HTMLElement;
  readonly #chart: EChartsType;
  readonly #observer: ResizeObserver;
  #drawn = '';

  constructor(element: HTMLElement) {
    this.#element = element;
    this.#chart = init(element, null, { renderer: 'canvas' });
    this.#observer = new ResizeObserver(() => {
      this.#chart.resize();
      this.#drawn = '';
    });
    this.#observer.observe(element);
  }

  /** Draws when something changed since the last time. */
  draw(hours: readonly string[], series: readonly HourlySeries[]): void {
    const root = getComputedStyle(document.documentElement);
    const rem = Number.parseFloat(root.fontSize);
    const key = JSON.stringify([hours, series, rem]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    const label = {
      color: '#9db3c8',
      fontSize: rem * 1.4,
      fontFamily: getComputedStyle(this.#element).fontFamily,
    };
    this.#chart.setOption(
      {
        animation: false,
        grid: { left: rem * 4, right: rem * 1, top: rem * 1, bottom: rem * 2.6 },
        xAxis: {
          type: 'category',
          data: [...hours],
          axisTick: { show: false },
          axisLine: { lineStyle: { color: '#274a6b' } },
          axisLabel: { ...label, interval: (index: number) => index % 4 === 3 },
        },
        yAxis: {
          type: 'value',
          minInterval: 1,
          splitNumber: 3,
          axisLabel: label,
          splitLine: { lineStyle: { color: '#16324d' } },
        },
        series: series.map((one) => seriesOption(one, rem)),
      },
      { notMerge: true },
    );
  }

  dispose(): void {
    this.#observer.disconnect();
    this.#chart.dispose();
  }
}
