/**
 * Planted bugs (变异): a simulator that finds nothing may be blind, so each law is broken on purpose and
 * something must notice, in CI, for ever.
 *
 * A mutant replaces exact snippets of the source as it is loaded (hooks.ts); production code has no switch.
 * `sources.test.ts` fails when a snippet no longer occurs exactly once: mend it here, in the commit that
 * moved it. Most are killed by the simulation within the budget of seeds; what the simulation cannot
 * express (doors to people, bodies of requests) is killed by the test that is named.
 *
 * Faults that are usually planted and have no counterpart here, with the reason:
 *  - deduplication token drawn from the start offset, without a stored plan of batches; batches cut by
 *    time: the sink has no tokens. Rows collapse by keys that follow from the log (`random-key` breaks
 *    them), and how records are cut into batches may show nowhere (`batch-shows` makes it show).
 *  - `setTimeout` for deadlines: deadlines wait in the wheel for the stamp of a record; the shell's only
 *    timers are short intervals, and tests/tidy/checks/purity.ts keeps timers out of the kernel.
 *  - missing folder sync under the log itself: SQLite syncs the folder with the first commit.
 */
export interface Edit {
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly from: string;
  readonly to: string;
}

/** A test file, and the title of the test in it. */
export interface NamedTest {
  readonly file: string;
  readonly title: string;
}

export interface Mutant {
  readonly id: string;
  /** Laws of engine/SPEC.md that it breaks. */
  readonly laws: readonly string[];
  /** What is wrong with such an engine. */
  readonly says: string;
  readonly edits: readonly Edit[];
  readonly killedBy: 'simulation' | NamedTest;
}

/** Seeds within which the simulation finds a mutant, with room for a change of the histories. */
export const SEEDS_MAX = 400;

const edit = (file: string, from: string, to: string): Edit => ({ file, from, to });

function simulated(id: string, laws: string, says: string, ...edits: Edit[]): Mutant {
  return { id, laws: laws.split(' '), says, edits, killedBy: 'simulation' };
}

const HOST = 'engine/runtime/partition-host.ts';
const CHECKPOINT = 'engine/runtime/checkpoint.ts';
const LOG = 'engine/log/sqlite-log.ts';
const GROUP = 'engine/log/group-commit.ts';
const PARTITION = 'engine/kernel/partition.ts';
const FINDINGS = 'engine/kernel/findings.ts';
const SNAPSHOT = 'engine/kernel/partition-snapshot.ts';

const DURABILITY: readonly Mutant[] = [
  simulated(
    'checkpoint-before-sink',
    'L3',
    'a checkpoint is written before its effects are stored',
    edit(HOST, 'pending.position - 1 > this.#sunk', 'pending.position < 0'),
  ),
  simulated(
    'checkpoint-beyond-sink',
    'L3',
    'a start trusts a checkpoint although the sink lost what came before it',
    edit(HOST, 'Math.min(this.log.end, options.sunk + 1)', 'this.log.end'),
  ),
  simulated(
    'checkpoint-beyond-log',
    'L1 L3',
    'a start trusts a checkpoint of a position that the log does not have',
    edit(HOST, 'Math.min(this.log.end, options.sunk + 1)', 'Number.POSITIVE_INFINITY'),
  ),
  simulated(
    'checkpoint-unchecked',
    'L1 L3',
    'a damaged checkpoint is believed',
    edit(
      CHECKPOINT,
      'Buffer.compare(digestOf(header, snapshot), header.subarray(DIGEST_AT)) !== 0',
      'snapshot.length < 0',
    ),
  ),
  simulated(
    'checkpoint-not-synced',
    'L3',
    'a checkpoint is renamed into place before its bytes are on disk',
    edit(CHECKPOINT, '      fsyncSync(file);\n', ''),
  ),
  simulated(
    'folder-not-synced',
    'L3',
    'the name of a checkpoint is not on disk when it is said to be saved',
    edit(CHECKPOINT, '    this.#syncDirectory();\n', ''),
  ),
  simulated(
    'checkpoints-pushed-out',
    'L3',
    'files from beyond the log push a fresh checkpoint out of its folder',
    edit(CHECKPOINT, 'other === name || (i >= older && i < older + OLDER_KEPT)', 'i < 2'),
  ),
  simulated(
    'commit-not-synced',
    'L3',
    'an acknowledged record is not on disk yet',
    edit(LOG, "'PRAGMA synchronous = FULL'", "'PRAGMA synchronous = OFF'"),
  ),
  simulated(
    'failed-sync-retried',
    'L3',
    'a log goes on writing after a sync that failed',
    edit(LOG, "    if (this.#broken !== '') throw this.#brokenError();\n", ''),
  ),
  simulated(
    'full-disk-stops-time',
    'L3 L4',
    'a disk that is full when a tick comes stops the partition for good',
    edit(HOST, "error.code === 'LOG_FULL'", "error.code === 'LOG_EMPTY'"),
  ),
  simulated(
    'fence-missing',
    'L3',
    'two owners write one partition',
    edit(LOG, "    db.exec('PRAGMA locking_mode = EXCLUSIVE');\n", ''),
  ),
  simulated(
    'effect-before-log',
    'L3 L7',
    'records take effect before they are in the log',
    edit(
      GROUP,
      'position = this.#log.append(batch);',
      'this.#onCommit?.({ ...batch, position: this.#log.end }); position = this.#log.append(batch);',
    ),
    edit(GROUP, 'this.#onCommit?.({ ...batch, position });', ''),
  ),
  simulated(
    'sink-not-awaited',
    'L3',
    'the sink says "stored" while an insert is on its way',
    edit(
      'engine/sinks/clickhouse-sink.ts',
      'if (events.length > 0) await this.#database.insert(EVENTS, joined(events));',
      'if (events.length > 0) this.#database.insert(EVENTS, joined(events)).catch(() => {});',
    ),
  ),
  simulated(
    'sink-given-up',
    'L3',
    'a batch whose write failed is not tried again',
    edit(
      'engine/runtime/effects.ts',
      'for (let attempt = 0; !this.#closed; attempt++) {',
      'for (let attempt = 0; attempt < 1; attempt++) {',
    ),
  ),
  simulated(
    'random-key',
    'L3',
    'a row written again has another key',
    edit(
      'engine/sinks/rows.ts',
      'out.u32(card.version);',
      'out.u32(card.version + (globalThis.attempts = (globalThis.attempts ?? 0) + 1));',
    ),
  ),
];

