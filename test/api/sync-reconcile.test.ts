import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';

const READ_TOKEN = 'a-read-token-that-is-no-secret';
const RECEIPTS = 'CSWMS_wmwhse_RECEIPT';
const { lake, call, sync, db, app } = await startBackend(
  { rows: 0 },
  { API_READ_TOKEN: READ_TOKEN },
  { emptyPagePauseMs: 5 },
);
await call('init-sync-config', { body: {} });
// In batches, each with an index time of its own; the last is so late that a run reads only that again.
for (let batch = 0; batch < 10; batch++) {
  const rows = [0, 1, 2].map((at) => ({
    ...{ SERIALKEY: 10 * batch + at + 1, WHSEID: 'wmwhse1', RECEIPTKEY: `${batch}-${at}` },
  }));
  await lake.insert(RECEIPTS, rows);
  lake.advance(batch === 8 ? 7_200_000 : 60_000);
}
const differences = db.collection('syncdifferences');
const UNKNOWN = '0123456789abcdef01234567';

interface Answer {
  certificate: Record<string, unknown>;
  differences: Record<string, unknown>[];
  heldDeletes: unknown;
  pagination: { total: number; nextCursor: string | null };
}
const look = async (query: Record<string, string>, options = {}) => {
  const { status, body } = await call('sync-reconcile', { query, ...options });
  return { status, body: body as unknown as Answer & { code?: string } };
};
const reconcile = () => sync('receipt', { mode: 'reconcile' });

describe('before any reconcile', () => {
  it.each([
    [{ tableId: 'receipt' }, 404, 'CERTIFICATE_NOT_FOUND'],
    [{ jobId: UNKNOWN }, 404, 'CERTIFICATE_NOT_FOUND'],
    [{ tableId: 'nope' }, 400, 'UNKNOWN_TABLE'],
    [{ tableId: 'nope', jobId: UNKNOWN }, 400, 'UNKNOWN_TABLE'],
    [{}, 400, 'VALIDATION_FAILED'],
    [{ tableId: '', jobId: '' }, 400, 'VALIDATION_FAILED'],
    [{ jobId: 'nope' }, 400, 'VALIDATION_FAILED'],
    [{ tableId: 'receipt', limit: '0' }, 400, 'VALIDATION_FAILED'],
  ])('%j is answered with %d %s', async (query, status, code) => {
    const reply = await look(query as Record<string, string>);
    expect({ status: reply.status, code: reply.body.code }).toEqual({ status, code });
  });
});

describe('the certificate', () => {
  it('of an equal table says so, and has no differences', async () => {
    await sync('receipt');
    const { jobId } = await reconcile();
    const { status, body } = await look({ tableId: 'receipt' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      certificate: {
        jobId,
        tableId: 'receipt',
        verdict: 'equal',
        asOf: expect.any(String),
        remaining: 0,
        held: 0,
        exceptions: [],
        cost: { queries: expect.any(Number), functionSeconds: expect.any(Number) },
      },
      differences: [],
      heldDeletes: null,
      pagination: { total: 0, page: 1, nextCursor: null },
    });
    expect(body.certificate).not.toHaveProperty('_id');
    expect(body.certificate.rows).toBe(body.certificate.documents);
  });

  it('of an earlier run is found by its job', async () => {
    const { body: earlier } = await look({ tableId: 'receipt' });
    const { jobId } = await reconcile();
    expect((await look({ tableId: 'receipt' })).body.certificate.jobId).toBe(jobId);
    const before = String(earlier.certificate.jobId);
    expect((await look({ jobId: before })).body.certificate).toEqual(earlier.certificate);
    expect((await look({ jobId: before, tableId: 'receipt' })).status).toBe(200);
    expect((await look({ jobId: before, tableId: 'orders' })).body.code).toBe(
      'CERTIFICATE_NOT_FOUND',
    );
  });

  it('is in the statistics of its table, and of all tables', async () => {
    const { body } = await look({ tableId: 'receipt' });
    const { verdict, asOf, remaining, held, jobId } = body.certificate;
    const summary = { verdict, asOf, remaining, held, jobId };
    const { body: one } = await call('sync-stats', { query: { tableId: 'receipt' } });
    expect(one.certificate).toEqual(summary);
    const { body: all } = await call('sync-stats');
    const tables = all.tables as { tableId: string; certificate: unknown }[];
    expect(tables.find(({ tableId }) => tableId === 'receipt')?.certificate).toEqual(summary);
    expect(tables.find(({ tableId }) => tableId === 'orders')?.certificate).toBeNull();
  });

  it('shows in the job, without how far the comparison was', async () => {
    const { jobId } = await reconcile();
    const { body } = await call('sync-status', { query: { jobId } });
    expect(body.job.reconcile).toEqual({
      repair: false,
      asOf: expect.any(String),
      result: { verdict: 'equal', repaired: 0, remaining: 0, held: 0 },
      cost: expect.any(Object),
    });
  });
});

