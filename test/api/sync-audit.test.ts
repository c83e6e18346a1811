import { mongo } from 'mongoose';
import { beforeEach, describe, expect, it } from 'vitest';
import { native } from '../../src/store/driver/native.js';
import { startBackend } from '../support/backend.js';
import { leaveInTheMiddle } from '../support/left-run.js';

const OPS = 'ops-token-that-is-no-secret';
const READ = 'kiosk-token-that-is-no-secret';
const { lake, call, db, config, app } = await startBackend(
  { rows: 20 },
  { API_TOKEN: `test-token-that-is-no-secret,ops:${OPS}`, API_READ_TOKEN: `kiosk:${READ}` },
  { quotaMinuteMs: 1, emptyPagePauseMs: 5 },
);
await call('init-sync-config', { body: {} });

const audits = db.collection('syncaudits');
const ENTRY = '65a0000000000000000000ab';
const addEntry = () => {
  const entry = {
    tableId: 'orders',
    tableName: 'Orders',
    status: 'completed',
    startTime: new Date(),
  };
  const only = { _id: new mongo.ObjectId(ENTRY) };
  return db.collection('synchistories').updateOne(only, { $setOnInsert: entry }, { upsert: true });
};
const asOps = { token: OPS, headers: { 'x-nf-client-connection-ip': '203.0.113.7' } };
const changes = async (query: Record<string, string> = {}) => {
  const { status, body } = await call('sync-audit', { query });
  expect(status).toBe(200);
  return body.changes as Record<string, unknown>[];
};

beforeEach(async () => {
  await audits.deleteMany({});
});

