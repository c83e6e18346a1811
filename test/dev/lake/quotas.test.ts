import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Lake, startLake } from '../../../dev/lake/index.js';
import { CompassClient } from './compass-client.js';

let lake: Lake;
let client: CompassClient;

beforeAll(async () => {
  lake = await startLake({ rows: 0, quotaMinuteMs: 10 ** 12 });
  client = new CompassClient(lake);
});
afterAll(() => lake.close());

async function pings(path: string, count: number): Promise<Set<number>> {
  const init =
    path === '/jobs' ? { method: 'POST', headers: { 'Content-Type': 'text/plain' } } : {};
  const statuses = new Set<number>();
  for (let at = 0; at < count; at++) statuses.add((await client.call(path, init)).status);
  return statuses;
}

it('counts calls by kind while the quotas are off', async () => {
  expect(await pings('/jobs', 101)).toEqual(new Set([400]));
  expect(await pings('/jobs/x/status', 3)).toEqual(new Set([404]));
  expect(lake.quotaCounts()).toEqual({
    submit: { used: 101, peak: 101, refused: 0 },
    status: { used: 3, peak: 3, refused: 0 },
    result: { used: 0, peak: 0, refused: 0 },
    cancel: { used: 0, peak: 0, refused: 0 },
  });
});

it('answers 429 to the 101st job of a minute, and to no other kind of call', async () => {
  lake.configure({ quotas: true });
  expect(await pings('/jobs', 2)).toEqual(new Set([429]));
  expect(await pings('/jobs/x/result', 1)).toEqual(new Set([404]));
  expect(lake.quotaCounts().submit).toEqual({ used: 101, peak: 101, refused: 2 });
});

it('gives the quota anew in the next minute', async () => {
  lake.configure({ quotaMinuteMs: 20 });
  await new Promise((resolve) => setTimeout(resolve, 25));
  expect(await pings('/jobs', 1)).toEqual(new Set([400]));
  expect(lake.quotaCounts().submit.peak).toBe(101);
});
