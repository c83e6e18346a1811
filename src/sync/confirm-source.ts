import { AppError } from '../errors/app-error.js';
import type { TableDefinition } from '../tables/table.js';
import type { SyncContext } from './context.js';
import { factsOfRows } from './start.js';

/**
 * Switches a table to the present tenant and gateway. Its rows so far are moved to a collection of
 * their own: among the new tenant's they would be wrong, and newer ones would block the new
 * tenant's versions. The next run is a full one.
 * @returns whether there was anything to confirm, and the collection that the rows were moved to
 * @throws CONFIG_NOT_FOUND, SYNC_RUNNING
 */
export async function confirmSource(
  context: SyncContext,
  table: TableDefinition,
): Promise<{ confirmed: boolean; setAside?: string }> {
  const { lake } = context;
  const { tableId } = table;
  const config = await context.store.configs.find(tableId);
  if (!config) throw new AppError('CONFIG_NOT_FOUND');
  const { sourceHash = config.sourceHash } = await factsOfRows(context, config);
  if (sourceHash === undefined || sourceHash === lake.sourceHash) {
    return { confirmed: false };
  }
  const running = await context.store.jobs.active(tableId);
  if (running) {
    throw new AppError('SYNC_RUNNING', undefined, {
      details: [{ message: 'the active run', jobId: String(running._id) }],
    });
  }

  await refuseWhileWriting(context, tableId);

  const rows = context.store.rows(tableId);
  const setAside = `${table.collection}_before_${context.clock.now()}`;
  const any = !(await rows.isEmpty());
  if (any) await rows.setAside(setAside);
  await context.store.rejects.closeSetAside(tableId);
  await context.store.configs.changeSource(config, lake.sourceHash);
  return { confirmed: true, ...(any && { setAside }) };
}

/** A worker of a run that has just been ended may still write the page that it has fetched. */
async function refuseWhileWriting(context: SyncContext, tableId: string): Promise<void> {
  const since = new Date(context.clock.now() - context.leaseMs);
  const job = await context.store.jobs.failedSince(tableId, since);
  if (!job) return;
  throw new AppError(
    'SYNC_RUNNING',
    'A run of this table has just been ended; one of its workers may still be writing. Try again in a minute.',
    {
      details: [{ message: 'the run that was ended', jobId: String(job._id) }],
    },
  );
}
