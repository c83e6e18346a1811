import type { Identity } from './records.js';

interface Doubt {
  readonly whseid: string;
  /** The tick from which on a query can settle it. */
  readonly since: number;
  /** The first one stores a delete, the second one may be needed for the row that remains. */
  readonly fullRuns: number;
}

const FULL_RUNS = 2;

/** Business keys that can't be compared until full runs have read them. */
export class Doubts {
  readonly #doubts = new Map<string, Doubt>();

  get keys(): ReadonlySet<string> {
    return new Set(this.#doubts.keys());
  }

  /** @param since a tick of the WMS; never, as long as the record is hidden */
  add({ key, whseid }: Pick<Identity, 'key' | 'whseid'>, since: number): void {
    const known = this.#doubts.get(key)?.since ?? 0;
    this.#doubts.set(key, { whseid, since: Math.max(since, known), fullRuns: FULL_RUNS });
  }

  /** The record of a doubt that nothing could settle is back. */
  renew(record: Identity, since: number): void {
    this.#doubts.delete(record.key);
    this.add(record, since);
  }

  /**
   * After a full run that is complete, or that failed only because none of its rows can be stored.
   * @param whseids that it was for; undefined: all
   * @param tick at which its query was sent
   */
  settle(whseids: readonly string[] | undefined, tick: number): void {
    for (const [key, doubt] of this.#doubts) {
      const { whseid, since, fullRuns } = doubt;
      if (tick < since || (whseids && !whseids.includes(whseid))) continue;
      if (fullRuns > 1) this.#doubts.set(key, { ...doubt, fullRuns: fullRuns - 1 });
      else this.#doubts.delete(key);
    }
  }
}
