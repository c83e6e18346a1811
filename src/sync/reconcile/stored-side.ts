import type { Step } from '../step.js';
import { type Ahead, ahead } from './ahead.js';
import { reconcileOf } from './cost.js';
import { type StoredBucket, storedBuckets } from './stored-buckets.js';

/** MongoDB's side of a comparison, from the job's position on. */
export class StoredSide {
  readonly #step: Step;
  readonly #onForeign: (documents: number) => void;
  readonly #end = new AbortController();
  #buckets: Ahead<readonly StoredBucket[]> | undefined;

  /** @param onForeign called with the number of documents that this backend did not write */
  constructor(step: Step, onForeign: (documents: number) => void) {
    this.#step = step;
    this.#onForeign = onForeign;
  }

  /** Has MongoDB start its work. Each call returns the same buckets. */
  open(): Ahead<readonly StoredBucket[]> {
    const { context, session } = this.#step;
    const store = context.store.comparison(session.job.tableId);
    const after = reconcileOf(session.job).position?.after;
    const signal = AbortSignal.any([session.signal, this.#end.signal]);
    this.#buckets ??= ahead(storedBuckets(store, after, this.#onForeign, signal));
    return this.#buckets;
  }

  /** Ends the reading, also in the middle of MongoDB's work, which can take minutes. */
  async end(): Promise<void> {
    this.#end.abort();
    await this.#buckets?.return();
  }
}
