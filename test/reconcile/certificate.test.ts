import { mongo } from 'mongoose';
import { beforeEach, describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';

const { lake, call, db, expectEqual } = await startBackend(
  { rows: 200 },
  {},
  { emptyPagePauseMs: 5 },
);
await call('init-sync-config', { body: {} });
await call('sync-table', { body: { tableId: 'taskdetail', mode: 'full' } });
const rows = db.collection<{ _id: string } & Record<string, unknown>>('taskdetails');

async function reconcile(options: Record<string, unknown> = {}) {
  const body = { tableId: 'taskdetail', mode: 'reconcile', ...options };
  const answer = await call('sync-table', { body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  const certificate = await db
    .collection('synccertificates')
    .findOne({ tableId: 'taskdetail' }, { sort: { endedAt: -1 } });
  return { certificate, answer: answer.body };
}

beforeEach(async () => {
  lake.advance(3_600_000);
  await reconcile({ repair: true });
});

describe('a table that equals the lake', () => {
  it('has a certificate that says so, and the same listing has the same digest', async () => {
    const first = await reconcile();
    const second = await reconcile();
    expect(first.certificate).toMatchObject({ verdict: 'equal', remaining: 0, exceptions: [] });
    expect(first.certificate?.rows).toBe(first.certificate?.documents);
    expect(first.certificate?.digest).toBe(second.certificate?.digest);
    expect(first.certificate?.rows).toBeGreaterThan(0);
  });
});

describe('a document that is gone, older, newer or nobody knows', () => {
  it('is reported, and only that', async () => {
    const [one, two, three] = await rows.find({}).limit(3).toArray();
    await rows.deleteOne({ _id: one?._id ?? '' });
    await rows.updateOne({ _id: two?._id ?? '' }, { $set: { '_lake.modifiedAt': new Date(1) } });
    await rows.updateOne(
      { _id: three?._id ?? '' },
      { $set: { '_lake.modifiedAt': new Date('2040-01-01T00:00:00Z') } },
    );
    await rows.insertOne({
      ...three,
      _id: 'wmwhse1|0000099999',
      TASKDETAILKEY: '0000099999',
      SERIALKEY: 99_999,
    } as never);
    const { certificate } = await reconcile();
    expect(certificate).toMatchObject({
      verdict: 'different',
      remaining: 4,
      counts: { missing: 1, stale: 1, newer: 1, extra: 1 },
    });
    const repaired = await reconcile({ repair: true });
    expect(repaired.certificate).toMatchObject({ verdict: 'different', repaired: 3, remaining: 1 });
    await rows.deleteOne({ _id: 'wmwhse1|0000099999' });
    await expectEqual('taskdetail');
  });
});

describe('a document with another value in the right version', () => {
  it('is seen by a deep reconcile only, and repaired by one', async () => {
    const one = await rows.findOne({});
    const filter = { _id: one?._id ?? '' };
    await rows.updateOne(filter, { $set: { STATUS: 'tampered' } });
    expect((await reconcile({ repair: true })).certificate).toMatchObject({ verdict: 'equal' });
    const { certificate } = await reconcile({ deep: true });
    expect(certificate).toMatchObject({
      verdict: 'different',
      remaining: 1,
      counts: { content: 1 },
    });
    const repaired = await reconcile({ deep: true, repair: true });
    expect(repaired.certificate).toMatchObject({ verdict: 'repaired', repaired: 1, remaining: 0 });
    expect(await rows.findOne(filter)).toEqual(one);
    await expectEqual('taskdetail');
  });

  it('is seen where only the type of a number is another', async () => {
    const one = await rows.findOne({ QTY: { $type: 'number' } });
    const filter = { _id: one?._id ?? '' };
    const long = mongo.Long.fromNumber(Math.trunc(Number(one?.QTY)));
    await rows.updateOne(filter, { $set: { QTY: long } });
    const { certificate } = await reconcile({ deep: true, repair: true });
    expect(certificate).toMatchObject({ verdict: 'repaired', counts: { content: 1 } });
  });
});
