/** Times are epoch milliseconds by one clock, MongoDB's; durations are milliseconds. */
export interface QuotaRules {
  /** Queries that may be sent within any `minuteMs`. */
  readonly queries: number;
  readonly minuteMs: number;
  /** The first pause after a 429 that doesn't say how long to wait, and the longest one. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

/** Of the 100 queries per minute that Infor allows a tenant; the rest is for its other clients. */
const QUERIES_A_MINUTE = 90;

/**
 * The rules of the lake's quota.
 * @param minuteMs another length of the lake's minute, for tests
 */
export function quotaRules(minuteMs = 60_000): QuotaRules {
  return {
    queries: QUERIES_A_MINUTE,
    minuteMs,
    firstPauseMs: minuteMs / 12,
    longestPauseMs: minuteMs,
  };
}

/**
 * When the next query may be sent: a minute after the ninetieth query before it. When the lake's own
 * minutes begin is not known, so the limit applies to any 60 s (a sliding window); fixed windows
 * would allow twice as many queries around a boundary.
 * @param turns when the last queries were or will be sent, oldest first
 * @returns `turns` with the new one, as far as they still matter
 */
export function nextTurn(
  { queries, minuteMs }: QuotaRules,
  turns: readonly number[],
  now: number,
): { readonly at: number; readonly turns: readonly number[] } {
  const before = turns.at(-queries);
  const at = before === undefined ? now : Math.max(now, before + minuteMs);
  return { at, turns: [...turns, at].slice(-queries) };
}

export interface Pause {
  /** 0: there has never been one. */
  readonly pausedUntil: number;
  readonly pauseMs: number;
}

export const NO_PAUSE: Pause = { pausedUntil: 0, pauseMs: 0 };

/**
 * The pause after a 429: as long as the lake asks for, else twice the previous pause, up to a
 * minute, because no quota period is longer. If there was no 429 for as long as the previous pause
 * lasted, it starts at the first pause again.
 */
export function nextPause(rules: QuotaRules, last: Pause, now: number, askedMs?: number): Pause {
  const { firstPauseMs, longestPauseMs } = rules;
  const soon = now <= last.pausedUntil + Math.max(last.pauseMs, 2 * firstPauseMs);
  const grown =
    soon && last.pauseMs > 0 ? Math.min(2 * last.pauseMs, longestPauseMs) : firstPauseMs;
  const pauseMs = askedMs ?? grown;
  return { pausedUntil: now + pauseMs, pauseMs: Math.min(pauseMs, longestPauseMs) };
}
