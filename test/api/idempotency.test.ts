import type { Types } from 'mongoose';
import { beforeEach, describe, expect, it } from 'vitest';
import { startJob } from '../../src/sync/start.js';
import { startBackend } from '../support/backend.js';
import { leaveInTheMiddle } from '../support/left-run.js';

const OPS = 'ops-token-that-is-no-secret-at-all';
const { app, call, configure, db, lake } = await startBackend(
  { rows: 60 },
  { API_TOKEN: `test-token-that-is-no-secret,ops:${OPS}` },
);
await call('init-sync-config', { body: {} });

const ORDERS = { tableId: 'orders' };
const ENTRY = { ...ORDERS, tableName: 'Orders', syncJobId: '0123456789abcdef01234567' };
const keys = db.collection('syncidempotencykeys');
const count = (name: string) => db.collection(name).countDocuments();

function post(name: string, body: unknown, key: string, token?: string) {
  const headers = { 'idempotency-key': key };
  return call(name, { body, headers, ...(token !== undefined && { token }) });
}
const start = (key: string, body: object = {}) => post('sync-table', { ...ORDERS, ...body }, key);

/** As a process leaves it that dies before it can answer. */
async function die(how: { leaseIsOver: boolean; workId?: Types.ObjectId }): Promise<void> {
  const { leaseIsOver, ...work } = how;
  const leaseUntil = new Date(leaseIsOver ? 0 : Date.now() + 60_000);
  await keys.updateMany({}, { $set: { leaseUntil, ...work }, $unset: { answer: '' } });
}

beforeEach(async () => {
  await keys.deleteMany({});
  await db.collection('syncjobs').deleteMany({});
  await db.collection('synchistories').deleteMany({});
});

describe('sync-table with an Idempotency-Key', () => {
  it('runs once, and answers the same again', async () => {
    const first = await start('k', { wait: '20', force: null });
    expect({ status: first.status, replayed: first.headers.get('idempotent-replayed') }).toEqual({
      status: 200,
      replayed: null,
    });
    const again = await start('"k"', { wait: 20 });
    expect({ ...again, headers: {} }).toEqual({ ...first, headers: {} });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
    expect(await count('syncjobs')).toBe(1);
  });

  it('is worked on by one of several at once', async () => {
    const replies = await Promise.all([1, 2, 3].map(() => start('k')));
    const [won, ...others] = replies.sort((a, b) => a.status - b.status);
    expect(won?.status).toBe(200);
    for (const { status, body, headers } of others) {
      expect({ status, code: body.code }).toEqual({ status: 409, code: 'IDEMPOTENCY_KEY_IN_USE' });
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await start('k')).body).toEqual(won?.body);
    expect(await count('syncjobs')).toBe(1);
  });

  it('refuses another request with the key, and takes that of another caller as another key', async () => {
    await start('k');
    expect(await start('k', { mode: 'full' })).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED', details: [{ field: 'Idempotency-Key' }] },
    });
    const others = await post('sync-table', ORDERS, 'k', OPS);
    expect(others.headers.get('idempotent-replayed')).toBeNull();
    expect(await count('syncjobs')).toBe(2);
  });

  it('leaves the key free after a failure, for another request as well', async () => {
    await configure('orders', { enabled: false });
    expect((await start('k')).body.code).toBe('TABLE_DISABLED');
    expect((await start('k', { tableId: 'nope' })).body.code).toBe('UNKNOWN_TABLE');
    await configure('orders', { enabled: true });
    await db.collection('orders').insertOne({ ORDERKEY: 'of an earlier version' });
    expect((await start('k')).body.code).toBe('EARLIER_DATA');
    await db.collection('orders').deleteMany({ _lake: { $exists: false } });
    expect(await keys.countDocuments()).toBe(0);
    expect((await start('k')).status).toBe(200);
  });

  it('finds the run of a request that died, once that may be taken for dead', async () => {
    const { body } = await start('k');
    await die({ leaseIsOver: false });
    const early = await start('k');
    expect({ status: early.status, place: early.headers.get('location') }).toEqual({
      status: 409,
      place: body.statusUrl,
    });
    await die({ leaseIsOver: true });
    const late = await start('k');
    expect(late).toMatchObject({ status: 200, body: { jobId: body.jobId, stats: body.stats } });
    expect(late.body).not.toHaveProperty('resumed');
    expect((await start('k')).headers.get('idempotent-replayed')).toBe('true');
    expect(await count('syncjobs')).toBe(1);
  });

  it('takes up the run of a request that died in the middle of it', async () => {
    await start('k');
    const job = await leaveInTheMiddle(app(), lake, { ...ORDERS, mode: 'full', batchSize: 5 });
    await die({ leaseIsOver: true, workId: job._id });
    const late = await start('k');
    expect(late).toMatchObject({
      status: 200,
      body: { jobId: String(job._id), status: 'completed' },
    });
    expect(late.body).not.toHaveProperty('resumed');
  });

  it('answers a run that is under way again, with where and when to look, until it has failed', async () => {
    await start('k');
    const job = await startJob(await app().sync(), { ...ORDERS, mode: 'full' }, 'api');
    await die({ leaseIsOver: true, workId: job._id });
    const [first, again] = [await start('k'), await start('k')];
    for (const { status, headers, body } of [first, again]) {
      expect({ status, place: headers.get('location') }).toEqual({
        status: 202,
        place: `/.netlify/functions/sync-status?jobId=${String(job._id)}`,
      });
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(body).toEqual(first.body);
    }
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    await call('sync-control', { body: { action: 'cancel', jobId: String(job._id) } });
    await die({ leaseIsOver: true });
    // Its failure is the answer, and frees the key: the next one is another run.
    expect((await start('k')).body).toMatchObject({
      code: 'SYNC_CANCELED',
      jobId: String(job._id),
    });
    expect((await start('k')).body.jobId).not.toBe(String(job._id));
  });

  it('starts the run that a request which died has not started', async () => {
    const { body } = await start('k');
    await die({ leaseIsOver: true });
    await db.collection('syncjobs').deleteMany({});
    const late = await start('k');
    expect(late).toMatchObject({ status: 200, body: { jobId: body.jobId } });
    expect(late.headers.get('idempotent-replayed')).toBeNull();
  });

  it('answers although its answer cannot be kept, and finds its run later', async () => {
    const validator = { answer: { $exists: false } };
    await db.command({ collMod: 'syncidempotencykeys', validator });
    const { status, body } = await start('k');
    await db.command({ collMod: 'syncidempotencykeys', validator: {} });
    expect({ status, kept: await keys.countDocuments({ answer: { $exists: true } }) }).toEqual({
      status: 200,
      kept: 0,
    });
    await die({ leaseIsOver: true });
    expect((await start('k')).body.jobId).toBe(body.jobId);
  });
});

