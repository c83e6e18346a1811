import { native } from '../db/native.js';
import { renameCollection } from '../db/rename.js';
import { withRetry } from '../db/retry.js';
import { AppError } from '../errors/app-error.js';
import type { TableDefinition } from '../tables/table.js';
import type { SyncContext } from './context.js';
import { factsOfRows } from './start.js';

/**
 * Lets a table go on from another tenant or gateway. Its rows so far are set aside in a
 * collection of their own: among the new tenant's they would be wrong, and where they are
 * newer they would keep the new ones out. The next run is a full one.
 * @returns whether there was anything to confirm, and the collection that the rows went to
 * @throws CONFIG_NOT_FOUND, SYNC_RUNNING
 */
export async function confirmSource(
  context: SyncContext,
  table: TableDefinition,
): Promise<{ confirmed: boolean; setAside?: string }> {
  const { models, lake } = context;
  const { tableId } = table;
  const configs = native(models.configs);
  const config = await withRetry(() => configs.findOne({ tableId }), context);
  if (!config) throw new AppError('CONFIG_NOT_FOUND');
  const { sourceHash = config.sourceHash } = await factsOfRows(context, config);
  if (sourceHash === undefined || sourceHash === lake.sourceHash) {
    return { confirmed: false };
  }
  const running = await withRetry(
    () => native(models.jobs).findOne({ tableId, active: true }),
    context,
  );
  if (running) {
    throw new AppError('SYNC_RUNNING', undefined, {
      details: [{ message: 'the active run', jobId: String(running._id) }],
    });
  }

  const rows = native(models.rows(tableId));
  const setAside = `${table.collection}_before_${context.clock.now()}`;
  const any = await withRetry(() => rows.findOne({}, { projection: { _id: 1 } }), context);
  if (any) await renameCollection(rows, setAside, context);
  await withRetry(
    () =>
      native(models.rejects).updateMany(
        { tableId, open: true },
        {
          $set: { resolvedAt: new Date(context.clock.now()), resolution: 'set_aside' },
          $unset: { open: true },
        },
      ),
    context,
  );
  const forget = {
    watermark: true,
    sourceHash: true,
    shapeHash: true,
    deleteFlag: true,
    lakeObject: true,
    totalsRefusedAt: true,
    emptyWarehouses: true,
    leftovers: true,
  } as const;
  await withRetry(
    () => configs.updateOne({ tableId }, { $unset: forget, $set: { initialSync: true } }),
    context,
  );
  return { confirmed: true, ...(any && { setAside }) };
}
