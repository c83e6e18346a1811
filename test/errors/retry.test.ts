import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/clock.js';
import { AppError } from '../../src/errors/app-error.js';
import { backoffMs, type RetryPolicy, retry } from '../../src/errors/retry.js';

const POLICY: RetryPolicy = { attempts: 4, baseMs: 100, capMs: 300 };

/** A clock whose waits pass at once; it remembers them. */
function quickClock(): Clock & { waits: number[] } {
  let now = 0;
  const waits: number[] = [];
  return {
    waits,
    now: () => now,
    sleep: async (ms) => {
      waits.push(ms);
      now += ms;
    },
  };
}

/** Throws these errors one after the other, then gives the number of the call. */
function failing(...errors: unknown[]) {
  return async (attempt: number): Promise<number> => {
    if (attempt <= errors.length) throw errors[attempt - 1];
    return attempt;
  };
}

const passing = () => new AppError('LAKE_SERVER_ERROR');

describe('the wait before another attempt', () => {
  it('is up to twice as long each time, and never longer than the cap', () => {
    expect([1, 2, 3, 9].map((attempt) => backoffMs(POLICY, attempt, 1))).toEqual([
      100, 200, 300, 300,
    ]);
    expect(backoffMs(POLICY, 3, 0)).toBe(0);
  });

  it('is what the other side asks for, where it asks', () => {
    expect(backoffMs(POLICY, 1, 0.5, 60_000)).toBe(60_000);
  });

  it('is never negative, nor above the cap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, random) => {
          const wait = backoffMs(POLICY, attempt, random);
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(POLICY.capMs);
        },
      ),
    );
  });
});

describe('an operation', () => {
  it('is repeated after failures that may pass', async () => {
    const clock = quickClock();
    expect(await retry(failing(passing(), passing()), { policy: POLICY, clock })).toBe(3);
    expect(clock.waits).toHaveLength(2);
  });

  it('is given up after as many attempts as the policy grants, with the last failure', async () => {
    const last = passing();
    const run = retry(failing(passing(), passing(), passing(), last, passing()), {
      policy: POLICY,
      clock: quickClock(),
    });
    await expect(run).rejects.toBe(last);
  });

  it.each([
    ['a refusal', new AppError('LAKE_REFUSED')],
    ['a failure that has another way out', new AppError('LAKE_RESULT_LOST')],
  ])('is not repeated after %s', async (_name, error) => {
    const clock = quickClock();
    await expect(retry(failing(error), { policy: POLICY, clock })).rejects.toBe(error);
    expect(clock.waits).toEqual([]);
  });

  it('is not repeated after a fault of the program, which becomes INTERNAL', async () => {
    const cause = new TypeError('x');
    await expect(
      retry(failing(cause), { policy: POLICY, clock: quickClock() }),
    ).rejects.toMatchObject({ code: 'INTERNAL', cause });
  });

  it('waits as long as the other side asks, beyond the cap', async () => {
    const clock = quickClock();
    const busy = new AppError('LAKE_QUOTA', undefined, { retryAfterMs: 5_000 });
    await retry(failing(busy), { policy: POLICY, clock });
    expect(clock.waits).toEqual([5_000]);
  });

  it('is not begun again after the deadline: then it is time that is up, and it says for what', async () => {
    const busy = new AppError('LAKE_QUOTA', undefined, {
      retryAfterMs: 5_000,
      details: [{ message: 'who', host: 'x' }],
    });
    const clock = quickClock();
    const run = retry(failing(busy), { policy: POLICY, clock, deadline: 4_999 });
    await expect(run).rejects.toMatchObject({
      code: 'OUT_OF_TIME',
      cause: busy,
      details: [{ code: 'LAKE_QUOTA' }, { host: 'x' }],
    });
    expect(clock.waits).toEqual([]);
  });

  it('is given up when the caller does', async () => {
    const controller = new AbortController();
    const error = passing();
    const run = retry(
      async () => {
        controller.abort();
        throw error;
      },
      { policy: POLICY, clock: quickClock(), signal: controller.signal },
    );
    await expect(run).rejects.toBe(error);
  });

  it('tells of each failure that is followed by another attempt', async () => {
    const told: [string, number][] = [];
    await retry(failing(passing(), new AppError('LAKE_TIMEOUT')), {
      policy: POLICY,
      clock: quickClock(),
      onRetry: ({ code }, attempt) => told.push([code, attempt]),
    });
    expect(told).toEqual([
      ['LAKE_SERVER_ERROR', 1],
      ['LAKE_TIMEOUT', 2],
    ]);
  });
});
