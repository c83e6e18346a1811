import { beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/log.js';
import { startBackend } from '../support/backend.js';

type Line = Readonly<Record<string, unknown>> & { readonly msg: string };

const lines: Line[] = [];
const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
const lakePolicy = { attempts: 2, baseMs: 1, capMs: 1 };
const { call, lake } = await startBackend(
  { rows: 40 },
  {},
  {
    log: createLogger('info', destination),
    lakePolicy,
  },
);
await call('init-sync-config', { body: {} });
beforeEach(() => {
  lines.length = 0;
  lake.clearFaults();
});

async function run(tableId: string) {
  const { body, headers } = await call('sync-table', { body: { tableId } });
  return {
    body,
    ids: { table: tableId, jobId: body.jobId, requestId: headers.get('x-request-id') },
  };
}
const named = (message: string) => lines.filter(({ msg }) => msg === message);

describe('the log of a run', () => {
  it('has a line at the start and the end of run and slice, with ids, counts and outcome', async () => {
    const { body, ids } = await run('orders');
    const { processedRecords: read, insertedRecords: created } = body.stats;
    expect(lines.map(({ msg }) => msg)).toEqual([
      'run started',
      'slice started',
      'run ended',
      'slice ended',
    ]);
    for (const line of lines) expect(line).toMatchObject(ids);
    const end = { outcome: 'complete', counts: { read, created }, durationMs: expect.any(Number) };
    expect(named('run ended')).toMatchObject([end]);
    expect(named('slice ended')).toMatchObject([{ ...end, state: 'done' }]);
    expect(named('run started')).toMatchObject([{ trigger: 'api', mode: 'full' }]);
  });

  it('has a line for each call of the lake that is repeated', async () => {
    lake.fault({ kind: '500', on: 'result' });
    const { ids } = await run('receipt');
    expect(named('failed, is tried again')).toMatchObject([
      { ...ids, attempt: 1, waitMs: expect.any(Number), err: { code: 'LAKE_SERVER_ERROR' } },
    ]);
  });

  it('has both ids at its failure, and the outcome', async () => {
    lake.fault({ kind: 'failed', every: 1, word: 'No such object.' });
    const { ids } = await run('receiptdetail');
    expect(named('sync failed')).toMatchObject([{ ...ids, err: { code: 'LAKE_QUERY_FAILED' } }]);
    const end = { ...ids, outcome: 'failed', errorCode: 'LAKE_QUERY_FAILED' };
    expect(named('run ended')).toMatchObject([end]);
  });

  it('has a line for the pass of the schedule that works on it', async () => {
    await call('sync-run-due', { body: {} });
    expect(named('pass ended')).toMatchObject([
      { failed: 0, durationMs: expect.any(Number), requestId: expect.any(String) },
    ]);
    for (const line of named('slice ended')) {
      expect(line).toMatchObject({ table: expect.any(String), jobId: expect.any(String) });
    }
  });
});
