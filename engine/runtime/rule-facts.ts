/**
 * The published facts (事实) that conditions may name, read from `rules/schema/facts.json`: the one
 * list that schema checks, documentation and the compiler go by.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES_DIR } from './rule-schema.ts';

export type FactType = 'boolean' | 'number' | 'string';

export interface Fact {
  /** Plain, or with one `{eventType}` or `{clockId}` that stands for any of them. */
  readonly name: string;
  readonly type: FactType;
  /** The only strings the fact can be, when it is one of a closed list. */
  readonly values?: readonly string[];
  readonly unit: string;
  readonly zh: string;
  readonly en: string;
}

export interface FactCatalogue {
  readonly facts: readonly Fact[];
  /** Operators that make sense for each type. */
  readonly operators: Readonly<Record<FactType, readonly string[]>>;
}

export function loadFacts(): FactCatalogue {
  const text = readFileSync(join(RULES_DIR, 'schema', 'facts.json'), 'utf8');
  return JSON.parse(text) as FactCatalogue;
}

/** Every fact by its plain name, the families spelled out for these events and clocks. */
export function factsByName(
  catalogue: FactCatalogue,
  eventTypes: readonly string[],
  clockIds: readonly string[],
): Map<string, Fact> {
  const facts = new Map<string, Fact>();
  for (const fact of catalogue.facts) {
    if (fact.name.includes('{eventType}')) {
      for (const type of eventTypes) facts.set(fact.name.replace('{eventType}', type), fact);
    } else if (fact.name.includes('{clockId}')) {
      for (const id of clockIds) facts.set(fact.name.replace('{clockId}', id), fact);
    } else {
      facts.set(fact.name, fact);
    }
  }
  return facts;
}
