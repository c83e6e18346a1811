import { defaultSettings, newConfig } from '../../src/api/config-document.js';
import type { Leftovers, SyncConfig } from '../../src/models/sync-config.js';
import { shapeHash } from '../../src/rows/shape-hash.js';
import { outlivedFacts, planJob, type SyncRequest } from '../../src/sync/plan.js';
import { taskdetail } from '../../src/tables/taskdetail.js';

export const WATERMARK = new Date('2026-01-10T12:00:00.000Z');
export const SHAPE = shapeHash(taskdetail);

/** The configuration of a table that has been synced before. */
export function synced(changes: Partial<SyncConfig> = {}): SyncConfig {
  return {
    ...newConfig({ ...defaultSettings(taskdetail), options: changes.options ?? {} }),
    initialSync: false,
    watermark: WATERMARK,
    shapeHash: SHAPE,
    deleteFlag: true,
    ...changes,
  };
}

export function neverSynced(changes: Partial<SyncConfig> = {}): SyncConfig {
  const { watermark: _w, shapeHash: _s, deleteFlag: _d, ...config } = synced(changes);
  return { ...config, initialSync: true };
}

export const rest = (changes: Partial<Leftovers> = {}): Leftovers => ({
  mode: 'incremental',
  from: new Date('2026-01-10T11:30:00.000Z'),
  ceiling: new Date('2026-01-11T00:00:00.000Z'),
  deleteFlag: true,
  shapeHash: SHAPE,
  totalRecords: 100,
  query: { id: 'query-1', sql: 'SELECT 1', submittedAt: WATERMARK },
  offset: 40,
  ...changes,
});

export const NOW = new Date('2026-01-12T00:00:00.000Z');

export function plan(config: SyncConfig, request: SyncRequest = {}, { isEmpty = false } = {}) {
  const outlived = outlivedFacts({ config, now: NOW, isEmpty });
  return planJob({ table: taskdetail, config, request, sourceHash: 'source', now: NOW, outlived });
}
