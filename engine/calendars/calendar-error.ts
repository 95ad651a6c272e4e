/** What is wrong with a calendar: every problem at once, each with its place in the source. */

export type CalendarProblemCode =
  | 'CAL_DATE_INVALID' // not a date of the Gregorian calendar in the form YYYY-MM-DD
  | 'CAL_YEAR' // a date in another year than its list says, or a year listed twice
  | 'CAL_DUPLICATE' // a date listed twice
  | 'CAL_CONFLICT' // a date both off and worked
  | 'CAL_INCOMPLETE' // a year missing between two others
  | 'CAL_NOTICE' // a day that names a notice the year does not have
  | 'CAL_RANGE' // a year outside the table
  | 'CAL_WEEKMASK'
  | 'CAL_HOURS'
  | 'CAL_VERSION'
  | 'CAL_TERRITORY' // a layer of a territory that the pack does not have, or has a layer already
  | 'CAL_ZONE'
  | 'NOTICE_PLACE' // of another place than the calendar
  | 'NOTICE_KNOWN' // loaded before
  | 'NOTICE_SUPERSEDES' // takes back a notice that is not there
  | 'NOTICE_EMPTY'
  | 'NOTICE_YEAR' // publishes a year that is published, or that no territory can
  | 'NOTICE_DATE'; // no date, a date twice, in a year nobody published, or taken back though nobody named it

export interface CalendarProblem {
  readonly code: CalendarProblemCode;
  /** JSON pointer into the CalendarSource. */
  readonly pointer: string;
  /** What is wrong and what to do. */
  readonly en: string;
  readonly zh: string;
  readonly found: string;
}

export class CalendarError extends Error {
  override name = 'CalendarError';
  readonly place: string;
  readonly problems: readonly CalendarProblem[];

  constructor(place: string, problems: readonly CalendarProblem[]) {
    const lines = problems.map(
      (p) => `- ${p.code} ${p.pointer}\n    ${p.zh};现为 ${p.found}\n    ${p.en}; found ${p.found}`,
    );
    const head = `日历 ${place} 有 ${problems.length} 处错误 / calendar ${place}: ${problems.length} errors`;
    super([head, ...lines].join('\n'));
    this.place = place;
    this.problems = problems;
  }

  /** Code of the first problem. */
  get code(): CalendarProblemCode {
    return (this.problems[0] as CalendarProblem).code;
  }
}
