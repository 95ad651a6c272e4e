/**
 * `rebase`: a calendar notice over live cases (live-cases.ts), one partition a thread.
 *
 * Two notices: one that makes coming days off and worked, as nearly all do, and one that says so of
 * days gone by. Beside them the same first notice in a pack that also changes its name, for which every
 * case is folded again. Measured: from the word to every partition until the last has answered, without
 * compiling the pack. Checked: cards and the next wake-up of every case are those of a partition that
 * had the last calendar from the start.
 */
import { DAY_MS } from '../../engine/base/units.ts';
import { formatDay, weekdayOf } from '../../engine/calendars/days.ts';
import type { CalendarSource, PackSource } from '../../engine/rules/source.ts';
import { type Bench, BenchError, type BenchResult, Checksum } from '../harness.ts';
import { livePack } from './live-cases.ts';
import type { RebaseReply, RebaseRequest } from './rebase-worker.ts';
import { Threads } from './threads.ts';

const PACK = livePack(60, 30, 15, 10);

/** The calendar with the first workday from `day` on made off and the Saturday after it worked. */
function noticed(source: CalendarSource, day: number): CalendarSource {
  const [year] = source.years;
  if (year === undefined) throw new BenchError('REBASE_CALENDAR', 'the calendar has no year');
  let off = day;
  while (weekdayOf(off) > 4 || year.off.some(({ date }) => date === formatDay(off))) off++;
  const work = off + 5 - weekdayOf(off);
  const named = (d: number) => ({ date: formatDay(d), name: 'notice' });
  return {
    ...source,
    version: source.version + 1,
    years: [{ ...year, off: [...year.off, named(off)], work: [...year.work, named(work)] }],
  };
}

function next(pack: PackSource, day: number): PackSource {
  return { ...pack, version: pack.version + 1, calendar: noticed(pack.calendar, day) };
}

const total = (replies: readonly RebaseReply[], of: (reply: RebaseReply) => number): number =>
  replies.reduce((sum, reply) => sum + of(reply), 0);

function sumOf(replies: readonly RebaseReply[]): string {
  const sum = new Checksum();
  for (const reply of replies) sum.merge(reply.sum);
  return sum.toString();
}

export async function run(bench: Bench): Promise<BenchResult> {
  const cases = bench.parameter('cases', 4_000, 1_000_000);
  const partitions = bench.parameter('partitions', 2, 2);
  const each = Math.floor(cases / partitions);
  const threads = new Threads<RebaseRequest, RebaseReply>(
    new URL('./rebase-worker.ts', import.meta.url),
    partitions,
  );
  const live = (index: number) => ({
    cases: each,
    window: Math.ceil(each / 10),
    first: index * each,
  });
  const fill = (pack: PackSource) =>
    threads.ask((index) => ({ do: 'fill', pack, live: live(index) }));
  const publish = async (pack: PackSource) => {
    const { replies, seconds } = await threads.ask(() => ({ do: 'publish', pack }));
    bench.progress(`published version ${pack.version} in ${seconds.toFixed(3)} s`);
    return { seconds, changes: total(replies, (reply) => reply.changes) };
  };
  try {
    const filled = (await fill(PACK)).replies;
    bench.progress(`${total(filled, (reply) => reply.cases)} cases are live`);
    const today = Math.floor((filled[0] as RebaseReply).nowMs / DAY_MS);
    const coming = next(PACK, today + 3);
    const ahead = await publish(coming);
    const gone = next(coming, today - 8);
    const behind = await publish(gone);
    const renamed = { ...next(gone, today + 10), name: { zh: '改名', en: 'renamed' } };
    const whole = await publish(renamed);
    const found = sumOf((await threads.ask(() => ({ do: 'sum' }))).replies);
    const fresh = await fill(renamed);
    const expected = sumOf((await threads.ask(() => ({ do: 'sum' }))).replies);
    if (found !== expected) {
      throw new BenchError('REBASE_WRONG', `the sum is ${found}, from the start it is ${expected}`);
    }
    const figures = {
      cases: total(filled, (reply) => reply.cases),
      cards: total(fresh.replies, (reply) => reply.cards),
      'seconds, days to come': ahead.seconds,
      'seconds, days gone by': behind.seconds,
      'seconds, every case folded again': whole.seconds,
      'card changes, days gone by': behind.changes,
    };
    const ratios = { 'folding every case again': whole.seconds / ahead.seconds };
    return bench.result(figures, found, ratios);
  } finally {
    await threads.close();
  }
}
