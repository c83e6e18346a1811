import { describe, expect, it } from 'vitest';
import { FEWER_KILLS, prepareKills, timeout } from './kills.js';
import { spoilPages } from './spoil-pages.js';

const HOUR_MS = 3_600_000;
const { lake, site, runs } = await prepareKills();

describe('a run whose workers are killed ends as one that was left alone', { timeout }, () => {
  it('where each order is started three times at once', async () => {
    site.platform.copies = 3;
    await runs(FEWER_KILLS);
  });

  it('where the clock of every other worker is an hour off', async () => {
    site.platform.clockOffMs = (nth) => [0, HOUR_MS, 0, -HOUR_MS][nth % 4] ?? 0;
    await runs(FEWER_KILLS);
  });

  it('where one in five calls of the lake fails, in every way that passes', async () => {
    // Two refused tokens in a row are no hiccup: that one strikes evenly.
    lake.fault({ kind: '401', on: 'result', every: 50 });
    const kinds = ['429', '500', '504', 'reset', 'cut', 'malformed', 'slow', 'shortPage'] as const;
    for (const [seed, kind] of kinds.entries()) {
      lake.fault({ kind, rate: 0.02, seed, delayMs: 200, retryAfterSeconds: 0 });
    }
    lake.fault({ kind: 'unknownStatus', rate: 0.1 });
    lake.fault({ kind: 'lostResult', nth: 30 });
    await runs(FEWER_KILLS);
    const struck = lake.faults().filter((fault) => fault.struck > 0);
    expect(struck.length).toBeGreaterThan(4);
  });

  it('where pages come empty, short or twice, and results are lost', async () => {
    let struck = 0;
    const count = () => {
      for (const fault of lake.faults()) struck += fault.struck;
    };
    await runs(FEWER_KILLS, {
      prepare: () => {
        count();
        spoilPages(lake);
      },
    });
    count();
    expect(struck).toBeGreaterThan(2);
  });
});
