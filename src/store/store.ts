import type { Models } from '../models/index.js';
import { AuditStore } from './audits.js';
import { ConfigStore } from './configs.js';
import type { RetryBudget } from './driver/retry.js';
import { HealthStore } from './health.js';
import { HistoryStore } from './history.js';
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
  /** The same collections, whose operations are repeated within another budget. */
  within(budget: Partial<RetryBudget>): Store;
}

/**
 * Cheap to call, once per page of rows for example: a member is made when it is asked for.
 * @param budget within which operations are repeated after transient failures
 */
export function createStore(models: Models, budget: RetryBudget): Store {
  return {
    get jobs() {
      return new JobStore(models.jobs, budget);
    },
    get jobLeases() {
      return new JobLeaseStore(models.jobs, budget);
    },
    get configs() {
      return new ConfigStore(models.configs, budget);
    },
    get history() {
      return new HistoryStore(models, budget);
    },
    get rejects() {
      return new RejectStore(models.rejects, budget);
    },
    get settings() {
      return new SettingStore(models.settings, budget);
    },
    get audits() {
      return new AuditStore(models.audits, budget);
    },
    get startCounts() {
      return new StartCountStore(models.startCounts, budget);
    },
    get schedules() {
      return new ScheduleStore(models.schedules, budget);
    },
    get health() {
      return new HealthStore(models.health, budget);
    },
    rows: (tableId) => new RowStore(models.rows(tableId), budget),
    within: (other) => createStore(models, { ...budget, ...other }),
  };
}
