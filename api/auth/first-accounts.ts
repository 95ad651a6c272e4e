/**
 * The accounts of a first start: read from `rules/access/accounts.json`, spread over the organs and
 * territories of the pack in force, with generated secrets. They are printed, and kept for later
 * starts in `credentials.txt` (mode 0600), which the operator may delete once noted.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Engine, PackInfo } from '../../engine/facade.ts';
import type { Role } from '../contract.ts';
import type { AccessStore, Holder } from './access-store.ts';
import { sha256 } from './access-store.ts';
import { generateKey, generatePassword, type Passwords } from './passwords.ts';

export interface Credential {
  readonly name: string;
  readonly kind: 'person' | 'key';
  readonly role: Role;
  readonly secret: string;
  /** What it is for, in both languages. */
  readonly label: { readonly zh: string; readonly en: string };
}

export interface Credentials {
  readonly file: string;
  /** True when they were made by this start. */
  readonly fresh: boolean;
  /** Empty when an earlier start made them and the file has been deleted since. */
  readonly entries: readonly Credential[];
}

interface AccountTemplate {
  readonly name: string;
  readonly role: Role;
  readonly label: { readonly zh: string; readonly en: string };
  readonly each?: 'organ' | 'territory';
  readonly count?: number;
}

interface AccountFile {
  readonly persons: readonly AccountTemplate[];
  readonly keys: readonly AccountTemplate[];
}

const ACCOUNTS_PATH = fileURLToPath(new URL('../../rules/access/accounts.json', import.meta.url));
const HEADING = `# 明察 Mingcha: log-ins generated at the first start. Delete this file once noted.
# name\tkind\trole\tsecret\tlabel\tlabelEn
`;

export async function firstAccounts(
  store: AccessStore,
  passwords: Passwords,
  dataDir: string,
  pack: PackInfo,
): Promise<Credentials> {
  const file = join(dataDir, 'credentials.txt');
  if (!store.empty) return { file, fresh: false, entries: readBack(file) };
  const holders = holdersOf(pack);
  const made = await Promise.all(holders.map((holder) => withSecret(holder, passwords)));
  const entries = made.map(({ credential }) => credential);
  const lines = entries.map(({ name, kind, role, secret, label }) =>
    [name, kind, role, secret, label.zh, label.en].join('\t'),
  );
  // The file first: accounts whose passwords nobody can read would be useless for ever.
  writeFileSync(file, `${HEADING}${lines.join('\n')}\n`, { mode: 0o600 });
  store.transaction(() => {
    for (const { holder, stored } of made) store.add(holder, stored);
  });
  return { file, fresh: true, entries };
}

async function withSecret(holder: Holder, passwords: Passwords) {
  const { name, kind, role, label } = holder;
  const secret = kind === 'key' ? generateKey() : generatePassword();
  const stored = kind === 'key' ? sha256(secret) : await passwords.hash(secret);
  const credential: Credential = { name, kind, role, secret, label };
  return { holder, stored, credential };
}

function holdersOf(pack: PackInfo): Holder[] {
  const file = JSON.parse(readFileSync(ACCOUNTS_PATH, 'utf8')) as AccountFile;
  const persons = file.persons.flatMap((template) => spread(template, pack));
  return [
    ...persons.map((holder) => ({ ...holder, kind: 'person' as const })),
    ...file.keys.flatMap((key) => spread(key, pack)).map((h) => ({ ...h, kind: 'key' as const })),
  ];
}

type HolderDraft = Omit<Holder, 'kind'>;

/** One template as one account, or as one for each of the first `count` organs or territories. */
function spread(template: AccountTemplate, pack: PackInfo): HolderDraft[] {
  const { name, role, label, each, count = 1 } = template;
  if (each === undefined) return [{ name, role, label, organs: null, territories: null }];
  const places = each === 'organ' ? pack.organs : districtsOf(pack);
  return places.slice(0, count).map((place) => ({
    name: name.replace(`{${each}}`, place.code.toLowerCase()),
    role,
    label: {
      zh: label.zh.replace('{zh}', place.name.zh),
      en: label.en.replace('{en}', place.name.en),
    },
    organs: each === 'organ' ? [place.code] : null,
    territories: each === 'territory' ? [place.code] : null,
  }));
}

/**
 * The pack with its organs sorted by what awaits an answer, so that the first log-ins of a demonstration
 * open on something to do; in the pack's own order while the engine cannot say.
 */
export async function busiestFirst(engine: Engine): Promise<PackInfo> {
  const pack = engine.pack();
  if (!engine.health().ready) return pack;
  const { organs } = await engine.summary({ organs: null, territories: null });
  const weight = new Map(
    organs.map(({ organ, cards }) => [organ, Object.values(cards).reduce((a, b) => a + b, 0)]),
  );
  const weightOf = (code: string): number => weight.get(code) ?? 0;
  return { ...pack, organs: [...pack.organs].sort((a, b) => weightOf(b.code) - weightOf(a.code)) };
}

/** The city itself is where most organs are; districts are the others, in the order of the organs. */
function districtsOf(pack: PackInfo): PackInfo['territories'] {
  const held = new Map<string, number>();
  for (const { territory } of pack.organs) held.set(territory, (held.get(territory) ?? 0) + 1);
  const [city] = [...held].sort((a, b) => b[1] - a[1])[0] ?? [''];
  const districts = [...held.keys()].flatMap((code) => {
    const found = pack.territories.find((territory) => territory.code === code);
    return found === undefined || code === city ? [] : [found];
  });
  return districts.length > 0 ? districts : pack.territories;
}

function readBack(file: string): Credential[] {
  if (!existsSync(file)) return [];
  const rows = readFileSync(file, 'utf8').split('\n');
  return rows.flatMap((row) => {
    const [name, kind, role, secret, zh, en] = row.split('\t');
    if (row.startsWith('#') || name === undefined || secret === undefined) return [];
    const label = { zh: zh ?? '', en: en ?? '' };
    return [{ name, kind: kind === 'key' ? 'key' : 'person', role: role as Role, secret, label }];
  });
}
