import type { Fault, FaultState } from './faults/fault.js';

export type { Fault, FaultKind, FaultState, FaultTarget } from './faults/fault.js';

/** The kinds of column that a lake object has; each has its own form on the wire. */
export type ColumnType = 'text' | 'integer' | 'decimal' | 'timestamp' | 'boolean';

export interface LakeColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** A value as a test writes it. Decimals that a double can't hold go in as text. */
export type Value = string | number | boolean | Date | null;

/** Column name (any case) to value; a column left out is NULL in an insert and unchanged in an edit. */
export type Row = Readonly<Record<string, Value>>;

/** The column that tells a deleted record, for objects that have one. */
export interface DeleteFlag {
  readonly column: string;
  readonly deletedValue: string | boolean;
  readonly liveValue: string | boolean | null;
}

/** One object of the lake: what Infor calls a data object and a SQL reader calls a table. */
export interface LakeObject {
  readonly name: string;
  readonly columns: readonly LakeColumn[];
  /** The columns that make two variations the same record. */
  readonly identity: readonly string[];
  readonly deleteFlag?: DeleteFlag;
  /** `text` (default): every value is a JSON string, as WMS objects come; `typed`: real numbers and booleans. */
  readonly wire?: 'text' | 'typed';
}

/** A whole `.ionapi` file. */
export interface IonApiFile {
  readonly ti: string;
  readonly cn: string;
  readonly dt: string;
  readonly ci: string;
  readonly cs: string;
  readonly iu: string;
  readonly pu: string;
  readonly oa: string;
  readonly ot: string;
  readonly or: string;
  readonly ev: string;
  readonly v: string;
  readonly saak: string;
  readonly sask: string;
}

/** What can be changed while the lake runs. */
export interface LakeSettings {
  /** How long a query stays RUNNING at least, in milliseconds of wall time. Default 0. */
  readonly queryMs: number;
  /** Added to each result page, in milliseconds of wall time. Default 0. */
  readonly pageLatencyMs: number;
  /** Most rows of a result page. Default 100,000, as in Infor's own. */
  readonly maxPageRows: number;
  /** Most bytes of a result page. Default 10 MB, as in Infor's own. */
  readonly maxPageBytes: number;
  /** How long a result is kept, in hours of the lake's clock. Default 20. */
  readonly resultLifetimeHours: number;
  /** `expires_in` of a token; it expires by the lake's clock or the wall clock, whichever is first. Default 7200. */
  readonly tokenLifetimeSeconds: number;
  /** Whether a token answer has a `refresh_token`. Default true. */
  readonly refreshTokens: boolean;
  /** Whether new variations are indexed some microseconds after the time that is shown. Default false. */
  readonly microseconds: boolean;
  /** Whether rows of a query without ORDER BY come in another order each time. Default false. */
  readonly shuffled: boolean;
  /** Whether calls beyond Infor's quotas are answered 429. Default false. */
  readonly quotas: boolean;
  /** How long a minute of the quotas is, in milliseconds of wall time. Default 60,000. */
  readonly quotaMinuteMs: number;
  /**
   * What a result page at or past the last row, but not at offset 0, is answered with: 200 and
   * no row (`empty`, the default), a refusal of that status, or 200 with the JSON object `{}`.
   */
  readonly pastEnd: 'empty' | '400' | '404' | '416' | 'notAList';
  /** Whether a statement that has a CROSS JOIN ends FAILED. Default false. */
  readonly refuseTotals: boolean;
  /**
   * How long after an insert, edit, delete or revive it becomes visible to queries and to the
   * controls that read or change, in milliseconds of the lake's clock. Its index time is that of
   * the call. A delayed write is carried out in full when it becomes visible: that is when
   * `where` is evaluated, and then it adds the highest variation. One that fails then makes the
   * next query or control fail. Default 0: at once.
   */
  readonly visibilityDelayMs: number;
  /**
   * Added to the index time of every write that names no `at`, in milliseconds; negative for an
   * index clock that is behind the lake's. Default 0.
   */
  readonly indexOffsetMs: number;
}

export interface LakeOptions extends Partial<LakeSettings> {
  /** Default: a free one. */
  readonly port?: number;
  /** Rows of TASKDETAIL; the other tables in proportion; 0 = empty objects. Default 22,000. */
  readonly rows?: number;
  /** Equal seeds give equal rows. Default 1. */
  readonly seed?: number;
  /**
   * Seeded rows that share an index time, about; replication writes in batches. Default 1: nearly
   * every row has a time of its own.
   */
  readonly indexBatch?: number;
  /** Id of the tenant, part of every URL and of `ti` and `ci`: letters, digits, `_`, `-`. Default DEMO_TST. */
  readonly tenant?: string;
  /** Where the lake's clock starts, ISO 8601. Default 2026-01-15T08:00:00.000Z. */
  readonly now?: string;
  /** Whether the clock goes on by itself. Default false: it stands until it is moved. */
  readonly clockRuns?: boolean;
  /** Objects beside the five WMS ones; one of the same name takes a WMS object's place, unseeded. */
  readonly objects?: readonly LakeObject[];
}

export type QuotaKind = 'submit' | 'status' | 'result' | 'cancel';

/** Admitted calls of this minute, the most of any minute, and the refused ones of all time. */
export type QuotaCounts = Readonly<
  Record<QuotaKind, { readonly used: number; readonly peak: number; readonly refused: number }>
>;

