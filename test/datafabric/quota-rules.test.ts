import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_PAUSE, nextPause, nextTurn, quotaRules } from '../../src/datafabric/quota-rules.js';

const MINUTE_MS = 60_000;
const rules = quotaRules();

/** The times at which queries are sent that are wanted at these times. */
function sent(wanted: readonly number[]): number[] {
  let stored: readonly number[] = [];
  return wanted.map((now) => {
    const { at, turns } = nextTurn(rules, stored, now);
    expect(turns.length).toBeLessThanOrEqual(90);
    stored = turns;
    return at;
  });
}

describe('turns', () => {
  it('come at once for ninety queries, then a minute after each of them', () => {
    const wanted = Array.from({ length: 100 }, (_, index) => 5_000 + index);
    expect(sent(wanted)).toEqual([
      ...wanted.slice(0, 90),
      ...wanted.slice(0, 10).map((at) => at + MINUTE_MS),
    ]);
  });

  it('are at most ninety in any minute, whenever the queries are wanted', () => {
    const waits = fc.array(fc.oneof(fc.constant(0), fc.nat(3_000), fc.nat(90_000)), {
      minLength: 110,
      maxLength: 400,
    });
    fc.assert(
      fc.property(waits, (gaps) => {
        let now = 1_000_000;
        const wanted = gaps.map((gap) => {
          now += gap;
          return now;
        });
        const times = sent(wanted);
        times.forEach((at, index) => {
          expect(at).toBeGreaterThanOrEqual(wanted[index] ?? Number.NaN);
          const inMinute = times.filter((other) => other >= at && other < at + MINUTE_MS);
          expect(inMinute.length).toBeLessThanOrEqual(90);
        });
      }),
    );
  });
});

describe('a pause', () => {
  it('doubles with each 429 that follows it, up to a minute', () => {
    const pauses: number[] = [];
    for (let last = NO_PAUSE, now = 1_000; pauses.length < 7; now = last.pausedUntil + 500) {
      last = nextPause(rules, last, now);
      expect(last.pausedUntil).toBe(now + last.pauseMs);
      pauses.push(last.pauseMs);
    }
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
  });

  it('begins small again after calls went well for as long as it was', () => {
    const last = { pausedUntil: 100_000, pauseMs: 40_000 };
    expect(nextPause(rules, last, 140_000).pauseMs).toBe(60_000);
    expect(nextPause(rules, last, 140_001).pauseMs).toBe(5_000);
  });

  it('is as long as the lake asks for, also beyond a minute', () => {
    const asked = nextPause(rules, { pausedUntil: 100, pauseMs: 5_000 }, 1_000, 90_000);
    expect(asked).toEqual({ pausedUntil: 91_000, pauseMs: 60_000 });
  });
});