describe('differences', () => {
  it('are listed with their keys and kinds, the oldest first, and stay until they are resolved', async () => {
    const rows = db.collection('receipts');
    const [removed, ...edited] = await rows.find({ RECEIPTKEY: /^0/ }).limit(3).toArray();
    if (removed) await rows.deleteOne({ _id: removed._id });
    for (const { _id } of edited) {
      await rows.updateOne({ _id }, { $set: { '_lake.modifiedAt': new Date('2001-01-01') } });
    }
    await reconcile();
    const { body } = await look({ tableId: 'receipt' });
    expect(body.certificate).toMatchObject({
      verdict: 'different',
      remaining: 3,
      counts: { missing: 1, stale: 2 },
    });
    expect(body.differences.map(({ key }) => key).sort()).toEqual(
      [removed, ...edited].map((one) => String(one?._id)).sort(),
    );
    expect(body.differences.find(({ key }) => key === String(removed?._id))).toEqual({
      _id: expect.any(String),
      tableId: 'receipt',
      key: String(removed?._id),
      kind: 'missing',
      jobId: body.certificate.jobId,
      firstSeenAt: expect.any(String),
      lastSeenAt: expect.any(String),
      lakeModifiedAt: expect.any(String),
    });
    // A second reconcile sees them again, and their age goes on.
    await reconcile();
    const again = await look({ tableId: 'receipt' });
    const ages = ({ differences }: Answer) => differences.map(({ firstSeenAt }) => firstSeenAt);
    expect(ages(again.body)).toEqual(ages(body));
  });

  it('can be paged through by number and by cursor', async () => {
    const all = (await look({ tableId: 'receipt' })).body.differences;
    const byNumber: unknown[] = [];
    const byCursor: unknown[] = [];
    let cursor: string | null = null;
    for (let page = 1; page <= all.length; page++) {
      const query = { tableId: 'receipt', limit: '1' };
      const numbered = await look({ ...query, page: String(page) });
      byNumber.push(...numbered.body.differences);
      const next = await look({ ...query, ...(cursor !== null && { cursor }) });
      byCursor.push(...next.body.differences);
      cursor = next.body.pagination.nextCursor;
      expect(next.body.pagination.total).toBe(all.length);
    }
    expect({ byNumber, byCursor, cursor }).toEqual({ byNumber: all, byCursor: all, cursor: null });
    const both = await look({ tableId: 'receipt', page: '1', cursor: 'x' });
    expect(both.status).toBe(400);
  });

  it('are shown to a read token, keys and times only', async () => {
    const { status, body } = await look({ tableId: 'receipt' }, { token: READ_TOKEN });
    expect(status).toBe(200);
    const known = [
      ...['_id', 'tableId', 'key', 'kind', 'jobId', 'firstSeenAt', 'lastSeenAt'],
      ...['lakeModifiedAt', 'storedModifiedAt', 'serialKey', 'absentSince', 'heldIn'],
    ];
    const fields = new Set(body.differences.flatMap((one) => Object.keys(one)));
    expect([...fields].filter((field) => !known.includes(field))).toEqual([]);
  });

  it('are gone from the list when a repair has mended them', async () => {
    await sync('receipt', { mode: 'reconcile', repair: true });
    const { body } = await look({ tableId: 'receipt' });
    expect(body).toMatchObject({
      certificate: { verdict: 'repaired', repaired: 3, remaining: 0 },
      differences: [],
    });
  });
});

