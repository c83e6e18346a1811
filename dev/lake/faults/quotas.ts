import type { LakeSettings, QuotaCounts, QuotaKind } from '../types.js';

/** Calls a minute that Infor gives a tenant. */
const LIMITS = { submit: 100, status: 1_000, result: 10_000, cancel: 1_000 } as const;

/** Counts calls by the minute of the wall clock, whether or not the quotas are enforced. */
export class Quotas {
  readonly #settings: () => LakeSettings;
  readonly #counts = {
    submit: { used: 0, peak: 0, refused: 0 },
    status: { used: 0, peak: 0, refused: 0 },
    result: { used: 0, peak: 0, refused: 0 },
    cancel: { used: 0, peak: 0, refused: 0 },
  };
  #minute = -1;

  constructor(settings: () => LakeSettings) {
    this.#settings = settings;
  }

  get counts(): QuotaCounts {
    this.#turn();
    return structuredClone(this.#counts);
  }

  /** Counts a call; false where it is one too many. */
  admits(kind: QuotaKind): boolean {
    this.#turn();
    const count = this.#counts[kind];
    if (this.#settings().quotas && count.used >= LIMITS[kind]) {
      count.refused++;
      return false;
    }
    count.used++;
    count.peak = Math.max(count.peak, count.used);
    return true;
  }

  #turn(): void {
    const minute = Math.floor(Date.now() / this.#settings().quotaMinuteMs);
    if (minute === this.#minute) return;
    this.#minute = minute;
    for (const count of Object.values(this.#counts)) count.used = 0;
  }
}
