import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectLake, type Lake, startLake } from '../../../dev/lake/index.js';
import { CompassClient } from './compass-client.js';

const TASKS = 'CSWMS_wmwhse_TASKDETAIL';

let lake: Lake;

beforeAll(async () => {
  lake = await startLake({ rows: 20 });
});
afterAll(() => lake.close());

describe('a lake', () => {
  it('listens on the loopback address only', async () => {
    const { hostname, port } = new URL(lake.url);
    expect(hostname).toBe('127.0.0.1');
    const others = Object.values(networkInterfaces())
      .flat()
      .filter((one) => one?.family === 'IPv4' && !one.internal);
    for (const other of others) {
      await expect(fetch(`http://${other?.address}:${port}/`)).rejects.toThrow();
    }
  });

  it('leaves no file, open query or port behind when it is closed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lake-test-'));
    vi.stubEnv('TMPDIR', folder);
    const other = await startLake({ rows: 20, queryMs: 60_000 });
    vi.unstubAllEnvs();
    const client = new CompassClient(other);
    const queryId = await client.submit(`SELECT * FROM "${TASKS}"`);
    const waiting = client.status(queryId, 25).catch(() => 'dropped');
    await expect.poll(() => readdirSync(folder, { recursive: true })).toHaveLength(2);
    await Promise.all([other.close(), other.close()]);
    expect(await waiting).toBe('dropped');
    expect(readdirSync(folder)).toEqual([]);
    rmdirSync(folder);
    await expect(fetch(other.url)).rejects.toThrow();
  });

  it('keeps its clock where it is until it is moved', async () => {
    const before = lake.now().getTime();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(lake.now().getTime()).toBe(before);
    expect(lake.advance(1_500).getTime()).toBe(before + 1_500);
  });

  it('gives rows without ORDER BY in another order each time when told to', async () => {
    const client = new CompassClient(lake);
    const keys = async (order = '') =>
      (await client.rows(`SELECT WHSEID, SERIALKEY FROM "${TASKS}" ${order}`)).map((row) =>
        JSON.stringify(row),
      );
    const before = await keys();
    expect(await keys()).toEqual(before);
    lake.configure({ shuffled: true });
    const shuffled = await keys();
    expect(shuffled).not.toEqual(before);
    expect(shuffled.toSorted()).toEqual(before.toSorted());
    expect(await keys('ORDER BY 1, 2')).toEqual(await keys('ORDER BY 1, 2'));
    lake.configure({ shuffled: false });
  });

  it('slows result pages down when told to', async () => {
    const client = new CompassClient(lake);
    const queryId = await client.ended('SELECT 1 AS one');
    lake.configure({ pageLatencyMs: 100 });
    await client.result(queryId);
    expect(lake.requests.at(-1)?.ms).toBeGreaterThanOrEqual(95);
    lake.configure({ pageLatencyMs: 0 });
  });
});

describe('the controls over HTTP', () => {
  it('do what they do in the process', async () => {
    const remote = connectLake(lake.url);
    const key = { WHSEID: 'wmwhse1', TASKDETAILKEY: '0000000001' };
    expect(await remote.credentials()).toEqual(lake.credentials);
    expect(await remote.now()).toEqual(lake.now());
    expect(await remote.advance(1_000)).toEqual(lake.now());
    expect(await remote.edit(TASKS, key, { STATUS: 'X' }, { at: new Date('2030-01-01') })).toBe(1);
    expect(await remote.delete(TASKS, key)).toBe(1);
    expect(await remote.revive(TASKS, key, { STATUS: 'Y' })).toBe(1);
    expect(await remote.insert(TASKS, [{ WHSEID: 'remote', TASKDETAILKEY: '1' }])).toBe(1);
    expect(await remote.rows(TASKS, { where: key })).toEqual(
      await lake.rows(TASKS, { where: key }),
    );
    expect(await remote.variations(TASKS, { where: key })).toMatchObject([
      { deleted: false },
      { lastModified: '2030-01-01T00:00:00.000Z' },
      { deleted: true },
      { highest: true },
    ]);
    await remote.addColumn(TASKS, { name: 'REMOTE', type: 'text' });
    const SIXTH = {
      name: 'SIXTH',
      identity: ['A'],
      columns: [{ name: 'A', type: 'text' }],
    } as const;
    await remote.defineObject(SIXTH);
    expect(await remote.insert('SIXTH', [{ A: '1' }])).toBe(1);
    expect(await remote.configure({ queryMs: 1 })).toMatchObject({ queryMs: 1 });
    lake.configure({ queryMs: 0 });
  });

  it('read and clear the request log, in which they themselves are not', async () => {
    const remote = connectLake(lake.url);
    await new CompassClient(lake).call('/ping');
    expect(await remote.requests()).toEqual(lake.requests);
    await remote.clearRequests();
    expect(lake.requests).toEqual([]);
  });

  it('expire tokens and forget results', async () => {
    const client = new CompassClient(lake);
    const queryId = await client.ended('SELECT 1 AS one');
    const remote = connectLake(lake.url);
    expect(await remote.forgetResult(queryId)).toBe(1);
    expect((await client.result(queryId)).status).toBe(404);
    expect(await remote.expireTokens()).toBeGreaterThan(0);
    expect((await client.result(queryId)).status).toBe(401);
  });

  it('pass on the reason of a refusal', async () => {
    await expect(connectLake(lake.url).edit('NOPE', {}, {})).rejects.toThrow('no object NOPE');
    expect((await fetch(`${lake.url}/_control/nope`, { method: 'POST' })).status).toBe(404);
  });
});
