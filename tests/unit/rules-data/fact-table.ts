/** The table of facts in rules/README.md, as it follows from rules/schema/facts.json. */
import type { FactCatalogue } from '../../../engine/runtime/rule-facts.ts';

export function factTable({ facts }: FactCatalogue): string {
  const rows = facts.map(
    (fact) => `| \`${fact.name}\` | ${fact.type} | ${fact.unit} | ${fact.zh} | ${fact.en} |`,
  );
  const head = [
    '| 事实 fact | 类型 type | 单位 unit | 含义 | meaning |',
    '| --- | --- | --- | --- | --- |',
  ];
  return [...head, ...rows].join('\n');
}
