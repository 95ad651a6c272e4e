/**
 * The demonstration's target over the embedded engine: the same appends as everybody's, with commands
 * for many cards in one go.
 */

import type { EmbeddedEngine } from '../engine.ts';
import { RECORD_COMMAND } from '../events/event.ts';
import { AppendBuilder } from '../intake/append.ts';
import type { DemoTarget } from './feeder.ts';

const PAGE = 1000;

export function demoTarget(engine: EmbeddedEngine): DemoTarget {
  return {
    bulk: (lines, stamps) => engine.desk.bulk(lines, stamps),
    async commands(list, stamp) {
      const encoder = new TextEncoder();
      const builder = new AppendBuilder(engine.partitions, stamp === 'live' ? 'live' : 'history');
      list.forEach((command, i) => {
        const partition = engine.desk.partitionOf(command.caseKey);
        const at = stamp === 'live' ? 0 : stamp;
        builder.add(partition, encoder.encode(JSON.stringify(command)), at, i);
      });
      await Promise.all(
        builder
          .appends()
          .map(({ slots: _, ...append }) =>
            engine.workers.ask(append.partition, 'append', { ...append, kind: RECORD_COMMAND }, [
              append.bytes.buffer,
            ]),
          ),
      );
    },
    async tickAll(stampMs) {
      for (let partition = 0; partition < engine.partitions; partition++) {
        await engine.workers.ask(partition, 'tick', { partition, stampMs });
      }
    },
    async *untouched() {
      const everywhere = { organs: null, territories: null };
      const states = ['provisional', 'issued'];
      for (let offset = 0; ; offset += PAGE) {
        const query = { states, order: 'newest', limit: PAGE, offset } as const;
        const { cards } = await engine.cards(query, everywhere);
        yield* cards;
        if (cards.length < PAGE) return;
      }
    },
    onCard: (watcher) => engine.onCard(watcher),
    nowMs: () => engine.clock.nowMs(),
  };
}
