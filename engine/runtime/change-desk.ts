/**
 * Changes of what is in force (变更): a pack or a notice is published, or tried first.
 *
 * Owns: making the pack that a notice asks for out of the one in force at that moment, and the previews:
 * one at a time, the newest few kept to be read.
 * Does not own: the order of publications (publisher.ts), the run of a preview (preview.ts), rights.
 */

import type { Clock } from '../base/clock.ts';
import { CatalogueError } from '../base/errors.ts';
import { withNotice } from '../calendars/notice.ts';
import { previewLimits } from '../config/limits.ts';
import type {
  CalendarView,
  Draft,
  PackChanges,
  PreviewOptions,
  PreviewResult,
  PreviewView,
  PublishOptions,
  PublishResult,
} from '../facade.ts';
import type { CalendarSource, NoticeSource, PackSource } from '../rules/source.ts';
import { calendarView } from './calendar-view.ts';
import { type MergedPack, mergePack, type RuleChange } from './pack-merge.ts';
import type { PackNames } from './pack-names.ts';
import { PreviewCancelled, Previewer } from './preview.ts';
import type { Publisher } from './publisher.ts';
import { checkPack } from './rule-loader.ts';
import { PackError } from './rule-problem.ts';
import { schemaProblems } from './rule-schema.ts';
import type { Workers } from './workers.ts';

export interface ChangeDeskOptions {
  readonly workers: Workers;
  readonly partitions: number;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly names: () => PackNames;
  /** The pack is in force now. */
  readonly adopt: (pack: PackSource, hash: string) => Promise<void>;
}

interface Job {
  view: PreviewView;
  readonly abort: AbortController;
}

export class ChangeDesk implements PackChanges {
  readonly #options: ChangeDeskOptions;
  readonly #previewer: Previewer;
  readonly #jobs = new Map<string, Job>();
  #nextId = 1;

  constructor(options: ChangeDeskOptions) {
    this.#options = options;
    this.#previewer = new Previewer(options.workers, options.partitions, options.clock);
  }

  async publish(
    draft: Draft,
    actor: string,
    reason: string,
    options: PublishOptions = {},
  ): Promise<PublishResult> {
    const { publisher, adopt } = this.#options;
    // Merged in its turn: two notices at once must not each begin with the calendar before the other.
    let changes: readonly RuleChange[] = [];
    const make = (): PackSource => {
      const merged = this.#merged(draft);
      changes = merged.changes.filter(({ change }) => change !== 'unchanged');
      return merged.pack;
    };
    const result = await publisher.publish(make, actor, reason, options, adopt);
    return { ...result, rules: changes };
  }

  preview(draft: Draft, options?: PreviewOptions): Promise<PreviewResult> {
    return this.#previewer.run(this.#merged(draft).pack, options);
  }

  startPreview(draft: Draft, options: Omit<PreviewOptions, 'signal'> = {}): PreviewView {
    const { pack } = this.#merged(draft);
    const running = [...this.#jobs.values()].filter(({ view }) => view.state === 'running');
    if (running.length >= previewLimits.runningMax) throw new CatalogueError('PREVIEW_BUSY');
    const id = String(this.#nextId++);
    const abort = new AbortController();
    const view: PreviewView = {
      id,
      state: 'running',
      done: 0,
      total: 0,
      result: null,
      problem: '',
    };
    const job: Job = { view, abort };
    this.#jobs.set(id, job);
    this.#forget();
    const onProgress = (done: number, total: number): void => {
      job.view = { ...job.view, done, total };
      options.onProgress?.(done, total);
    };
    this.#previewer.run(pack, { ...options, signal: abort.signal, onProgress }).then(
      (result) => {
        job.view = { ...job.view, state: 'done', result };
      },
      (error: unknown) => {
        const state = error instanceof PreviewCancelled ? 'cancelled' : 'failed';
        job.view = { ...job.view, state, problem: String(error) };
      },
    );
    return view;
  }

  previewOf(id: string): PreviewView | null {
    return this.#jobs.get(id)?.view ?? null;
  }

  cancelPreview(id: string): PreviewView | null {
    const job = this.#jobs.get(id);
    if (job === undefined) return null;
    job.abort.abort();
    if (job.view.state === 'running') job.view = { ...job.view, state: 'cancelled' };
    return job.view;
  }

  calendar(): CalendarView {
    return calendarView(this.#options.names().pack.calendar);
  }

  /** Previews that still run are ended. */
  close(): void {
    for (const { abort } of this.#jobs.values()) abort.abort();
  }

  /** Throws PackError or CalendarError when it cannot be put in force. */
  #merged(draft: Draft): MergedPack {
    const { names, clock } = this.#options;
    const { pack } = names();
    if ('notice' in draft)
      return { pack: checkPack(noticed(pack, draft.notice)).pack, changes: [] };
    // The mark of demonstration data belongs to the data: no publication adds it or takes it away.
    const { demo: _, ...unmarked } = checkPack(draft.pack).pack;
    refuseOlderCalendar(unmarked.calendar, pack.calendar);
    const marked = pack.demo === undefined ? unmarked : { ...unmarked, demo: pack.demo };
    const merged = mergePack(pack, marked, clock.nowMs());
    // Versions that stay in force for what began before must fit the new pack, too.
    return { ...merged, pack: checkPack(merged.pack).pack };
  }

  #forget(): void {
    for (const [id, { view }] of this.#jobs) {
      if (this.#jobs.size <= previewLimits.keptMax) return;
      if (view.state !== 'running') this.#jobs.delete(id);
    }
  }
}

/** Files that were not brought up to date would silently take loaded notices back. */
function refuseOlderCalendar(draft: CalendarSource, inForce: CalendarSource): void {
  if (draft.place !== inForce.place || draft.version >= inForce.version) return;
  throw new PackError([
    {
      ...{ severity: 'error', file: 'pack', pointer: '/calendar/version' },
      zh: '日历比现行的旧；先用 calendar notice --write 把已载入的通知写入文件，或提高版本号',
      en: 'the calendar is older than the one in force: write loaded notices into the files with calendar notice --write, or raise its version',
      ...{ found: String(draft.version), allowed: `≥ ${inForce.version}`, nearest: '' },
    },
  ]);
}

function noticed(pack: PackSource, value: unknown): PackSource {
  const problems = schemaProblems('notice', value, 'notice');
  if (problems.length > 0) throw new PackError(problems);
  const { $schema: _, ...notice } = value as NoticeSource & { $schema?: string };
  return { ...pack, version: pack.version + 1, calendar: withNotice(pack.calendar, notice) };
}
