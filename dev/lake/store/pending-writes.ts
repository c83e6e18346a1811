import type { LakeClock } from '../clock.js';

interface PendingWrite {
  /** By the lake's clock, epoch milliseconds. */
  readonly visibleAt: number;
  readonly apply: () => Promise<unknown>;
}

/** Writes that become visible when the lake's clock has reached their time. */
export class PendingWrites {
  readonly #clock: LakeClock;
  #pending: PendingWrite[] = [];
  /** Ends with the last write that was due. */
  #settled: Promise<unknown> = Promise.resolve();

  constructor(clock: LakeClock) {
    this.#clock = clock;
  }

  add(delayMs: number, apply: () => Promise<unknown>): void {
    this.#pending.push({ visibleAt: this.#clock.now().getTime() + delayMs, apply });
  }

  /**
   * Applies the writes that are due, in the order in which they became visible, and waits for
   * those that are being applied already.
   * @throws where one of them fails, but only once and after the others.
   */
  async settle(): Promise<void> {
    const now = this.#clock.now().getTime();
    const due = this.#pending.filter(({ visibleAt }) => visibleAt <= now);
    this.#pending = this.#pending.filter(({ visibleAt }) => visibleAt > now);
    const applied = this.#settled.then(() => applyAll(due));
    this.#settled = applied.catch(() => undefined);
    await applied;
  }
}

async function applyAll(writes: readonly PendingWrite[]): Promise<void> {
  const errors: unknown[] = [];
  for (const { apply } of writes.toSorted((a, b) => a.visibleAt - b.visibleAt)) {
    await apply().catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw errors[0];
}
