import type { Connection, Model } from 'mongoose';
import type { TableDefinition } from '../tables/table.js';
import { type Alert, alertSchema } from './alert.js';
import { type AuditEntry, auditSchema } from './audit.js';
import { certificateSchema } from './certificate.js';
import { type DeleteList, deleteListSchema } from './delete-list.js';
import { differenceSchema } from './difference.js';
import { type HealthState, healthStateSchema } from './health-state.js';
import { type IdempotencyKey, idempotencyKeySchema } from './idempotency-key.js';
import { type IonToken, ionTokenSchema } from './ion-token.js';
import { type LakeQuota, lakeQuotaSchema } from './lake-quota.js';
import type { Certificate, Difference } from './reconcile.js';
import type { RowDocument } from './row.js';
import { rowSchema } from './row.js';
import { runTotalsSchema, type StoredTotals } from './run-totals.js';
import { type ScheduleState, scheduleStateSchema } from './schedule-state.js';
import { type Setting, settingSchema } from './setting.js';
import { type StartCount, startCountSchema } from './start-count.js';
import { type SyncConfig, syncConfigSchema } from './sync-config.js';
import { type SyncHistory, syncHistorySchema } from './sync-history.js';
import { type SyncJob, syncJobSchema } from './sync-job.js';
import { type SyncReject, syncRejectSchema } from './sync-reject.js';
import { type StoredUsage, usageSchema } from './usage.js';

export interface Models {
  readonly configs: Model<SyncConfig>;
  readonly jobs: Model<SyncJob>;
  readonly history: Model<SyncHistory>;
  readonly runTotals: Model<StoredTotals>;
  readonly rejects: Model<SyncReject>;
  readonly settings: Model<Setting>;
  readonly alerts: Model<Alert>;
  readonly tokens: Model<IonToken>;
  readonly quotas: Model<LakeQuota>;
  readonly schedules: Model<ScheduleState>;
  readonly audits: Model<AuditEntry>;
  readonly startCounts: Model<StartCount>;
  readonly idempotencyKeys: Model<IdempotencyKey>;
  readonly health: Model<HealthState>;
  readonly certificates: Model<Certificate>;
  readonly differences: Model<Difference>;
  readonly deleteLists: Model<DeleteList>;
  readonly usages: Model<StoredUsage>;
  /** The row model of each table, by tableId. */
  rows(tableId: string): Model<RowDocument>;
}

/** Binds the models to one connection. */
export function createModels(connection: Connection, tables: readonly TableDefinition[]): Models {
  const rows = new Map(
    tables.map((table) => [
      table.tableId,
      connection.model<RowDocument>(`row:${table.tableId}`, rowSchema(table)),
    ]),
  );
  return {
    configs: connection.model<SyncConfig>('SyncConfig', syncConfigSchema),
    jobs: connection.model<SyncJob>('SyncJob', syncJobSchema),
    history: connection.model<SyncHistory>('SyncHistory', syncHistorySchema),
    runTotals: connection.model<StoredTotals>('RunTotals', runTotalsSchema),
    rejects: connection.model<SyncReject>('SyncReject', syncRejectSchema),
    settings: connection.model<Setting>('Setting', settingSchema),
    alerts: connection.model<Alert>('Alert', alertSchema),
    tokens: connection.model<IonToken>('IonToken', ionTokenSchema),
    quotas: connection.model<LakeQuota>('LakeQuota', lakeQuotaSchema),
    schedules: connection.model<ScheduleState>('ScheduleState', scheduleStateSchema),
    audits: connection.model<AuditEntry>('Audit', auditSchema),
    startCounts: connection.model<StartCount>('StartCount', startCountSchema),
    idempotencyKeys: connection.model<IdempotencyKey>('IdempotencyKey', idempotencyKeySchema),
    health: connection.model<HealthState>('HealthState', healthStateSchema),
    certificates: connection.model<Certificate>('Certificate', certificateSchema),
    differences: connection.model<Difference>('Difference', differenceSchema),
    deleteLists: connection.model<DeleteList>('DeleteList', deleteListSchema),
    usages: connection.model<StoredUsage>('Usage', usageSchema),
    rows(tableId) {
      const model = rows.get(tableId);
      if (!model) throw new Error(`No model for table ${tableId}`);
      return model;
    },
  };
}
