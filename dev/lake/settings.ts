import type { LakeSettings } from './types.js';

const DEFAULTS: LakeSettings = {
  queryMs: 0,
  pageLatencyMs: 0,
  maxPageRows: 100_000,
  maxPageBytes: 10_000_000,
  resultLifetimeHours: 20,
  tokenLifetimeSeconds: 7200,
  refreshTokens: true,
  microseconds: false,
  shuffled: false,
  quotas: false,
  quotaMinuteMs: 60_000,
  pastEnd: 'empty',
  refuseTotals: false,
  visibilityDelayMs: 0,
  indexOffsetMs: 0,
};

/** What can be changed while the lake runs. */
export class Settings {
  #current: LakeSettings = DEFAULTS;

  constructor(given: Partial<LakeSettings>) {
    this.change(given);
  }

  /** Bound, so that it can be handed on as it is. */
  readonly now = (): LakeSettings => this.#current;

  /** Keys that are no settings, and values that are undefined, are left alone. */
  change(given: Partial<LakeSettings>): LakeSettings {
    const known = Object.entries(given).filter(
      ([name, value]) => name in DEFAULTS && value !== undefined,
    );
    this.#current = { ...this.#current, ...Object.fromEntries(known) };
    return this.#current;
  }
}
