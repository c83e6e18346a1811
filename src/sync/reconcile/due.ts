import type { SyncConfig } from '../../models/sync-config.js';
import type { SyncRequest } from '../plan.js';

const MINUTE_MS = 60_000;

/**
 * Options of a due run: it reconciles if the last comparison was started longer ago than the
 * configured frequency. Not before the table has been read in full, nor while there are leftovers:
 * until then both sides are known to differ. Pure.
 * @param now MongoDB's time
 */
export function dueReconcile(config: SyncConfig, now: Date): Pick<SyncRequest, 'mode' | 'repair'> {
  const { reconcileFrequency = 0, reconcileRepair = false, lastReconcileAt } = config;
  if (reconcileFrequency === 0 || !isReadInFull(config)) return {};
  const ageMs = lastReconcileAt ? now.getTime() - lastReconcileAt.getTime() : Infinity;
  // If it is in the future, MongoDB's clock has stepped back since.
  const isDue = ageMs < 0 || ageMs >= reconcileFrequency * MINUTE_MS;
  return isDue ? { mode: 'reconcile', repair: reconcileRepair } : {};
}

function isReadInFull({ watermark, leftovers, rebuilding }: SyncConfig): boolean {
  return watermark !== undefined && !leftovers && !rebuilding;
}
