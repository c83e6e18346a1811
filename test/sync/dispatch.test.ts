import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createSender } from '../../src/api/worker-orders.js';
import { systemClock } from '../../src/clock.js';
import { createHttp } from '../../src/ion/http.js';
import { keepSecret } from '../../src/security/outside-text.js';
import { createSigner } from '../../src/security/signature.js';
import { advance } from '../../src/sync/advance.js';
import { BOUNDS } from '../../src/sync/bounds.js';
import { dispatch, type WorkOrder } from '../../src/sync/dispatch.js';
import { isToBeOrdered, silentRuns } from '../../src/sync/silent-runs.js';
import { startJob } from '../../src/sync/start.js';
import { runOrder } from '../../src/sync/worker.js';
import { type Answer, hang, reset, scriptedServer } from '../ion/scripted-server.js';
import { startBackend } from '../support/backend.js';
import { takeInto } from '../support/orders.js';

const site = await scriptedServer();
afterAll(() => site.close());
const { call, app, db, expectEqual } = await startBackend(
  { rows: 80 },
  { URL: site.url },
  { emptyPagePauseMs: 5 },
);
await call('init-sync-config', { body: {} });
const context = await app().sync();
const jobs = db.collection('syncjobs');
const configs = db.collection('syncconfigs');
const pass = () => call('sync-run-due', { body: {} });
const isDue = (tableId: string) =>
  configs.updateOne({ tableId }, { $set: { nextRunAt: new Date(0) } });
const lastJob = (tableId: string) => jobs.findOne({ tableId }, { sort: { _id: -1 } });
const isSilent = () => jobs.updateMany({ active: true }, { $set: { heartbeat: new Date(0) } });
const health = async () =>
  (await call('health', { query: { deep: '1' } })).body.checks as Record<string, object>;

const accepted: Answer = { status: 202 };
const page = { headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<html>' };
const REFUSALS: [string, Answer, { status?: number; reason: string }][] = [
  ['a page', { status: 200, ...page }, { status: 200, reason: 'answered 200 (text/html) ' }],
  ['a login', { status: 401, ...page }, { status: 401, reason: 'asks for a login' }],
  [
    'a redirect',
    { status: 301, headers: { location: 'https://evil.example' } },
    { status: 301, reason: 'a redirect' },
  ],
  ['an error', { status: 503 }, { status: 503, reason: 'answered 503' }],
  ['nothing', hang, { reason: 'did not answer in time' }],
  ['a broken connection', reset, { reason: 'connection to the site failed' }],
];

beforeEach(async () => {
  site.seen.length = 0;
  site.respond = () => accepted;
  await jobs.deleteMany({ active: true });
  await configs.updateMany({}, { $set: { nextRunAt: new Date(Date.now() + 3_600_000) } });
});

describe('a sender', () => {
  const signer = createSigner('secret', 'worker orders');
  const parts = { http: createHttp(), clock: systemClock, signer: () => signer };
  const order: WorkOrder = { jobId: '0123456789abcdef01234567', slot: 0, sequence: 1 };
  const send = (deadline = Date.now() + 500) => createSender(parts, site.url)(order, deadline);

  it('takes 202 for an acceptance', async () => {
    expect(await send()).toEqual({ accepted: true, status: 202 });
    expect(site.seen).toHaveLength(1);
  });

  it.each(REFUSALS)(
    'takes %s for a refusal, and says why',
    async (_, answer, { status, reason }) => {
      site.respond = () => answer;
      expect(await send()).toEqual({
        accepted: false,
        ...(status && { status }),
        reason: expect.stringContaining(reason),
      });
    },
  );

  it('keeps little of what a refusal calls its type, and no secret', async () => {
    keepSecret('client/secret+of-the-site');
    const type = `text/html client%2fsecret%2bof-the-site ${'x'.repeat(8_000)}`;
    site.respond = () => ({ status: 200, headers: { 'content-type': type } });
    const { reason = '' } = await send();
    expect(reason).toContain('text/html [secret]');
    expect(reason.length).toBeLessThan(200);
  });

  it('tries twice where the site failed, once where it refused', async () => {
    site.script({ status: 502 });
    expect(await send()).toMatchObject({ accepted: true });
    site.seen.length = 0;
    site.respond = () => ({ status: 401 });
    await send();
    expect(site.seen).toHaveLength(1);
  });

  it('sends nothing after its deadline, nor where no address is ours', async () => {
    expect(await send(Date.now() - 1)).toMatchObject({ accepted: false });
    expect(await createSender(parts, undefined)(order, Date.now() + 500)).toMatchObject({
      accepted: false,
    });
    expect(site.seen).toEqual([]);
  });
});

describe('a pass whose order is refused', () => {
  it('does the work itself; job and health say why', async () => {
    site.respond = () => ({ status: 401, ...page });
    await isDue('orders');
    await pass();
    await expectEqual('orders');
    const job = await lastJob('orders');
    const dispatch = { accepted: false, status: 401, reason: expect.stringContaining('login') };
    expect(job).toMatchObject({ outcome: 'complete', dispatch });
    const { body } = await call('sync-status', { query: { jobId: String(job?._id) } });
    expect(body.job).toMatchObject({ dispatch: { ...dispatch, at: expect.any(String) } });
    expect((await health()).schedule).toMatchObject({
      ok: true,
      lastDispatch: { ...dispatch, jobId: String(job?._id) },
    });
  });

  it('never orders at a host that the caller names', async () => {
    const other = await scriptedServer();
    other.respond = () => accepted;
    const { host } = new URL(other.url);
    await isDue('orders');
    await call('sync-run-due', { body: {}, headers: { 'x-forwarded-host': host, host } });
    expect(other.seen).toEqual([]);
    expect(site.seen).toHaveLength(1);
    await other.close();
  });
});

describe('an accepted order that nobody takes up', () => {
  it('is worked on by the next pass instead of being ordered again', async () => {
    await isDue('receipt');
    await pass();
    expect(await lastJob('receipt')).toMatchObject({ active: true, unclaimed: true });
    await isSilent();
    await pass();
    expect(site.seen).toHaveLength(1);
    expect(await lastJob('receipt')).toMatchObject({ outcome: 'complete', lostOrders: 1 });
    await expectEqual('receipt');
  });

  it('ends the orders of its run with the third one', async () => {
    const orders: WorkOrder[] = [];
    const { _id } = await startJob(context, { tableId: 'receipt', mode: 'full' }, 'api');
    // Every other pass orders; its successor finds that nobody came.
    for (let pass = 0; pass < 2 * BOUNDS.lostOrders + 2; pass++) {
      await isSilent();
      for (const run of await silentRuns(context)) {
        if (await isToBeOrdered(context, run)) await dispatch(context, takeInto(orders), run._id);
      }
    }
    expect(await jobs.findOne({ _id })).toMatchObject({ lostOrders: BOUNDS.lostOrders });
    expect(orders).toHaveLength(BOUNDS.lostOrders);
  });

  it('is forgotten when a worker comes', async () => {
    const { _id } = await startJob(context, { tableId: 'receiptdetail' }, 'api');
    await jobs.updateOne({ _id }, { $set: { lostOrders: 2, 'workers.0': 1 } });
    await advance(context, _id, Date.now() - 1);
    expect(await jobs.findOne({ _id })).toMatchObject({ lostOrders: 2 });
    await runOrder(context, takeInto([]), { jobId: String(_id), slot: 0, sequence: 1 }, 0);
    expect(await jobs.findOne({ _id })).not.toHaveProperty('lostOrders');
  });
});
