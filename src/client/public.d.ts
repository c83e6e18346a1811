/**
 * The types of `datalake-sync.js`, the client of the DataLake Sync Backend. The file imports nothing:
 * a frontend copies it, or takes it from the site at `/client/datalake-sync.d.ts`.
 */

export interface ClientOptions {
  /** Where the backend is, e.g. `https://sync.example`. Default: the site that the page comes from. */
  readonly baseUrl?: string;
  /** API_TOKEN, API_READ_TOKEN, or what returns it; a site with API_AUTH=none needs none. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>);
  /**
   * How long to wait for what passes by itself, in milliseconds: a lost connection, and a failure with
   * `Retry-After`. Default: ten minutes.
   */
  readonly patienceMs?: number;
  /** Instead of the global one. */
  readonly fetch?: typeof fetch;
}

export interface CallOptions {
  /** Ends the call; it then throws the signal's reason. A run that has been started goes on. */
  readonly signal?: AbortSignal;
}

export interface Call extends CallOptions {
  /** Default: POST with a body, GET without one. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a run is asked for; `docs/api.md` describes each field. */
export interface RunOptions {
  readonly mode?: 'incremental' | 'full' | 'backfill' | 'reconcile';
  readonly repair?: boolean;
  readonly deep?: boolean;
  readonly rebuild?: boolean;
  readonly whseid?: string | readonly string[];
  readonly startDate?: string;
  readonly endDate?: string;
  readonly dateColumn?: string;
  readonly batchSize?: number;
  readonly maxRecords?: number;
  readonly force?: boolean;
}

export interface SyncOptions extends RunOptions, CallOptions {
  /** Called with what `watch` yields. */
  readonly onProgress?: (progress: Progress) => void;
}

/** The counts of a run, in rows: created, updated, unchanged, stale and rejected add up to `read`. */
export interface Counts {
  readonly total: number;
  readonly read: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly stale: number;
  readonly rejected: number;
  /** Of those above. */
  readonly deleted: number;
  /** Of those above: stored without a value that could not be read. */
  readonly unreadable: number;
}

/** A run as it is at the moment. */
export interface Progress {
  readonly jobId: string;
  readonly tableId: string;
  readonly status: 'pending' | 'in_progress' | 'completed' | 'failed';
  /** Whether it has ended, and nothing more follows. */
  readonly ended: boolean;
  /** `complete`, `nothing_new`, `with_rejects`, `partial`, … once it has ended. */
  readonly outcome?: string;
  /** `counting`, `reading`, `proving`, … */
  readonly phase: string | null;
  readonly counts: Counts;
  /** 0–100; null until the rows have been counted. */
  readonly percent: number | null;
  readonly rowsPerSecond: number | null;
  readonly secondsLeft: number | null;
  /** What the run is waiting for, in words. */
  readonly waitingFor: string | null;
  /** The run has had no heartbeat from a worker for a minute; the schedule resumes it. */
  readonly stalled: boolean;
  readonly warnings: readonly string[];
  /** Why it has failed, with what to do. */
  readonly error?: string;
  readonly errorCode?: string;
  /** The job as `sync-status` answers it. */
  readonly job: Readonly<Record<string, unknown>>;
}

export interface Started {
  readonly jobId: string;
  readonly historyId: string;
  readonly tableId: string;
  readonly status: string;
  readonly message: string;
}

export interface Client {
  /**
   * Starts a run and waits for its end.
   * @returns the run, whose status is `completed`
   * @throws SyncError if it can't be started, or has failed; LoginPageError; ConnectionError
   */
  sync(tableId: string, options?: SyncOptions): Promise<Progress>;
  /** Starts a run and returns at once. @throws SyncError, LoginPageError, ConnectionError */
  start(tableId: string, options?: RunOptions & CallOptions): Promise<Started>;
  /**
   * Yields the state of a run until it has ended, whether it completed or failed. Asks after a second
   * at first, and in the end every ten seconds.
   * @throws SyncError for a run that does not exist; LoginPageError; ConnectionError
   */
  watch(jobId: string, options?: CallOptions): AsyncGenerator<Progress, void, undefined>;
  /**
   * Any endpoint, by its name: `call('sync-history', { query: { tableId: 'orders' } })`. Sent once.
   * @returns the answer's body
   * @throws SyncError, LoginPageError, ConnectionError
   */
  call<T = unknown>(endpoint: string, call?: Call): Promise<T>;
}

export declare function createClient(options?: ClientOptions): Client;

/** An error answer of the backend, or a failed run. `message` is a text for the user. */
export declare class SyncError extends Error {
  /** A code of `docs/errors.md`, e.g. `SYNC_RUNNING`. */
  readonly code: string;
  /** The HTTP status; 0 where a run that was watched has failed. */
  readonly status: number;
  /** What to do; where a run that was watched has failed, its message, which ends with it. */
  readonly remedy: string;
  readonly details: readonly ErrorDetail[];
  /** By which the log has more; empty where a run that was watched has failed. */
  readonly requestId: string;
  /** Milliseconds after which the call may be sent again, where the backend says so. */
  readonly retryAfterMs: number | undefined;
  /** The whole answer: `jobId` of a run that has begun, and what else it has. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ErrorDetail {
  readonly field?: string;
  readonly message: string;
  readonly [fact: string]: unknown;
}

/**
 * Something else than the API answered, with a page, a redirect or a refusal without JSON: Netlify's
 * login, if the project is private, or another site, if `baseUrl` is wrong.
 */
export declare class LoginPageError extends Error {
  /** The HTTP status; 0 of a redirect in a browser. */
  readonly status: number;
  readonly remedy: string;
}

/** No answer came, or none that could be read, for as long as `patienceMs`. */
export declare class ConnectionError extends Error {
  readonly remedy: string;
  /** Milliseconds, where a proxy or the platform says when to call again. */
  readonly retryAfterMs: number | undefined;
}