describe('an Idempotency-Key', () => {
  it.each(['', '""', 'a b', 'x'.repeat(256)])(
    '%j is refused before anything is done',
    async (key) => {
      const { status, body } = await start(key);
      expect({ status, field: body.details[0]?.field }).toEqual({
        status: 400,
        field: 'Idempotency-Key',
      });
      expect(await count('syncjobs')).toBe(0);
    },
  );

  it('of an entry of the history makes one entry, also after the request has died', async () => {
    const first = await post('sync-history', ENTRY, 'k');
    const again = await post('sync-history', ENTRY, 'k');
    await die({ leaseIsOver: true });
    const late = await post('sync-history', ENTRY, 'k');
    for (const { status, headers, body } of [first, again, late]) {
      expect({ status, place: headers.get('location') }).toEqual({
        status: 201,
        place: `/.netlify/functions/sync-status?historyId=${String(first.body._id)}`,
      });
      expect(body).toEqual(first.body);
    }
    expect(await count('synchistories')).toBe(1);
  });

  it('of an action does it once', async () => {
    const body = { ...ORDERS, action: 'pause' };
    const revision = async () => (await call('sync-config', { query: ORDERS })).body.revision;
    const first = await post('sync-control', body, 'k');
    const before = await revision();
    const again = await post('sync-control', body, 'k');
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect(await revision()).toBe(before);
    await call('sync-control', { body: { ...ORDERS, action: 'resume' } });
  });

  it('of one endpoint is another one at the next', async () => {
    await post('sync-control', { ...ORDERS, action: 'resume' }, 'k');
    expect((await post('sync-history', ENTRY, 'k')).status).toBe(201);
  });

  it('keeps no secret that a caller has written into an answer', async () => {
    const options = { note: `Bearer ${OPS}`, password: 'open-sesame' };
    const send = () => post('sync-history', { ...ENTRY, options }, 'a-key-that-is-not-stored');
    expect((await send()).body).toEqual((await send()).body);
    expect(await count('synchistories')).toBe(1);
    const kept = JSON.stringify(await keys.find().toArray());
    expect(kept).not.toMatch(/ops-token-that-is|open-sesame|a-key-that-is-not-stored|\bops\b/);
  });
});
