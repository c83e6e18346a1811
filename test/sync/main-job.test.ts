import { describe, expect, it } from 'vitest';
import { TABLES } from '../../src/tables/registry.js';
import { startBackend } from '../support/backend.js';

const backend = await startBackend();
const { lake, call, sync, expectEqual } = backend;
const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const HOUR_MS = 3_600_000;

await call('init-sync-config', { body: {} });

describe('a first run', () => {
  it.each(TABLES.map((table) => table.tableId))('brings %s in, value by value', async (tableId) => {
    const { stats, mode, outcome } = await sync(tableId);
    expect({ mode, outcome }).toEqual({ mode: 'full', outcome: 'complete' });
    expect(stats.processedRecords).toBeGreaterThan(0);
    expect(stats.insertedRecords).toBe(stats.processedRecords);
    await expectEqual(tableId);
  });
});

describe('a full run over unchanged rows', () => {
  it('modifies no document', async () => {
    const { stats } = await sync('taskdetail', { mode: 'full' });
    expect(stats.unchangedRecords).toBe(stats.processedRecords);
    expect(stats.processedRecords).toBe((await lake.rows(TASKS)).length);
  });
});

describe('an incremental run', () => {
  it('reads what changed and the lookback, no more', async () => {
    lake.advance(2 * HOUR_MS);
    const keys = (await lake.rows(TASKS)).map((row) => row.TASKDETAILKEY ?? '').sort();
    const key = (index: number) => ({ TASKDETAILKEY: keys[index] ?? '' });
    const edited = await lake.edit(TASKS, key(0), { STATUS: 'X', QTY: '7.50000' });
    const emptied = await lake.edit(TASKS, key(50), { STATUS: 'X', UOM: null });
    const deleted = await lake.delete(TASKS, key(100));

    const { stats, mode } = await sync('taskdetail');
    expect(mode).toBe('incremental');
    expect(stats.updatedRecords).toBe(edited + emptied + deleted);
    expect(stats.deletedRecords).toBe(deleted);
    expect(stats.processedRecords).toBeLessThan(60);
    await expectEqual('taskdetail');
  });
});