describe('a change', () => {
  it('of a configuration is recorded: who, when, from where, and what it was before', async () => {
    await call('sync-config', {
      method: 'PUT',
      body: { tableId: 'orders', syncFrequency: 77, description: 'mine' },
      ...asOps,
    });
    const [change, ...others] = await changes();
    expect(others).toEqual([]);
    expect(change).toMatchObject({
      ...{ caller: 'ops', address: '203.0.113.7', action: 'config.update' },
      ...{ target: 'orders', tableId: 'orders', requestId: expect.any(String) },
      before: { syncFrequency: expect.any(Number), description: expect.any(String) },
      after: { syncFrequency: 77, description: 'mine' },
    });
    expect(Date.parse(String(change?.at))).toBeGreaterThan(Date.now() - 60_000);
  });

  it('that changes nothing, or is refused, is none', async () => {
    const { syncFrequency } = await config('orders');
    await call('sync-config', { method: 'PUT', body: { tableId: 'orders', syncFrequency } });
    await call('sync-config', { method: 'PUT', body: { tableId: 'orders', syncFrequency: 0 } });
    await call('sync-config', { method: 'PUT', body: { tableId: 'none', syncFrequency: 5 } });
    await call('sync-config', { body: { tableId: 'orders' } });
    await call('init-sync-config', { body: {} });
    await call('sync-control', { body: { action: 'cancel', jobId: '0123456789abcdef01234567' } });
    expect(await audits.countDocuments()).toBe(0);
  });

  it.each<[string, string, Parameters<typeof call>[1]]>([
    ['config.delete', 'sync-config', { method: 'DELETE', query: { tableId: 'receipt' } }],
    ['config.create', 'sync-config', { body: { tableId: 'receipt' } }],
    ['config.reset', 'init-sync-config', { body: { force: true } }],
    ['table.pause', 'sync-control', { body: { action: 'pause', tableId: 'receipt' } }],
    ['table.resume', 'sync-control', { body: { action: 'resume', tableId: 'receipt' } }],
    [
      'table.confirm-source',
      'sync-control',
      { body: { action: 'confirm-source', tableId: 'receipt' } },
    ],
    ['run.start', 'sync-table', { body: { tableId: 'receipt' } }],
    ['rejects.retry', 'sync-rejects', { body: { action: 'retry', tableId: 'receipt' } }],
    ['schedule.run', 'sync-run-due', { body: {} }],
    [
      'history.create',
      'sync-history',
      { body: { tableId: 'receipt', tableName: 'Receipt', syncJobId: '0123456789abcdef01234567' } },
    ],
  ])('of the kind %s is recorded', async (action, name, options) => {
    const { status } = await call(name, { ...options, ...asOps });
    expect(status).toBeLessThan(300);
    const found = await changes({ action });
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toMatchObject({ action, caller: 'ops' });
  });

  it('of the schedule says what it was before and is now', async () => {
    const control = (action: string) =>
      call('sync-control', { body: { action, tableId: 'orders' }, ...asOps });
    await db
      .collection('syncconfigs')
      .updateOne({ tableId: 'orders' }, { $set: { failureCount: 3 } });
    await control('pause');
    await control('resume');
    await control('pause');
    await control('pause');
    const [again, paused, resumed, first] = await changes({ tableId: 'orders' });
    expect(first).toMatchObject({
      before: { pausedReason: null },
      after: { pausedReason: 'paused by request' },
    });
    expect(resumed).toMatchObject({
      before: { pausedReason: 'paused by request', failureCount: 3 },
      after: { pausedReason: null, failureCount: 0, nextRunAt: expect.any(String) },
    });
    expect(paused).toMatchObject({ action: 'table.pause', before: { pausedReason: null } });
    expect(again).toMatchObject({ action: 'table.pause' });
    expect(again).not.toHaveProperty('before');
    await control('resume');
  });

  it('of the source is recorded as the one tenant and the other', async () => {
    const other = { sourceHash: 'of-another-tenant' };
    await db.collection('syncconfigs').updateOne({ tableId: 'orders' }, { $set: other });
    const body = { action: 'confirm-source', tableId: 'orders' };
    expect((await call('sync-control', { body, ...asOps })).status).toBe(200);
    const [change] = await changes({ action: 'table.confirm-source' });
    expect(change).toMatchObject({ before: other, after: { initialSync: true } });
    expect(change?.after).not.toMatchObject(other);
  });

  it('of a run that is canceled says in which state it was', async () => {
    const job = await leaveInTheMiddle(app(), lake, {
      tableId: 'taskdetail',
      mode: 'full',
      batchSize: 5,
    });
    const body = { action: 'cancel', jobId: String(job._id) };
    expect((await call('sync-control', { body, ...asOps })).status).toBe(200);
    expect(await changes({ action: 'run.cancel' })).toMatchObject([
      {
        target: String(job._id),
        before: { status: 'in_progress', outcome: null },
        after: { status: 'failed', outcome: 'canceled' },
      },
    ]);
  });

  it('that a start makes beside its run is recorded: the configuration that was missing', async () => {
    await call('sync-config', { method: 'DELETE', query: { tableId: 'orderdetail' } });
    await audits.deleteMany({});
    const { status } = await call('sync-table', { body: { tableId: 'orderdetail' }, ...asOps });
    expect(status).toBe(200);
    expect(await changes({ tableId: 'orderdetail' })).toMatchObject([
      { action: 'run.start' },
      { action: 'config.create', caller: 'ops', target: 'orderdetail', after: { enabled: true } },
    ]);
  });

  it('of several settings that can not be made is made and recorded of none', async () => {
    const stored = native((await app().models()).settings);
    const refused = new mongo.MongoServerError({ message: 'no', code: 121 });
    Object.assign(stored, { findOneAndUpdate: () => Promise.reject(refused) });
    const settings = { freshnessLimitMinutes: 66, startsPerMinute: 77 };
    const { status } = await call('sync-settings', { method: 'PUT', body: { settings } });
    Reflect.deleteProperty(stored, 'findOneAndUpdate');
    expect(status).toBeGreaterThanOrEqual(500);
    expect(await changes()).toEqual([]);
    const shown = JSON.stringify((await call('sync-settings')).body);
    expect(shown).not.toMatch(/\b(66|77)\b/);
  });

  it.each<[string, string, string, Parameters<typeof call>[1], number]>([
    [
      'sync-config',
      'config.delete',
      'deleteOne',
      { method: 'DELETE', query: { tableId: 'orders' } },
      -1,
    ],
    ['sync-config', 'config.create', 'insertOne', { body: { tableId: 'orders' } }, 1],
    [
      'sync-history',
      'history.create',
      'updateOne',
      { body: { tableId: 'orders', tableName: 'Orders', syncJobId: '0123456789abcdef01234567' } },
      1,
    ],
    [
      'update-sync-history',
      'history.update',
      'findOneAndUpdate',
      { method: 'PUT', query: { id: ENTRY }, body: { recordsProcessed: 4_713 } },
      0,
    ],
  ])(
    'by %s, %s, is made and recorded once though the first answer of MongoDB is lost',
    async (name, action, operation, options, added) => {
      const models = await app().models();
      const stored = (name === 'sync-config' ? models.configs : models.history).collection;
      const count = () => db.collection(stored.collectionName).countDocuments();
      await addEntry();
      const before = await count();
      const send = Reflect.get(stored, operation).bind(stored);
      let isLost = false;
      Object.assign(stored, {
        async [operation](...given: unknown[]) {
          const answer: unknown = await send(...given);
          if (isLost) return answer;
          isLost = true;
          throw new mongo.MongoNetworkError('connection closed');
        },
      });
      const { status } = await call(name, { ...options, ...asOps });
      Reflect.deleteProperty(stored, operation);
      expect({ isLost, status }).toEqual({ isLost: true, status: added > 0 ? 201 : 200 });
      expect((await count()) - before).toBe(added);
      const recorded = await changes({ action });
      expect(recorded).toHaveLength(1);
      if (added === 0) expect(recorded[0]).toMatchObject({ after: { recordsProcessed: 4_713 } });
    },
  );

  it('to the history is recorded with what the new entry says', async () => {
    const run = { tableId: 'receipt', tableName: 'Receipt', recordsProcessed: 4_712 };
    const body = { ...run, syncJobId: '0123456789abcdef01234567' };
    await call('sync-history', { body });
    const [change] = await changes({ action: 'history.create' });
    expect(change).toMatchObject({ after: { recordsProcessed: 4_712, status: 'in_progress' } });
  });

  it('of the history is recorded with what it corrects', async () => {
    const { body } = await call('sync-history', { query: { limit: '1' } });
    const [entry] = body.history as unknown as [{ _id: string; recordsProcessed: number }];
    await call('update-sync-history', {
      method: 'PUT',
      query: { id: entry._id },
      body: { recordsProcessed: 4_711 },
      ...asOps,
    });
    expect(await changes({ action: 'history.update' })).toMatchObject([
      {
        target: entry._id,
        before: { recordsProcessed: entry.recordsProcessed },
        after: { recordsProcessed: 4_711 },
      },
    ]);
  });

  it('of the webhook is recorded, never its address', async () => {
    const value = 'https://receiver.example/hooks/key-of-the-hook';
    await call('sync-settings', { method: 'PUT', body: { key: 'alertWebhookUrl', value } });
    await call('sync-settings', {
      method: 'PUT',
      body: { key: 'alertWebhookUrl', value: `${value}2` },
    });
    await call('sync-settings', { method: 'PUT', body: { key: 'alertWebhookUrl', value: null } });
    const found = await changes();
    expect(found).toHaveLength(3);
    expect(found[1]).toMatchObject({
      before: { alertWebhookUrl: '(set)' },
      target: 'alertWebhookUrl',
    });
    expect(JSON.stringify(found)).not.toContain('key-of-the-hook');
  });
});

