import type { mongo } from 'mongoose';
import type { Models } from '../../models/index.js';
import type { StoredTotals } from '../../models/run-totals.js';
import { type SyncHistory, TO_COUNT } from '../../models/sync-history.js';
import { native } from '../driver/native.js';
import { type RetryBudget, withRetry } from '../driver/retry.js';
import { ensureIndex } from '../indexes.js';

/** The history and the totals of its runs, within one retry budget; shared by the files here. */
export interface Runs {
  readonly history: mongo.Collection<SyncHistory>;
  readonly totals: mongo.Collection<StoredTotals>;
  readonly budget: RetryBudget;
  /** Runs an idempotent operation, and retries it after transient failures. */
  run<R>(operation: () => Promise<R>): Promise<R>;
  /** Ensures that the index exists by which entries to count are found. */
  ensureToCountIndex(): Promise<void>;
}

export type RunModels = Pick<Models, 'history' | 'runTotals'>;

export function runsOf({ history, runTotals }: RunModels, budget: RetryBudget): Runs {
  return {
    history: native(history),
    totals: native(runTotals),
    budget,
    run: (operation) => withRetry(operation, budget),
    ensureToCountIndex: () => ensureIndex(history, TO_COUNT, budget),
  };
}
