import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/clock.js';
import { AppError } from '../../src/errors/app-error.js';
import { withRetry } from '../../src/store/driver/retry.js';

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

/** Fails as often as it is told to, then succeeds; counts its calls. */
function operation(failures: number, error: unknown = new mongo.MongoNetworkError('gone')) {
  const run = {
    calls: 0,
    async attempt(): Promise<string> {
      run.calls++;
      if (run.calls <= failures) throw error;
      return 'done';
    },
  };
  return run;
}

describe('an operation on MongoDB', () => {
  it('is repeated after failures that pass', async () => {
    const clock = quickClock();
    const run = operation(3);
    const scope = { clock, deadline: Number.POSITIVE_INFINITY };
    expect(await withRetry(run.attempt, scope)).toBe('done');
    expect({ calls: run.calls, waits: clock.waits.length }).toEqual({ calls: 4, waits: 3 });
  });

  it('is given up after eight calls, and at most half a minute of waiting', async () => {
    const clock = quickClock();
    const run = operation(99);
    const scope = { clock, deadline: Number.POSITIVE_INFINITY };
    await expect(withRetry(run.attempt, scope)).rejects.toMatchObject({
      code: 'MONGODB_UNREACHABLE',
    });
    expect(run.calls).toBe(8);
    expect(clock.waits.reduce((a, b) => a + b, 0)).toBeLessThan(30_000);
  });

  it('is not repeated after one that does not pass', async () => {
    const run = operation(1, new mongo.MongoServerError({ message: 'no', code: 11_000 }));
    await expect(withRetry(run.attempt, { clock: quickClock() })).rejects.toMatchObject({
      code: 'MONGODB_FAILED',
    });
    expect(run.calls).toBe(1);
  });

  it('says that time is up where a deadline was given', async () => {
    const run = operation(99);
    await expect(
      withRetry(run.attempt, { clock: quickClock(), deadline: 1 }),
    ).rejects.toMatchObject({ code: 'OUT_OF_TIME', details: [{ code: 'MONGODB_UNREACHABLE' }] });
  });

  it('says what failed where none was given, so that a request is answered with the cause', async () => {
    const clock = { ...quickClock(), sleep: async () => undefined, now: slowly() };
    const run = operation(99);
    await expect(withRetry(run.attempt, { clock })).rejects.toMatchObject({
      code: 'MONGODB_UNREACHABLE',
    });
    expect(run.calls).toBeLessThan(8);
  });

  it('keeps an error of our own', async () => {
    const own = new AppError('CONFIG_NOT_FOUND');
    await expect(withRetry(operation(1, own).attempt, { clock: quickClock() })).rejects.toBe(own);
  });
});

/** Each look at the clock is four seconds later, as calls that wait for a server make it. */
function slowly(): () => number {
  let now = 0;
  return () => {
    now += 4_000;
    return now;
  };
}