describe('an export', () => {
  const accept = 'application/x-ndjson';
  const MANY = 2_500;
  const exported = async (headers: Record<string, string>, method = 'GET') => {
    const { default: handle } = await import('../../netlify/functions/sync-reconcile.js');
    const url = 'http://localhost/.netlify/functions/sync-reconcile?tableId=receipt&limit=1';
    const request = new Request(url, {
      method,
      headers: { authorization: `Bearer ${process.env.API_TOKEN}`, ...headers },
    });
    const response = await handle(request, {} as never);
    return { response, text: await response.text() };
  };

  it('has one JSON object a line, of all differences, whatever the page', async () => {
    const jobId = (await db.collection('synccertificates').findOne({}))?._id;
    const at = (i: number) => new Date(Date.UTC(2026, 0, 1, 0, i % 7));
    await differences.insertMany(
      Array.from({ length: MANY }, (_, i) => ({
        ...{ tableId: 'receipt', key: `wmwhse1|made-up-${i}`, kind: 'missing', open: true, jobId },
        ...{ firstSeenAt: at(i), lastSeenAt: at(i) },
      })),
    );
    const { response, text } = await exported({ accept: `text/html;q=0.5, ${accept}; q=1` });
    expect(response.headers.get('content-type')).toMatch(/^application\/x-ndjson/);
    expect(text.endsWith('}\n')).toBe(true);
    const lines = text.trimEnd().split('\n');
    const keys = lines.map((line) => JSON.parse(line).key);
    expect({ lines: lines.length, distinct: new Set(keys).size }).toEqual({
      lines: MANY,
      distinct: MANY,
    });
    const times = lines.map((line) => JSON.parse(line).firstSeenAt);
    expect(times).toEqual([...times].sort());
  });

  it('is not what other requests get, nor HEAD with a body', async () => {
    const { response } = await exported({ accept: 'application/json' });
    expect(response.headers.get('content-type')).toBe('application/json');
    const head = await exported({ accept }, 'HEAD');
    expect({ status: head.response.status, text: head.text }).toEqual({ status: 200, text: '' });
  });

  it('that breaks off in the middle is no whole answer', async () => {
    const { differences: real } = await app().store();
    const Store = Object.getPrototypeOf(real).constructor;
    const openPages = Store.prototype.openPages;
    Store.prototype.openPages = async function* (...given: unknown[]) {
      for await (const page of openPages.apply(this, given)) {
        yield page;
        throw new Error('the connection is lost');
      }
    };
    try {
      await expect(exported({ accept })).rejects.toThrow();
    } finally {
      Store.prototype.openPages = openPages;
    }
    await differences.deleteMany({ key: /made-up/ });
  });
});