const REPLAY: readonly Mutant[] = [
  simulated(
    'replay-skipped',
    'L1',
    'without a checkpoint a start goes on from the end of the log',
    edit(
      HOST,
      'this.#next = usable?.position ?? 0;',
      'this.#next = usable?.position ?? this.log.end;',
    ),
  ),
  simulated(
    'batch-shows',
    'L1',
    'where a record lies in its batch shows in what it causes',
    edit(
      PARTITION,
      'this.store.position = batch.position[i]!;',
      'this.store.position = batch.position[0]!;',
    ),
  ),
  simulated(
    'held-forgotten',
    'L1 L5',
    'a restart forgets the records that wait for their instant',
    edit(
      SNAPSHOT,
      'for (const one of meta.held) partition.held.add',
      'for (const one of [] as typeof meta.held) partition.held.add',
    ),
  ),
  simulated(
    'timers-forgotten',
    'L1 L2',
    'a restart forgets what is due',
    edit(SNAPSHOT, 'if (due !== Number.POSITIVE_INFINITY) store.wheel.arm(row, due);', ''),
  ),
  simulated(
    'withdrawal-forgotten',
    'L1 L5',
    'a withdrawn card stands again after a restart',
    edit(
      SNAPSHOT,
      'store.cards.load(meta.cards, parts);',
      'store.cards.load(meta.cards, parts); store.cards.state.forEach((s, c, all) => { if (s === 7) all[c] = 1; });',
    ),
  ),
  simulated(
    'pack-forgotten',
    'L1',
    'a restart forgets which pack is in force',
    edit(
      SNAPSHOT,
      'program: options.resolve(meta.packHash, dictionaries)',
      "program: options.resolve('', dictionaries)",
    ),
  ),
  simulated(
    'repeats-applied',
    'L1 L5',
    'a record that comes twice counts twice',
    edit(
      PARTITION,
      'if (known >= 0) return this.#repeated(',
      'if (known > 1e9) return this.#repeated(',
    ),
  ),
  simulated(
    'older-revision-wins',
    'L1',
    'a revision that comes after a newer one replaces it',
    edit(PARTITION, 'if (h.rev[0]! < whole.rev[known]!) return DUPLICATE;', ''),
  ),
  simulated(
    'late-dropped',
    'L1 L5',
    'a record more than a day behind its case is dropped',
    edit(
      PARTITION,
      'const inOrder = at > last',
      'if (at < last - 86_400_000) return;\n    const inOrder = at > last',
    ),
  ),
  simulated(
    'publication-half-done',
    'L1',
    'a publication cut short between partitions is left so',
    edit('engine/runtime/publisher.ts', 'if (behind.length === 0) return [];', 'return [];'),
  ),
  simulated(
    'publication-not-refolded',
    'L1',
    'a new pack says nothing about cases that are there already',
    edit(
      PARTITION,
      'this.packHash = control.hash;',
      'this.packHash = control.hash; if (control.version > 0) return;',
    ),
  ),
];

