import type { Lake } from '../../dev/lake/index.js';
import type { Late } from './commands.js';

/** Longer than a history of a minute's lookback lasts: the next run's watermark is later than now. */
const HISTORY_MS = 30_000;

/**
 * When the lake indexes what a WMS changes: late at times, but never so late that the next run
 * would miss it, which begins a lookback before the watermark. Epoch milliseconds by the lake's
 * clock.
 */
export class IndexTimes {
  readonly #lake: Lake;
  readonly #lookbackMs: number;
  #delayMs = 0;
  #latest = Number.NEGATIVE_INFINITY;

  constructor(lake: Lake, lookbackMs: number) {
    this.#lake = lake;
    this.#lookbackMs = lookbackMs;
  }

  get now(): number {
    const now = this.#lake.now().getTime();
    this.#latest = Math.max(this.#latest, now);
    return now;
  }

  /** @param floors what the change must not be indexed before */
  at(late: Late, ...floors: readonly number[]): number {
    return Math.max(this.now - late * this.#patience(), ...floors);
  }

  wait(ms: number): void {
    this.#lake.advance(ms);
  }

  stepBack(share: Late): void {
    this.wait(this.#delayMs);
    this.#lake.advance(-Math.floor(share * this.#patience()));
  }

  /** Changes after another delay must not become visible before those that they follow. */
  delay(share: Late): void {
    this.wait(this.#delayMs);
    this.#delayMs = share * this.#lookbackMs;
    this.#lake.configure({ visibilityDelayMs: this.#delayMs });
  }

  /** How far before now a change may be indexed. */
  #patience(): number {
    const { now } = this;
    // No watermark is later than what a run can have seen, nor than MongoDB's clock.
    const seen = Math.max(this.#latest, now + this.#delayMs);
    const watermark = this.#delayMs > 0 ? seen : Math.min(seen, Date.now() + HISTORY_MS);
    return Math.max(0, now - (watermark - this.#lookbackMs));
  }
}
