import type { Models } from '../models/index.js';
import { AuditStore } from './audits.js';
import { ConfigStore } from './configs.js';
import type { RetryBudget } from './driver/retry.js';
import { HealthStore } from './health.js';
import { HistoryStore } from './history.js';
import { ensureCriticalIndexes } from './indexes.js';
import { JobLeaseStore } from './job-leases.js';
import { JobStore } from './jobs.js';
import { RejectStore } from './rejects.js';
import { RowStore } from './rows.js';
import { ScheduleStore } from './schedules.js';
import { SettingStore } from './settings.js';
import { StartCountStore } from './start-counts.js';

/** All access to MongoDB: one member per collection, its operations named for what they do. */
export interface Store {
  readonly jobs: JobStore;
  /** Of the runs: a part of the same collection's operations. */
  readonly jobLeases: JobLeaseStore;
  readonly configs: ConfigStore;
  readonly history: HistoryStore;
  readonly rejects: RejectStore;
  readonly settings: SettingStore;
  readonly audits: AuditStore;
  readonly startCounts: StartCountStore;
  readonly schedules: ScheduleStore;
  readonly health: HealthStore;
  /** @throws Error for a table that there is no model of */
  rows(tableId: string): RowStore;
  /** The indexes that correctness depends on, made where they are missing. @throws MONGODB_INDEX_MISSING */
  ensureCriticalIndexes(): Promise<void>;
  /** The same collections, whose operations are repeated within another budget. */
  within(budget: Partial<RetryBudget>): Store;
}

/** @param budget within which operations are repeated after transient failures */
export function createStore(models: Models, budget: RetryBudget): Store {
  return {
    jobs: new JobStore(models.jobs, budget),
    jobLeases: new JobLeaseStore(models.jobs, budget),
    configs: new ConfigStore(models.configs, budget),
    history: new HistoryStore(models, budget),
    rejects: new RejectStore(models.rejects, budget),
    settings: new SettingStore(models.settings, budget),
    audits: new AuditStore(models.audits, budget),
    startCounts: new StartCountStore(models.startCounts, budget),
    schedules: new ScheduleStore(models.schedules, budget),
    health: new HealthStore(models.health, budget),
    rows: (tableId) => new RowStore(models.rows(tableId), budget),
    ensureCriticalIndexes: () => ensureCriticalIndexes(models, budget),
    within: (other) => createStore(models, { ...budget, ...other }),
  };
}
