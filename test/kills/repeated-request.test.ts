import { expect, it } from 'vitest';
import type { Services } from '../../src/api/services.js';
import { syncTable } from '../../src/api/sync-table.js';
import { serve } from '../../src/http/serve.js';
import { createStore } from '../../src/store/store.js';
import { advance } from '../../src/sync/advance.js';
import { startBackend } from '../support/backend.js';
import { dyingAfter } from '../support/dying-models.js';
import { strideOf } from '../support/tier.js';

const { app, call, db, expectEqual } = await startBackend(
  { rows: 20 },
  {},
  { leaseMs: 100, quotaMinuteMs: 1_000 },
);
await call('init-sync-config', { body: {} });
const context = await app().sync();
const [jobs, entries] = [db.collection('syncjobs'), db.collection('synchistories')];
const BODY = { tableId: 'receipt', mode: 'full' };

/** The first request with the key; its process dies after so many calls of MongoDB. */
async function requestUntilDeath(key: string, calls: number): Promise<boolean> {
  const { models, died } = dyingAfter(await app().models(), calls);
  const store = createStore(models, { clock: context.clock });
  const doomed: Services = {
    ...app(),
    store: async () => store,
    sync: async () => ({ ...context, store }),
  };
  const request = new Request('http://localhost/.netlify/functions/sync-table', {
    method: 'POST',
    headers: {
      authorization: `Bearer ${process.env.API_TOKEN}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify(BODY),
  });
  const { status } = await serve(syncTable, () => doomed)(request);
  expect(died() || status === 200, `after ${calls} calls: ${status}`).toBe(true);
  return died();
}

/** Nobody is going to wait 90 seconds for it. */
function endLease() {
  const leaseUntil = { $exists: true };
  return db
    .collection('syncidempotencykeys')
    .updateMany({ leaseUntil }, { $set: { leaseUntil: new Date(0) } });
}

it('A request that dies between any two calls of MongoDB has one run, however often it is repeated', {
  timeout: 240_000,
}, async () => {
  // The start call by call in the long tests, what follows with larger steps.
  for (let calls = 1, died = true; died; calls += calls < 16 ? strideOf(2) : 7) {
    const key = `key-${calls}`;
    const before = [await jobs.countDocuments(), await entries.countDocuments()];
    died = await requestUntilDeath(key, calls);
    await endLease();
    const repeat = () => call('sync-table', { body: BODY, headers: { 'idempotency-key': key } });
    const [first, second] = [await repeat(), await repeat()];
    expect([200, 202], JSON.stringify({ calls, body: first.body })).toContain(first.status);
    expect(second.body).toEqual(first.body);
    const job = await jobs.findOne({}, { sort: { createdAt: -1 } });
    expect(String(job?._id)).toBe(first.body.jobId);
    if (job) {
      await expect
        .poll(async () => (await advance(context, job._id, Date.now() + 20_000)).state)
        .toBe('done');
    }
    const after = [await jobs.countDocuments(), await entries.countDocuments()];
    expect(after, `jobs and entries after ${calls} calls`).toEqual(before.map((n) => n + 1));
  }
  await expectEqual('receipt');
});
