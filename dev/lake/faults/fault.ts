/** What goes wrong. Each kind says what the client sees. */
export type FaultKind =
  /** An answer with this status instead of the real one. */
  | '401'
  | '429'
  | '500'
  | '504'
  /** The connection is reset without an answer. */
  | 'reset'
  /** The connection breaks in the middle of the answer's body. */
  | 'cut'
  /** Half of the body, under a Content-Length that fits it: JSON that ends too early. */
  | 'malformed'
  /** The answer comes `delayMs` later. */
  | 'slow'
  /** A result page has half of the rows that were asked for, at least one. */
  | 'shortPage'
  /** A status is 202 with `word`, which no documentation has. */
  | 'unknownStatus'
  /** A submitted query runs until it is canceled. */
  | 'stuck'
  /** A submitted query is FAILED, with `word` as the reason. */
  | 'failed'
  /** The query is forgotten: 404 from then on. */
  | 'lostResult'
  /** A result page is empty: 200 without a row, whatever the result holds. */
  | 'emptyPage'
  /**
   * A result page has the rows of the page answered last for the same query, whatever `offset`
   * and `limit` ask for; the real page where there was none.
   */
  | 'repeatedPage'
  /** A result page ignores `limit`: up to twice as many rows, within the lake's own page limits. */
  | 'longPage'
  /** A result page starts at the first row, whatever `offset` asks for. */
  | 'ignoredOffset'
  /** A result page is refused with the HTTP status `status`. */
  | 'pageStatus'
  /** A result page is 200 with the JSON object `{}` where an array of rows is expected. */
  | 'notAList'
  /**
   * The status of a FINISHED query lists other columns: see `hide`, `show` and `columns`. Only
   * FINISHED answers count as seen.
   */
  | 'columns'
  /**
   * The status of a FINISHED query has a total, which is undocumented: see `word` and `rows`.
   * Only FINISHED answers count as seen.
   */
  | 'statusTotal'
  /** A result page has the bytes `hex` where it has the text `text` first; see there. */
  | 'rawBytes'
  /** The frozen result of a submitted query lacks its last `rows`; columns with totals don't change. */
  | 'shortResult';

/** A request that can be struck. */
export type FaultTarget = 'token' | 'submit' | 'status' | 'result' | 'cancel' | 'any';

export interface Fault {
  readonly kind: FaultKind;
  /** Default: the only request that the kind makes sense on, else any. */
  readonly on?: FaultTarget;
  /** Strikes this one of the requests that follow, counted from 1. Default 1, the next one. */
  readonly nth?: number;
  /** Strikes each so-many-th request instead. */
  readonly every?: number;
  /** Strikes this share of the requests instead, 0 … 1, by a die that `seed` (default 1) loads. */
  readonly rate?: number;
  readonly seed?: number;
  /** How often at most; in a row after `nth`. Default 1, with `every` and `rate` without end. */
  readonly times?: number;
  /** The request is carried out first and only its answer is lost. Default false. */
  readonly after?: boolean;
  /** Sent with a 429; no `Retry-After` where it is left out. */
  readonly retryAfterSeconds?: number;
  /** Of `slow`. Default 1000. */
  readonly delayMs?: number;
  /**
   * The word of `unknownStatus` (default TRANSFORMING), the message of `failed`, the name of the
   * member that `statusTotal` adds (default rowCount).
   */
  readonly word?: string;
  /**
   * Source of a regular expression, matched without regard to case and with `.` for line breaks
   * too: the fault counts and strikes only requests that submit a matching statement or that
   * are about a query submitted with one. Default: all.
   */
  readonly sql?: string;
  /** Counts and strikes only requests about the query of this id. */
  readonly queryId?: string;
  /** The HTTP status of `pageStatus`. Default 404. */
  readonly status?: number;
  /**
   * Of `rawBytes`: a part of a row's JSON as the page has it, e.g. `"SKU":"A-1"`. A page without it
   * stays as it is, and counts as struck. Default: the whole page.
   */
  readonly text?: string;
  /** Of `rawBytes`: the bytes that take its place, two hexadecimal digits each. Default: none. */
  readonly hex?: string;
  /** Columns that `columns` removes from the list, in any case. */
  readonly hide?: readonly string[];
  /** Columns that `columns` adds to the end of the list, each a String. */
  readonly show?: readonly string[];
  /** Whether `columns` leaves out the whole list, or sends an empty one, instead. */
  readonly columns?: 'missing' | 'empty';
  /**
   * Of `shortResult`: how many rows are lost, default 1. Of `statusTotal`: the total that it
   * states, by default the rows that the query found, those lost by `shortResult` included.
   */
  readonly rows?: number;
}

/** A fault and how often it has struck. */
export interface FaultState extends Fault {
  readonly struck: number;
}