describe('a held list of deletes', () => {
  const control = (action: string, hash: string, tableId = 'receipt') =>
    call('sync-control', { body: { action, tableId, hash } });
  const held = async () =>
    (await look({ tableId: 'receipt' })).body.heldDeletes as {
      hash: string;
      deletes: number;
      reasons: string[];
      confirmableUntil: string;
      createdAt: string;
    } | null;
  const live = () => db.collection('receipts').countDocuments({ '_lake.deletedAt': null });
  /** The first absence of what is absent is as long ago as it takes. */
  const longAgo = () =>
    differences.updateMany(
      { absentSince: { $exists: true } },
      {
        $set: { absentSince: new Date(Date.now() - 86_400_000) },
      },
    );
  const repair = () => sync('receipt', { mode: 'reconcile', repair: true });
  const audit = async () => (await call('sync-audit')).body.changes as Record<string, unknown>[];

  it('is shown with its hash, its reasons and until when it can be confirmed', async () => {
    const before = await live();
    for (let batch = 0; batch < 7; batch++) {
      for (const at of [0, 1, 2]) await lake.delete(RECEIPTS, { RECEIPTKEY: `${batch}-${at}` });
    }
    await repair();
    await longAgo();
    expect(await held()).toBeNull();
    const { body } = await call('sync-table', {
      body: { tableId: 'receipt', mode: 'reconcile', repair: true },
    });
    const list = await held();
    expect(list).toMatchObject({ hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(list?.reasons).toContain('half_of_table');
    expect(list?.deletes).toBe(21);
    expect(body.warnings).toContain(`deletes that wait for a confirmation: ${list?.deletes}`);
    const waits = Date.parse(list?.confirmableUntil ?? '') - Date.parse(list?.createdAt ?? '');
    expect(waits).toBe(7 * 86_400_000);
    expect(await live()).toBe(before);
  });

  it('is exactly the differences that are asked for with held=true', async () => {
    const missing = await db.collection('receipts').findOneAndDelete({ RECEIPTKEY: '8-0' });
    await reconcile();
    const all = await look({ tableId: 'receipt', limit: '100' });
    const onList = await look({ tableId: 'receipt', held: 'true', limit: '100' });
    const hash = (await held())?.hash;
    expect(all.body.differences.length).toBeGreaterThan(onList.body.differences.length);
    expect(onList.body.pagination.total).toBe(21);
    expect(onList.body.differences.map(({ heldIn }) => heldIn)).toEqual(Array(21).fill(hash));
    await db.collection('receipts').insertOne(missing ?? {});
  });

  it.each(['confirm-deletes', 'discard-deletes'])(
    'is not touched by %s with another hash, or for another table',
    async (action) => {
      const list = await held();
      const stale = await control(action, 'a'.repeat(64));
      expect({ status: stale.status, code: stale.body.code }).toEqual({
        status: 409,
        code: 'DELETES_NOT_HELD',
      });
      expect((await control(action, list?.hash ?? '', 'orders')).body.code).toBe(
        'DELETES_NOT_HELD',
      );
      expect((await control(action, list?.hash ?? '', 'nope')).body.code).toBe('UNKNOWN_TABLE');
      expect((await control(action, 'nope')).body.details[0]?.field).toBe('hash');
      const bare = await call('sync-control', { body: { action, tableId: 'receipt' } });
      expect(bare.body.details[0]?.field).toBe('hash');
      expect(await held()).toEqual(list);
    },
  );

  it('can be confirmed for seven days', async () => {
    const list = await held();
    const lists = db.collection('syncdeletelists');
    const set = (createdAt: Date) => lists.updateOne({ state: 'held' }, { $set: { createdAt } });
    await set(new Date(Date.now() - 7 * 86_400_000 - 1_000));
    const { status, body } = await control('confirm-deletes', list?.hash ?? '');
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'DELETES_NOT_HELD' });
    expect(body.details[0]?.message).toContain('7 days');
    await set(new Date(list?.createdAt ?? ''));
  });

  it('is dropped by discard-deletes: nothing is deleted, and its documents are absent from now on', async () => {
    const list = await held();
    const before = await live();
    const { status, body } = await control('discard-deletes', list?.hash ?? '');
    expect({ status, deletes: body.deletes }).toEqual({ status: 200, deletes: list?.deletes });
    expect(await held()).toBeNull();
    const again = await control('discard-deletes', list?.hash ?? '');
    expect(again.body.details[0]?.message).toContain('discarded');
    await repair();
    expect({ held: await held(), live: await live() }).toEqual({ held: null, live: before });
    expect((await audit())[1]).toMatchObject({
      action: 'table.discard-deletes',
      target: 'receipt',
      after: { hash: list?.hash, deletes: list?.deletes },
    });
  });

  it('is carried out by confirm-deletes, in a run of its own', async () => {
    await longAgo();
    await repair();
    const list = await held();
    const before = await live();
    const { status, body } = await control('confirm-deletes', list?.hash ?? '');
    expect({ status, reconcile: body.reconcile }, JSON.stringify(body)).toMatchObject({
      status: 200,
      reconcile: { repaired: list?.deletes, held: 0 },
    });
    expect(await live()).toBe(before - (list?.deletes ?? 0));
    expect(await held()).toBeNull();
    const { body: job } = await call('sync-status', { query: { jobId: body.jobId } });
    expect(job.job.reconcile).toMatchObject({ confirms: list?.hash });
    expect((await audit())[0]).toMatchObject({
      action: 'table.confirm-deletes',
      tableId: 'receipt',
      after: { hash: list?.hash, deletes: list?.deletes, jobId: body.jobId },
    });
    const { body: after } = await look({ tableId: 'receipt' });
    expect(after.certificate.jobId).not.toBe(body.jobId);
    const { jobId } = await reconcile();
    expect((await look({ jobId })).body.certificate).toMatchObject({ verdict: 'equal' });
    const twice = await control('confirm-deletes', list?.hash ?? '');
    expect(twice.body.code).toBe('DELETES_NOT_HELD');
  });

  it('is not confirmed by a read token, nor more often than starts are allowed', async () => {
    const read = await call('sync-control', {
      body: { action: 'confirm-deletes', tableId: 'receipt', hash: 'a'.repeat(64) },
      token: READ_TOKEN,
    });
    expect(read.status).toBe(403);
  });
});
