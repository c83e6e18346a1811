import type { mongo } from 'mongoose';
import type { SyncConfigSettings } from '../../models/sync-config.js';
import { scopeHash } from '../../tables/registry.js';

/**
 * A change of settings as one pipeline, so that they and the state that depends on them change
 * together: if the warehouses differ, the watermark is no longer valid; if everything is to be read
 * again, the leftovers of an earlier run are dropped.
 * @param options.isWhole the change has all settings. Any other change leaves a configuration of an
 *   earlier version recognizable as one, so that starts refuse it: it lacks settings that runs need.
 */
export function settingsChange(
  chosen: Partial<SyncConfigSettings>,
  { isWhole = false } = {},
): mongo.Document[] {
  const fields = Object.entries(chosen).map(([name, value]) => [name, { $literal: value }]);
  const hash = chosen.options && scopeHash(chosen.options.whseid);
  const isEarlier = { $eq: [{ $type: '$scopeHash' }, 'missing'] };
  const scope = isWhole ? hash : { $cond: [isEarlier, '$$REMOVE', hash] };
  const set = { ...Object.fromEntries(fields), ...(hash && { scopeHash: scope }) };
  const sameScope = hash === undefined ? true : { $eq: ['$scopeHash', hash] };
  const goesOn = chosen.initialSync ? { $and: [sameScope, '$initialSync'] } : sameScope;
  const keepIf = (condition: unknown, field: string) => ({
    $cond: [condition, `$${field}`, '$$REMOVE'],
  });
  const asked = chosen.initialSync && { initialSyncAskedAt: '$$NOW', emptyWarehouses: '$$REMOVE' };
  return [
    {
      $set: {
        watermark: keepIf(sameScope, 'watermark'),
        leftovers: keepIf(goesOn, 'leftovers'),
        emptyWarehouses: keepIf(sameScope, 'emptyWarehouses'),
        windowDigest: keepIf(sameScope, 'windowDigest'),
      },
    },
    { $set: { ...set, ...asked, updatedAt: '$$NOW' } },
  ];
}
