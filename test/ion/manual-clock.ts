import type { Clock } from '../../src/clock.js';

/** A clock whose waits take no time: a sleep moves it on and is written down. */
export interface ManualClock extends Clock {
  time: number;
  readonly sleeps: number[];
}

export function manualClock(time = Date.UTC(2025, 0, 1)): ManualClock {
  const clock: ManualClock = {
    time,
    sleeps: [],
    now: () => clock.time,
    sleep: async (ms) => {
      clock.sleeps.push(ms);
      clock.time += ms;
    },
  };
  return clock;
}
