import type { LakeSettings } from './types.js';

const DEFAULTS: LakeSettings = {
  queryMs: 0,
  pageLatencyMs: 0,
  maxPageRows: 100_000,
  maxPageBytes: 10_000_000,
  resultLifetimeHours: 20,
  tokenLifetimeSeconds: 7200,
  refreshTokens: true,
};

/** What can be changed while the lake runs. */
export class Settings {
  #current: LakeSettings = DEFAULTS;

  constructor(given: Partial<LakeSettings>) {
    this.change(given);
  }

  /** Bound, so that it can be handed on as it is. */
  readonly now = (): LakeSettings => this.#current;

  /** Other keys than those of the settings are left alone. */
  change(given: Partial<LakeSettings>): LakeSettings {
    const { queryMs, pageLatencyMs, maxPageRows, maxPageBytes } = { ...this.#current, ...given };
    const { resultLifetimeHours, tokenLifetimeSeconds, refreshTokens } = {
      ...this.#current,
      ...given,
    };
    this.#current = {
      queryMs,
      pageLatencyMs,
      maxPageRows,
      maxPageBytes,
      resultLifetimeHours,
      tokenLifetimeSeconds,
      refreshTokens,
    };
    return this.#current;
  }
}
