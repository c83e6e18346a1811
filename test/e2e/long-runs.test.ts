import { afterAll, describe, expect, it } from 'vitest';
import { compareTable } from '../../dev/compare/compare.js';
import { ionVariables, startLake } from '../../dev/lake/index.js';
import { startRuntime } from '../../dev/runtime/index.js';
import { createRegistry, TABLES } from '../../src/tables/registry.js';
import { testDatabase } from '../support/database.js';

const TOKEN = 'test-token-that-is-no-secret';
const { uri, db } = await testDatabase();
const lake = await startLake({ rows: 600 });
const runtime = await startRuntime({
  env: { ...ionVariables(lake), MONGODB_URI: uri, API_TOKEN: TOKEN, LOG_LEVEL: 'silent' },
});
afterAll(async () => {
  await runtime.close();
  await lake.close();
});

async function call(path: string, body?: unknown) {
  const response = await fetch(`${runtime.url}/api/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe("in Netlify's local runtime", () => {
  it('a run that is only started is brought to its end by the background function', async () => {
    await call('init-sync-config', {});
    lake.configure({ pageLatencyMs: 100 });
    const started = await call('sync-table', { tableId: 'taskdetail', wait: 0, batchSize: 60 });
    expect(started.status).toBe(202);
    expect(started.body).toMatchObject({
      jobId: expect.stringMatching(/^[0-9a-f]{24}$/),
      statusUrl: expect.stringContaining(String(started.body.jobId)),
    });
    const seen = new Set<string>();
    const status = async () => {
      const { body } = await call(`sync-status?jobId=${started.body.jobId}`);
      const job = body.job as { status: string };
      seen.add(job.status);
      return job.status;
    };
    await expect.poll(status, { timeout: 100_000, interval: 200 }).toBe('completed');
    expect([...seen]).toContain('in_progress');
    lake.configure({ pageLatencyMs: 0 });
    const table = createRegistry(TABLES).get('taskdetail');
    expect((await compareTable(lake, db, table)).differences).toEqual([]);
  }, 120_000);

  it('the schedule starts what is due, by its own trigger', async () => {
    const response = await runtime.invokeScheduled('scheduled-sync');
    expect(response.status).toBe(200);
    const body = (await response.json()) as { syncedTables: { tableId: string }[] };
    expect(body.syncedTables.map(({ tableId }) => tableId).sort()).toEqual([
      'orderdetail',
      'orders',
      'receipt',
      'receiptdetail',
    ]);
    const active = async () => ((await call('sync-status')).body.jobs as unknown[]).length;
    await expect.poll(active, { timeout: 100_000, interval: 200 }).toBe(0);
    for (const table of TABLES) {
      expect((await compareTable(lake, db, table)).differences).toEqual([]);
    }
  }, 120_000);
});
