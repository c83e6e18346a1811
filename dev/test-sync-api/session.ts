import type { ApiClient } from './client.js';
import type { FollowOptions } from './follow.js';
import type { HistoryEntry } from './shapes.js';

/** What the operations know of each other; each one adds what it has learnt. */
export interface Session {
  readonly client: ApiClient;
  readonly follow: FollowOptions;
  /** Shown below the operation that adds them, which is right all the same. */
  readonly notes: string[];
  /** The table of the job; else the first enabled one. */
  tableId?: string | undefined;
  syncFrequency?: number;
  /** Tables that somebody has taken off the schedule. */
  paused?: readonly string[];
  jobId?: string;
  historyId?: string;
  /** The newest one of the table whose run has ended. */
  historyEntry?: HistoryEntry | undefined;
}

/** One call, or some that belong together: gives the essential of the answer in a few words. */
export interface Operation {
  /** Method and function. */
  readonly label: string;
  /** @throws Failure */
  run(session: Session): Promise<string>;
}
