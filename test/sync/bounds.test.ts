import { describe, expect, it } from 'vitest';
import { isOverdue, OVERDUE_MINUTES } from '../../src/models/freshness.js';
import {
  BOUNDS,
  finishPauseMs,
  isFarBeyond,
  isQuotaOver,
  isResting,
  isStuck,
  workersCome,
} from '../../src/sync/bounds.js';

const now = new Date('2026-01-01T12:00:00Z');
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);

describe('a run', () => {
  it.each([
    [12, 90, true],
    [11, 600, false],
    [500, 89, false],
    [0, 600, false],
  ])(
    'that was taken up %d times in %d minutes without progress is stuck: %s',
    (takeUps, minutes, stuck) => {
      expect(isStuck({ takeUps, from: minutesAgo(minutes) }, now)).toBe(stuck);
    },
  );

  it('that got further a moment ago is not stuck', () => {
    expect(isStuck(undefined, now)).toBe(false);
  });

  it('waits for the quota of the lake for an hour', () => {
    expect(isQuotaOver({ quotaFrom: minutesAgo(60) }, now)).toBe(false);
    expect(isQuotaOver({ quotaFrom: minutesAgo(61) }, now)).toBe(true);
    expect(isQuotaOver({}, now)).toBe(false);
  });

  it.each([
    [30_200, 100, 3_000, false],
    [30_201, 100, 3_000, true],
    [2_000_000, 1_000_000, 3_000, false],
  ])(
    'that has read %d rows of %d counted ones, %d a page, is far beyond its result: %s',
    (read, counted, pageRows, isBeyond) => {
      expect(isFarBeyond(read, counted, pageRows)).toBe(isBeyond);
    },
  );

  it('may wait for a query of the lake for longer than the lake gives a query', () => {
    expect(BOUNDS.withoutProgressMs).toBeGreaterThan(60 * 60_000);
  });

  it('gets no further orders after three that nobody took up', () => {
    expect([0, 1, 2, 3].map((lostOrders) => workersCome({ lostOrders }))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(workersCome({})).toBe(true);
    expect(workersCome({ unclaimed: true })).toBe(false);
  });
});

describe('an end that can not be recorded', () => {
  it('is tried again after 10 s, 20 s and so on, and every ten minutes in the end', () => {
    expect([1, 2, 3, 7, 100].map(finishPauseMs)).toEqual([
      10_000, 20_000, 40_000, 600_000, 600_000,
    ]);
  });

  it('rests until then', () => {
    expect(isResting(undefined, now)).toBe(false);
    expect(isResting({ nextAt: now }, now)).toBe(false);
    expect(isResting({ nextAt: new Date(now.getTime() + 1) }, now)).toBe(true);
    // MongoDB's clock has stepped back since.
    expect(isResting({ nextAt: new Date(now.getTime() + 600_001) }, now)).toBe(false);
  });

  it('raises an alert with the third failure', () => {
    expect(BOUNDS.finishFailures).toBe(3);
  });
});

describe('the schedule', () => {
  it('is overdue when three of its five-minute passes are missing', () => {
    expect(OVERDUE_MINUTES).toBe(15);
    expect(isOverdue(minutesAgo(15), now)).toBe(false);
    expect(isOverdue(minutesAgo(15.1), now)).toBe(true);
    expect(isOverdue(undefined, now)).toBe(false);
  });
});
