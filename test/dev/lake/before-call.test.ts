import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectLake, type Lake, type LakeCall, startLake } from '../../../dev/lake/index.js';
import { CompassClient, pageOf } from './compass-client.js';

const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const SQL = `SELECT STATUS FROM "${TASKS}" WHERE WHSEID = 'w'`;

let lake: Lake;
let client: CompassClient;

beforeAll(async () => {
  lake = await startLake({ rows: 0 });
  client = new CompassClient(lake);
  await lake.insert(TASKS, [{ WHSEID: 'w', TASKDETAILKEY: '1', STATUS: '0' }]);
});
afterAll(() => lake.close());
afterEach(() => {
  lake.beforeCall(undefined);
  lake.clearFaults();
});

/** What the listener is called with while `calls` are made. */
async function heard(calls: () => Promise<unknown>): Promise<LakeCall[]> {
  const all: LakeCall[] = [];
  lake.beforeCall(async (call) => all.push(call));
  await calls();
  return all;
}

describe('the listener before a call', () => {
  it('learns what each call of the API is about', async () => {
    await client.token();
    let queryId = '';
    const all = await heard(async () => {
      await client.tokenRequest();
      await client.call('/ping');
      queryId = await client.ended(SQL);
      await client.result(queryId, '?offset=0&limit=10');
      await client.result(queryId);
      await client.call(`/jobs/${queryId}/cancel`, { method: 'PUT' });
    });
    const about = { queryId, sql: SQL };
    expect(all).toEqual([
      { kind: 'token' },
      { kind: 'ping' },
      { kind: 'submit', sql: SQL },
      { kind: 'status', ...about },
      { kind: 'result', ...about, offset: 0, limit: 10 },
      { kind: 'result', ...about },
      { kind: 'cancel', ...about },
    ]);
  });

  it('learns of a query that the lake does not know by its id only', async () => {
    await client.token();
    expect(await heard(() => client.result('unknown'))).toEqual([
      { kind: 'result', queryId: 'unknown' },
    ]);
  });

  it('does not hear of controls and of unknown paths', async () => {
    const all = await heard(async () => {
      await connectLake(lake.url).now();
      await fetch(`${lake.url}/nothing`);
    });
    expect(all).toEqual([]);
  });

  it('is no longer called when it is taken away', async () => {
    const all = await heard(() => client.call('/ping'));
    const count = all.length;
    lake.beforeCall(undefined);
    await client.call('/ping');
    expect(all).toHaveLength(count);
  });

  it('is awaited, so that what it changes is in the answer', async () => {
    lake.beforeCall(async ({ kind }) => {
      if (kind === 'submit') await lake.edit(TASKS, { WHSEID: 'w' }, { STATUS: '9' });
    });
    expect(await client.rows(SQL)).toEqual([{ STATUS: '9' }]);
  });

  it('can use every control, here and over HTTP, while several calls are waiting for it', async () => {
    const remote = connectLake(lake.url);
    lake.configure({ visibilityDelayMs: 1 });
    lake.beforeCall(async () => {
      await lake.edit(TASKS, { WHSEID: 'w' }, { STATUS: '5' });
      lake.advance(1);
      await remote.rows(TASKS);
      await lake.hide(TASKS, { WHSEID: 'w' });
      await lake.show(TASKS);
      lake.configure({ queryMs: 0 });
    });
    const rows = await Promise.all(Array.from({ length: 5 }, () => client.rows(SQL)));
    expect(rows).toEqual(Array.from({ length: 5 }, () => [{ STATUS: '5' }]));
    lake.configure({ visibilityDelayMs: 0 });
  });

  it('can change the lake between two pages, and forget the result', async () => {
    const queryId = await client.ended(SQL);
    lake.beforeCall(async ({ kind, offset }) => {
      if (kind === 'result' && offset === 1) lake.forgetResult();
    });
    expect((await client.result(queryId, '?offset=0&limit=1')).status).toBe(200);
    expect((await client.result(queryId, '?offset=1&limit=1')).status).toBe(404);
  });

  it('can plan the fault that strikes the call itself', async () => {
    const queryId = await client.ended(SQL);
    lake.beforeCall(async ({ kind }) => kind === 'result' && lake.fault({ kind: 'emptyPage' }));
    expect(await pageOf(await client.result(queryId))).toEqual([]);
  });

  it('that throws makes the call a 500 with its message', async () => {
    await client.token();
    lake.beforeCall(() => Promise.reject(new Error('not now')));
    const response = await client.call('/ping');
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('not now');
  });

  it('is out of reach over HTTP', async () => {
    const control = { method: 'POST', body: '[]' };
    expect((await fetch(`${lake.url}/_control/beforeCall`, control)).status).toBe(404);
  });
});
