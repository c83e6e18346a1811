import { Types } from 'mongoose';
import { beforeEach, describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';

const { call, sync, db } = await startBackend({ rows: 20 });
await call('init-sync-config', { body: {} });

const put = (id: string, body: unknown) =>
  call('update-sync-history', { method: 'PUT', query: { id }, body });
const stored = (id: string) =>
  db.collection('synchistories').findOne({ _id: new Types.ObjectId(id) });

let id = '';
beforeEach(async () => {
  const { body } = await call('sync-history', {
    body: {
      tableId: 'orders',
      tableName: 'Orders',
      syncJobId: '65a0000000000000000000aa',
      startTime: '2026-01-02T00:00:00.000Z',
    },
  });
  id = String(body._id);
});

describe('PUT update-sync-history', () => {
  it('corrects what is given and answers with the whole entry', async () => {
    const { status, body } = await put(id, {
      status: 'failed',
      endTime: '2026-01-02T00:00:02.500Z',
      recordsProcessed: 5,
      recordsError: 5,
      error: { message: 'the site went to sleep' },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      _id: id,
      tableId: 'orders',
      status: 'failed',
      startTime: '2026-01-02T00:00:00.000Z',
      endTime: '2026-01-02T00:00:02.500Z',
      duration: 2.5,
      durationMs: 2_500,
      recordsProcessed: 5,
      recordsInserted: 0,
      error: 'the site went to sleep',
    });
    expect(await stored(id)).toMatchObject({ status: 'failed', durationMs: 2_500 });
  });

  it('leaves what is not given as it was', async () => {
    await put(id, { recordsInserted: 3, options: { note: 'a' } });
    const { body } = await put(id, { recordsUpdated: 4 });
    expect(body).toMatchObject({ recordsInserted: 3, recordsUpdated: 4, options: { note: 'a' } });
  });

  it.each([
    ['follows a new end', { endTime: '2026-01-02T00:00:09Z' }, 9],
    ['follows a new start', { startTime: '2026-01-01T23:59:59Z' }, 5],
    ['is taken where it is given with a new end', { endTime: '2026-01-03', duration: 1 }, 1],
    ['is taken alone', { duration: 2 }, 2],
    ['may have a fraction', { duration: 0.25 }, 0.25],
    ['may be given in milliseconds', { durationMs: 1_250 }, 1.25],
    ['stays where the times stay', { endTime: '2026-01-02T00:00:04.000Z' }, 4],
  ])('has a duration that %s', async (_how, changes, duration) => {
    await put(id, { endTime: '2026-01-02T00:00:04.000Z' });
    expect((await put(id, changes)).body.duration).toBe(duration);
  });

  it('takes an end and an error back by null', async () => {
    await put(id, { endTime: '2026-01-02T00:00:04.000Z', error: 'none, really' });
    const { body } = await put(id, { endTime: null, error: null, status: 'in_progress' });
    for (const field of ['endTime', 'duration', 'error']) expect(body).not.toHaveProperty(field);
  });

  it('takes digits, and nothing from a field that is not filled in', async () => {
    const first = await put(id, {
      status: 'completed',
      endTime: '2026-01-02T00:00:04.000Z',
      recordsProcessed: '12',
      duration: '2.5',
      error: 'a',
    });
    expect(first.body).toMatchObject({ recordsProcessed: 12, duration: 2.5 });
    for (const blank of [null, '']) {
      const names = ['status', 'startTime', 'recordsProcessed', 'recordsDeleted', 'options'];
      const blanks = Object.fromEntries(names.map((name) => [name, blank]));
      const { status, body } = await put(id, { ...blanks, error: blank });
      const { error: _, updatedAt: _u, ...rest } = first.body;
      expect({ status, body }).toMatchObject({ status: 200, body: rest });
      expect(body).not.toHaveProperty('error');
    }
    const { body } = await put(id, { endTime: '', duration: '', errorDetails: '' });
    expect(body).not.toHaveProperty('endTime');
  });

  it('works on an entry that was got, edited and sent back', async () => {
    const { historyId } = await sync('orders');
    const { body: page } = await call('sync-history', { query: { tableId: 'orders' } });
    const entries = page.history as unknown as { _id: string }[];
    const entry = entries.find(({ _id }) => _id === historyId);
    const before = await stored(historyId);
    const { status, body } = await put(historyId, { ...entry, recordsInserted: 1 });
    expect({ status, body }).toMatchObject({ status: 200, body: { recordsInserted: 1 } });
    expect(await stored(historyId)).toEqual({
      ...before,
      recordsInserted: 1,
      updatedAt: expect.any(Date),
      tally: { seq: expect.any(Number) },
    });
  });

  it('gives a got entry the duration of its new end', async () => {
    await put(id, { endTime: '2026-01-02T00:00:04.000Z' });
    const { body: got } = await put(id, {});
    const { body } = await put(id, { ...got, endTime: '2026-01-02T00:00:06.000Z' });
    expect(body).toMatchObject({ duration: 6, durationMs: 6_000 });
  });

  it('drops an outcome that the new status denies, and keeps one that it does not', async () => {
    const { historyId, outcome } = await sync('receipt');
    expect((await put(historyId, { status: 'completed' })).body.outcome).toBe(outcome);
    expect((await put(historyId, { status: 'failed' })).body).not.toHaveProperty('outcome');
  });

  it.each([
    ['status', { status: 'finished' }],
    ['endTime', { endTime: '2026-01-01T00:00:00Z' }],
    ['endTime', { endTime: 'now' }],
    ['recordsProcessed', { recordsProcessed: -1 }],
    ['recordsDeleted', { recordsDeleted: 'one' }],
    ['recordsDeleted', { recordsDeleted: '1.5' }],
    ['duration', { duration: -0.5 }],
    ['durationMs', { durationMs: 0.5 }],
    ['errorCode', { errorCode: 5 }],
    ['errorDetails', { errorDetails: 'none' }],
    ['error', { error: 404 }],
    ['records', { records: 1 }],
  ])('refuses a wrong %s: %j', async (field, changes) => {
    const before = await stored(id);
    const { status, body } = await put(id, changes);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
    expect(body.details.map((detail) => detail.field)).toEqual([field]);
    expect(await stored(id)).toEqual(before);
  });

  it.each(['', 'abc', '{"$gt": ""}', '65a0'])('refuses the malformed id %j', async (wrong) => {
    const { status, body } = await put(wrong, { status: 'failed' });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
    expect(body.details[0]?.field).toBe('id');
  });

  it('refuses a request without id', async () => {
    const { status, body } = await call('update-sync-history', { method: 'PUT', body: {} });
    expect({ status, field: body.details[0]?.field }).toEqual({ status: 400, field: 'id' });
  });

  it('answers 404 for an id that nothing has', async () => {
    const { status, body } = await put('65a0000000000000000000ff', { status: 'failed' });
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'HISTORY_NOT_FOUND' });
  });
});