describe('the audit', () => {
  it('is for who may write', async () => {
    const { status, body } = await call('sync-audit', { token: READ });
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'FORBIDDEN' });
  });

  it('is listed the newest first, by table, caller and time', async () => {
    for (const syncFrequency of [11, 12, 13]) {
      const body = { tableId: 'orders', syncFrequency };
      await call('sync-config', { method: 'PUT', body, ...(syncFrequency === 12 && asOps) });
    }
    const found = await changes({ tableId: 'orders' });
    expect(found.map(({ after }) => after)).toEqual([
      { syncFrequency: 13 },
      { syncFrequency: 12 },
      { syncFrequency: 11 },
    ]);
    expect(await changes({ caller: 'ops' })).toMatchObject([{ after: { syncFrequency: 12 } }]);
    expect(await changes({ tableId: 'receipt' })).toEqual([]);
    const [newest, , oldest] = found;
    expect(await changes({ from: String(newest?.at) })).toHaveLength(1);
    expect(await changes({ to: String(oldest?.at) })).toEqual([]);
    const { body } = await call('sync-audit', { query: { limit: '2' } });
    expect(body.pagination).toMatchObject({ total: 3, pages: 2 });
    const wrong = await call('sync-audit', { query: { from: 'yesterday' } });
    expect(wrong.body).toMatchObject({ code: 'VALIDATION_FAILED', details: [{ field: 'from' }] });
  });
});

