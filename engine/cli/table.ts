/** Two columns for people, aligned where Chinese characters take two columns of a terminal. */
export type TableRow = readonly [label: string, value: string];

const WIDE_FROM = 0x2e80;

export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += (character.codePointAt(0) as number) >= WIDE_FROM ? 2 : 1;
  return width;
}

export function tableLines(rows: readonly TableRow[]): string[] {
  const widest = Math.max(0, ...rows.map(([label]) => displayWidth(label)));
  return rows.map(
    ([label, value]) => `${label}${' '.repeat(widest - displayWidth(label))}  ${value}`,
  );
}