export type RequestKind = 'token' | 'submit' | 'status' | 'result' | 'cancel' | 'ping' | 'other';

/** The calls of Infor's API that the lake knows. */
export type CallKind = Exclude<RequestKind, 'other'>;

/** What a call of Infor's API is about, before it is answered. */
export interface LakeCall {
  readonly kind: CallKind;
  /** What a submit brings; for a status, result or cancel, what its query was submitted with. */
  readonly sql?: string;
  /** Of a status, result or cancel. */
  readonly queryId?: string;
  /** Of a result, in rows, where the call names it. */
  readonly offset?: number;
  /** Of a result, in rows, where the call names it. */
  readonly limit?: number;
}

/** Awaited before a call is answered; where it throws, the answer is a 500 with its message. */
export type CallListener = (call: LakeCall) => Promise<unknown>;

export interface RequestLogEntry {
  /** Wall clock at arrival, epoch milliseconds. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly kind: RequestKind;
  /** Status of the answer; 0 where the connection was dropped without one. */
  readonly status: number;
  /** From arrival until the answer was ready to be sent, in milliseconds. */
  readonly ms: number;
  /** The SQL text of a submit. */
  readonly sql?: string;
  readonly queryId?: string;
  /** Rows in a result page. */
  readonly rows?: number;
  /** How the client of a token request named itself. */
  readonly clientAuth?: 'basic' | 'body';
}

export interface WriteOptions {
  /** `infor.lastmodified()` of the new variations. Default: the lake's now. */
  readonly at?: Date | string;
}

export interface DeleteOptions extends WriteOptions {
  /** The deleted variation has the identity and the flag only, all else is NULL. Default false. */
  readonly keysOnly?: boolean;
}

export interface ReadOptions {
  readonly includeDeleted?: boolean;
  /** Equality by column, or a SQL condition over the object's columns. */
  readonly where?: Row | string;
}

/** A row in wire form: column name to text; NULL columns are missing. */
export type WireRow = Record<string, string>;

/** One variation of a record, with what the lake knows beside its columns. */
export interface Variation {
  readonly values: WireRow;
  /** ISO 8601 with milliseconds. */
  readonly lastModified: string;
  readonly deleted: boolean;
  /** Whether it is the record's highest one. */
  readonly highest: boolean;
}

/** What a test, a bench or the demo does to the lake from behind, not through Infor's API. */
export interface LakeControls {
  now(): Date;
  /** Moves the lake's clock, which by default only moves by hand. Returns the new now. */
  advance(ms: number): Date;
  configure(settings: Partial<LakeSettings>): LakeSettings;

  defineObject(object: LakeObject): Promise<void>;
  addColumn(object: string, column: LakeColumn): Promise<void>;

  /**
   * Adds a variation a row; a record that exists gets a new highest one. Returns their number,
   * under a `visibilityDelayMs` too.
   */
  insert(object: string, rows: readonly Row[], options?: WriteOptions): Promise<number>;
  /**
   * Adds a variation to each live record that `where` meets. Returns their number; under a
   * `visibilityDelayMs` 0, as do `delete` and `revive`.
   */
  edit(object: string, where: Row | string, changes: Row, options?: WriteOptions): Promise<number>;
  /** Adds a deleted variation to each live record that `where` meets. Returns their number. */
  delete(object: string, where: Row | string, options?: DeleteOptions): Promise<number>;
  /** Adds a live variation to each deleted record that `where` meets. Returns their number. */
  revive(
    object: string,
    where: Row | string,
    changes?: Row,
    options?: WriteOptions,
  ): Promise<number>;

  /**
   * Hides records from every query, whichever view it reads, until they are shown; what is
   * written to them meanwhile is hidden too. Their index time stays, and the controls go on
   * seeing them. `where` is about highest variations, deleted ones too.
   * @returns how many records were visible before.
   */
  hide(object: string, where: Row | string): Promise<number>;
  /** Shows the hidden records that `where` meets, or all of them. Returns their number. */
  show(object: string, where?: Row | string): Promise<number>;

  /** The highest variations, in wire form, deleted ones only on request. */
  rows(object: string, options?: ReadOptions): Promise<WireRow[]>;
  /** All variations in the order in which they were added. */
  variations(object: string, options?: { where?: Row | string }): Promise<Variation[]>;

  requests(): readonly RequestLogEntry[];
  clearRequests(): void;
  /** Drops the result of one query, or of all: from then on their ids are unknown. */
  forgetResult(queryId?: string): number;
  /** Makes every access token invalid at once. Returns their number. */
  expireTokens(): number;

  /** Plans a fault. */
  fault(fault: Fault): void;
  /** The planned faults, with how often each has struck. */
  faults(): readonly FaultState[];
  /** Takes all of them back. Returns their number. */
  clearFaults(): number;
  quotaCounts(): QuotaCounts;
}

export interface Lake extends Omit<LakeControls, 'requests'> {
  /** Base of the gateway, `http://127.0.0.1:PORT`; the `iu` of the credentials. */
  readonly url: string;
  readonly credentials: IonApiFile;
  readonly requests: readonly RequestLogEntry[];
  /**
   * Has `listener` awaited before each call of Infor's API is answered and before faults strike
   * it; undefined takes it away. It may use any control, and a call that it makes itself calls
   * it again. Only for the process that the lake runs in.
   */
  beforeCall(listener: CallListener | undefined): void;
  /** Stops the server and removes everything that it kept. */
  close(): Promise<void>;
}
