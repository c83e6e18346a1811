import type { SyncConfig } from '../../models/sync-config.js';
import type { SyncRequest } from '../plan.js';

const MINUTE_MS = 60_000;

/**
 * What a due run is to do beyond reading what is new: compare the table with the lake, where its last
 * comparison was started too long ago. Not before the table has been read in full, nor while a limited
 * run has left something: until then they are known to differ. Pure.
 * @param now MongoDB's time
 */
export function dueReconcile(config: SyncConfig, now: Date): Pick<SyncRequest, 'mode' | 'repair'> {
  const { reconcileFrequency = 0, reconcileRepair = false, lastReconcileAt } = config;
  if (reconcileFrequency === 0 || !isReadInFull(config)) return {};
  const ageMs = lastReconcileAt ? now.getTime() - lastReconcileAt.getTime() : Infinity;
  // One in the future is that of a clock which has stepped back since.
  const isDue = ageMs < 0 || ageMs >= reconcileFrequency * MINUTE_MS;
  return isDue ? { mode: 'reconcile', repair: reconcileRepair } : {};
}

function isReadInFull({ watermark, leftovers, rebuilding }: SyncConfig): boolean {
  return watermark !== undefined && !leftovers && !rebuilding;
}
