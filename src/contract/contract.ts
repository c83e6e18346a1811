import { healthContract } from './endpoints/health.js';
import { initSyncConfigContract } from './endpoints/init-sync-config.js';
import { openapiContract } from './endpoints/openapi.js';
import { scheduledSyncContract } from './endpoints/scheduled-sync.js';
import { syncAuditContract } from './endpoints/sync-audit.js';
import { syncConfigContract } from './endpoints/sync-config.js';
import { syncControlContract } from './endpoints/sync-control.js';
import { syncHistoryContract } from './endpoints/sync-history.js';
import { syncOverviewContract } from './endpoints/sync-overview.js';
import { syncReconcileContract } from './endpoints/sync-reconcile.js';
import { syncRejectsContract } from './endpoints/sync-rejects.js';
import { syncRunDueContract } from './endpoints/sync-run-due.js';
import { syncSettingsContract } from './endpoints/sync-settings.js';
import { syncStatsContract } from './endpoints/sync-stats.js';
import { syncStatusContract } from './endpoints/sync-status.js';
import { syncTableContract } from './endpoints/sync-table.js';
import { syncWorkerBackgroundContract } from './endpoints/sync-worker-background.js';
import { updateSyncHistoryContract } from './endpoints/update-sync-history.js';
import type { EndpointContract } from './operation.js';

/** What is published, in the order of the pages. */
export const PUBLISHED: readonly EndpointContract[] = [
  initSyncConfigContract,
  syncConfigContract,
  syncTableContract,
  syncStatusContract,
  syncHistoryContract,
  updateSyncHistoryContract,
  syncOverviewContract,
  syncStatsContract,
  scheduledSyncContract,
  syncRunDueContract,
  syncReconcileContract,
  syncControlContract,
  syncRejectsContract,
  syncSettingsContract,
  syncAuditContract,
  healthContract,
  openapiContract,
];

export const CONTRACTS: readonly EndpointContract[] = [...PUBLISHED, syncWorkerBackgroundContract];