describe('starts of work', () => {
  it('are limited a minute and a token, and a refused one starts and writes nothing', async () => {
    await call('sync-settings', { method: 'PUT', body: { key: 'startsPerMinute', value: 2 } });
    await db.collection('syncstartcounts').deleteMany({});
    const start = (token?: string) =>
      call('sync-table', { body: { tableId: 'receipt' }, ...(token && { token }) });
    const answers = [await start(), await start(), await start(), await start()];
    const jobs = await db.collection('syncjobs').countDocuments();
    const refused = answers.find(({ status }) => status === 429);
    // A minute may have ended in between.
    expect(refused?.body ?? (await start()).body).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    expect(Number(refused?.headers.get('retry-after') ?? 1)).toBeGreaterThan(0);
    expect(await db.collection('syncjobs').countDocuments()).toBe(jobs);
    expect((await start(OPS)).status).toBe(200);
    expect((await call('sync-stats')).status).toBe(200);
    const counts = await db.collection('syncstartcounts').find({}).toArray();
    expect(Math.max(...counts.map(({ count }) => Number(count)))).toBe(2);
    await call('sync-settings', { method: 'PUT', body: { key: 'startsPerMinute', value: null } });
    expect((await start()).status).toBe(200);
  });

  it('are counted rightly where many come at a time', async () => {
    await call('sync-settings', { method: 'PUT', body: { key: 'startsPerMinute', value: 3 } });
    await db.collection('syncstartcounts').deleteMany({});
    const all = await Promise.all(
      Array.from({ length: 12 }, () =>
        call('sync-rejects', { body: { action: 'retry', tableId: 'orders' } }),
      ),
    );
    const taken = all.filter(({ status }) => status === 200).length;
    const counts = await db.collection('syncstartcounts').find({}).toArray();
    expect(taken).toBe(counts.reduce((sum, { count }) => sum + Number(count), 0));
    expect(taken).toBe(3 * counts.length);
    await call('sync-settings', { method: 'PUT', body: { key: 'startsPerMinute', value: null } });
  });
});

describe('who may only read', () => {
  it('sees where a reject is and why, not what is in the row', async () => {
    await lake.insert('CSWMS_wmwhse_RECEIPT', [
      { SERIALKEY: 9_999, WHSEID: 'wmwhse1', RECEIPTKEY: 'R1', ADDWHO: 'jane.doe@acme.example' },
    ]);
    const text = '"ADDWHO":"jane.doe@acme.example"';
    const bytes = Buffer.from(text.replace('@', '\xe4'), 'latin1').toString('hex');
    lake.fault({ kind: 'rawBytes', text, hex: bytes, every: 1 });
    await call('sync-table', { body: { tableId: 'receipt', mode: 'full' } });
    const { body } = await call('sync-rejects', { token: READ });
    expect(body.rejects).toMatchObject([{ tableId: 'receipt', state: 'open', column: 'ADDWHO' }]);
    expect(JSON.stringify(body)).not.toContain('jane.doe');
    expect(JSON.stringify((await call('sync-rejects')).body)).toContain('jane.doe');
  });
});
