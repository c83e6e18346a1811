import type { Models } from '../models/index.js';
import { AlertStore } from './alerts.js';
import { AuditStore } from './audits.js';
import { CertificateStore } from './certificates.js';
import { ConfigStore } from './configs.js';
import { DeleteListStore } from './delete-lists.js';
import { DifferenceStore } from './differences.js';
import type { RetryBudget } from './driver/retry.js';
import { HealthStore } from './health.js';
import { HistoryStore } from './history.js';
import { IdempotencyKeyStore } from './idempotency-keys.js';
import { ensureCriticalIndexes, missingCriticalIndexes } from './indexes.js';
import { IonTokenStore } from './ion-tokens.js';
import { JobLeaseStore } from './job-leases.js';
import { JobStore } from './jobs.js';
import { LakeQuotaStore } from './lake-quotas.js';
import { RejectStore } from './rejects.js';
import { RowComparisonStore } from './row-comparison.js';
import { RowStore } from './rows.js';
import { ScheduleStore } from './schedules.js';
import { SettingStore } from './settings.js';
import { StartCountStore } from './start-counts.js';
import { UsageStore } from './usages.js';

export type { RetryBudget } from './driver/retry.js';
export type { Store };

/**
 * All access to MongoDB: one member per collection, with operations named for what they do. A store
 * is created for each page of rows, so each member is created only when it is used.
 */
class Store {
  readonly #models: Models;
  readonly #budget: RetryBudget;

  constructor(models: Models, budget: RetryBudget) {
    this.#models = models;
    this.#budget = budget;
  }

  get jobs(): JobStore {
    return new JobStore(this.#models.jobs, this.#budget);
  }

  /** The leases of jobs, on the same collection as `jobs`. */
  get jobLeases(): JobLeaseStore {
    return new JobLeaseStore(this.#models.jobs, this.#budget);
  }

  get configs(): ConfigStore {
    return new ConfigStore(this.#models.configs, this.#budget);
  }

  get history(): HistoryStore {
    return new HistoryStore(this.#models, this.#budget);
  }

  get rejects(): RejectStore {
    return new RejectStore(this.#models.rejects, this.#budget);
  }

  get settings(): SettingStore {
    return new SettingStore(this.#models.settings, this.#budget);
  }

  get audits(): AuditStore {
    return new AuditStore(this.#models.audits, this.#budget);
  }

  get startCounts(): StartCountStore {
    return new StartCountStore(this.#models.startCounts, this.#budget);
  }

  get idempotencyKeys(): IdempotencyKeyStore {
    return new IdempotencyKeyStore(this.#models.idempotencyKeys, this.#budget);
  }

  get schedules(): ScheduleStore {
    return new ScheduleStore(this.#models.schedules, this.#budget);
  }

  get alerts(): AlertStore {
    return new AlertStore(this.#models.alerts, this.#budget);
  }

  get health(): HealthStore {
    return new HealthStore(this.#models.health, this.#budget);
  }

  get ionTokens(): IonTokenStore {
    return new IonTokenStore(this.#models.tokens, this.#budget);
  }

  get lakeQuotas(): LakeQuotaStore {
    return new LakeQuotaStore(this.#models.quotas, this.#budget);
  }

  get certificates(): CertificateStore {
    return new CertificateStore(this.#models.certificates, this.#budget);
  }

  get differences(): DifferenceStore {
    return new DifferenceStore(this.#models.differences, this.#budget);
  }

  get deleteLists(): DeleteListStore {
    return new DeleteListStore(this.#models.deleteLists, this.#budget);
  }

  get usages(): UsageStore {
    return new UsageStore(this.#models.usages, this.#budget);
  }

  /** A table's rows, for comparisons with the lake. @throws Error for a table without a model */
  comparison(tableId: string): RowComparisonStore {
    return new RowComparisonStore(this.#models.rows(tableId), this.#budget);
  }

  /** @throws Error for a table without a model */
  rows(tableId: string): RowStore {
    return new RowStore(this.#models.rows(tableId), this.#budget);
  }

  /**
   * Ensures the indexes that correctness depends on.
   * @param maxAgeMs for so long indexes that existed are taken to exist still; default 0
   * @throws AppError MONGODB_INDEX_MISSING if they can't be created; MONGODB_*
   */
  ensureCriticalIndexes(maxAgeMs?: number): Promise<void> {
    return ensureCriticalIndexes(this.#models, this.#budget, maxAgeMs);
  }

  /** Those of these indexes that don't exist, each as `collection.index`. @throws AppError MONGODB_* */
  missingCriticalIndexes(): Promise<string[]> {
    return missingCriticalIndexes(this.#models, this.#budget);
  }

  /** The same collections, whose operations are retried within another budget. */
  within(budget: Partial<RetryBudget>): Store {
    return new Store(this.#models, { ...this.#budget, ...budget });
  }
}

/** @param budget for retries of operations after transient failures */
export function createStore(models: Models, budget: RetryBudget): Store {
  return new Store(models, budget);
}