const TIME: readonly Mutant[] = [
  simulated(
    'wall-clock-decides',
    'L1 L2',
    'a replay takes the time of day for the time of the record',
    edit(
      HOST,
      'batch.stamp[row] = stored.stamps[i]!;',
      'batch.stamp[row] = Math.max(stored.stamps[i]!, this.#options.clock.nowMs());',
    ),
  ),
  simulated(
    'stamps-go-back',
    'L2',
    'a clock that is set back sets the log back',
    edit(GROUP, 'this.#lastStamp = Math.max(this.#lastStamp, ', 'this.#lastStamp = Math.max('),
  ),
  simulated(
    'event-before-timers',
    'L2',
    'an event is applied before what was due by then',
    edit(
      PARTITION,
      '      this.#advance(stamp);',
      '      if (batch.kind[i] !== E.RECORD_EVENT) this.#advance(stamp);',
    ),
  ),
  simulated(
    'due-when-noticed',
    'L2',
    'a card says when it was noticed, not when it was due',
    edit(
      'engine/kernel/fold.ts',
      'rungLevel[rung]!, stage, occurrence, due, true)',
      'rungLevel[rung]!, stage, occurrence, Math.max(due, store.nowMs), true)',
    ),
  ),
  simulated(
    'named-day-off-by-one',
    'L2',
    'a day that a notice names takes effect on the day before',
    edit('engine/calendars/compile.ts', 'named.get(day)?.works', 'named.get(day + 1)?.works'),
  ),
  simulated(
    'calendar-not-recorded',
    'L1',
    'a card does not say which calendar decided it',
    edit(FINDINGS, 'cards.calendar[card] = program.calendar.version;', 'cards.calendar[card] = 0;'),
  ),
];

const NOTHING_VANISHES: readonly Mutant[] = [
  simulated(
    'held-not-counted',
    'L5',
    'a record that waits stands in no column of the books',
    edit(PARTITION, 'this.balance.count(source, HELD);', ''),
  ),
  simulated(
    'release-not-counted',
    'L5',
    'a record that waited is counted twice',
    edit(PARTITION, 'this.balance.release(one.source);', ''),
  ),
  simulated(
    'dead-letter-lost',
    'L5',
    'a record that cannot be read leaves no trace',
    edit(
      PARTITION,
      "this.#reject('dead', code, position, batch.stamp[i]!, source, rawOf(batch, i));",
      '',
    ),
  ),
  simulated(
    'refuted-card-stands',
    'L5',
    'late evidence does not take a card back',
    edit(FINDINGS, 'cards.state[c] = STATE_WITHDRAWN;', ''),
  ),
  simulated(
    'actor-lost',
    'L7',
    'a card does not say who acted on it',
    edit('engine/kernel/commands.ts', 'out.actors.set(change, actor);', ''),
  ),
];

const DOORS: readonly Mutant[] = [
  {
    id: 'body-without-bound',
    laws: ['L4'],
    says: 'a body may hold any number of records',
    edits: [
      edit(
        'engine/intake/rows.ts',
        'if (rows.length === limits.bodyRowsMax) {',
        'if (rows.length < 0) {',
      ),
    ],
    killedBy: { file: 'tests/unit/intake/rows.test.ts', title: '' },
  },
  {
    id: 'rooms-hear-everything',
    laws: ['L6'],
    says: 'who comes back to a live room is told the cards of others',
    edits: [edit('api/live.ts', '      if (!inScope(room.scope, card)) continue;\n', '')],
    killedBy: {
      file: 'tests/integration/api-live.test.ts',
      title: 'gives exactly the missed changes',
    },
  },
];

export const MUTANTS: readonly Mutant[] = [
  ...DURABILITY,
  ...REPLAY,
  ...TIME,
  ...NOTHING_VANISHES,
  ...DOORS,
];

export function mutantOf(id: string): Mutant {
  const found = MUTANTS.find((one) => one.id === id);
  if (found === undefined) {
    throw new Error(`no mutant "${id}"; there are ${MUTANTS.map((one) => one.id).join(', ')}`);
  }
  return found;
}

/** The source with the edits made; each snippet must be there once. */
export function mutated(source: string, edits: readonly Edit[]): string {
  let text = source;
  for (const { file, from, to } of edits) {
    const parts = text.split(from);
    if (parts.length !== 2) {
      throw new Error(`${file} holds ${parts.length - 1} times, not once: ${from}`);
    }
    text = parts.join(to);
  }
  return text;
}
