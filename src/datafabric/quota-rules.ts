/** Times are epoch milliseconds by one clock, MongoDB's; durations are milliseconds. */
export interface QuotaRules {
  /** Queries that may be sent within any `minuteMs`. */
  readonly queries: number;
  readonly minuteMs: number;
  /** The first pause after a 429 that doesn't say how long to wait, and the longest one. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

/** Of the 100 queries a minute that Infor gives a tenant; the rest is for its other clients. */
const QUERIES_A_MINUTE = 90;

/** @param minuteMs another length of the minute by which the lake counts, for tests */
export function quotaRules(minuteMs = 60_000): QuotaRules {
  return {
    queries: QUERIES_A_MINUTE,
    minuteMs,
    firstPauseMs: minuteMs / 12,
    longestPauseMs: minuteMs,
  };
}

/**
 * When the next query may be sent: a minute after the ninetieth before it. Where the lake's own
 * minutes begin is not known, so any minute is to hold; a count by minutes of our own would let
 * twice as many through around the turn of one.
 * @param turns when the last queries were sent or will be, oldest first
 * @returns `turns` with the new one, as far as they matter
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
 * The pause after a 429: as long as the lake asks for, else twice the pause before, a minute at
 * most, because no quota is longer. If calls went well for as long as that pause, it begins small
 * again; that needs nobody to say that they went well.
 */
export function nextPause(rules: QuotaRules, last: Pause, now: number, askedMs?: number): Pause {
  const { firstPauseMs, longestPauseMs } = rules;
  const soon = now <= last.pausedUntil + Math.max(last.pauseMs, 2 * firstPauseMs);
  const grown =
    soon && last.pauseMs > 0 ? Math.min(2 * last.pauseMs, longestPauseMs) : firstPauseMs;
  const pauseMs = askedMs ?? grown;
  return { pausedUntil: now + pauseMs, pauseMs: Math.min(pauseMs, longestPauseMs) };
}
