import type { LakeCall } from '../../dev/lake/index.js';
import type { Meanwhile } from './commands.js';
import type { Moment, Wms } from './wms.js';

/** More than any command needs, whatever the lake does: a run comes to its end. */
const MOST_CALLS = 3_000;

/** Stands before the lake: notes when queries were sent, and changes rows between two calls. */
export class Calls {
  readonly #wms: Wms;
  readonly #submitted = new Map<string, Moment>();
  readonly #queries = new Map<string, Moment>();
  #plan: readonly Meanwhile[] = [];
  #count = 0;
  #changed: string[] = [];
  #failure: unknown;
  #last: Promise<unknown> = Promise.resolve();

  constructor(wms: Wms) {
    this.#wms = wms;
  }

  /** Bound, so that it can be handed on as it is. One call after another. */
  readonly before = (call: LakeCall): Promise<unknown> => {
    const noted = this.#last.then(() => this.#note(call));
    this.#last = noted.catch((failure: unknown) => {
      this.#failure ??= failure;
    });
    return noted;
  };

  /** From here on calls are counted. */
  plan(meanwhile: readonly Meanwhile[]): void {
    this.#plan = meanwhile;
    this.#count = 0;
    this.#changed = [];
    this.#failure = undefined;
  }

  get count(): number {
    return this.#count;
  }

  /** @throws what has gone wrong here, which the backend has met as a failure of the lake */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** What has changed between calls since they are counted. */
  get changed(): readonly string[] {
    return this.#changed;
  }

  /** When a query was sent that has been asked about since; it may have seen later changes, too. */
  sentAt(queryId: string): Moment | undefined {
    return this.#queries.get(queryId);
  }

  async #note({ kind, sql, queryId }: LakeCall): Promise<void> {
    this.#count++;
    if (this.#count > MOST_CALLS) throw new Error('The calls of the lake come to no end.');
    for (const { nth, change } of this.#plan) {
      if (nth === this.#count && (await this.#wms.apply(change))) this.#changed.push(change.do);
    }
    if (kind === 'submit' && sql !== undefined) {
      this.#submitted.set(sql, await this.#wms.moment());
    }
    const sent = sql === undefined ? undefined : this.#submitted.get(sql);
    if (queryId !== undefined && sent && !this.#queries.has(queryId)) {
      this.#queries.set(queryId, sent);
    }
  }
}
