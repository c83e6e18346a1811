/**
 * The answers of the API, as their schemas have them: what the page reads of an answer is checked
 * against the contract by the compiler. Types only, so that no schema becomes a part of the page.
 */
import type { z } from 'zod';
import type { caller, deep } from '../../src/contract/endpoints/health.js';
import type { change } from '../../src/contract/endpoints/sync-audit.js';
import type { historyPage } from '../../src/contract/endpoints/sync-history.js';
import type { Overview } from '../../src/contract/endpoints/sync-overview.js';
import type { comparison } from '../../src/contract/endpoints/sync-reconcile.js';
import type { rejectsPage, retried } from '../../src/contract/endpoints/sync-rejects.js';
import type { settings } from '../../src/contract/endpoints/sync-settings.js';
import type { configuration } from '../../src/contract/schemas/configuration.js';
import type { historyEntry } from '../../src/contract/schemas/history-entry.js';
import type { job } from '../../src/contract/schemas/job.js';
import type { pagination } from '../../src/contract/schemas/pagination.js';

export type { Overview };
export type TableOverview = Overview['tables'][number];
export type OverviewRun = TableOverview['runs'][number];
export type Running = NonNullable<TableOverview['running']>;
export type TableVerdict = TableOverview['verdict'];

export type Caller = z.infer<typeof caller>;
export type Configuration = z.infer<typeof configuration>;
export type HistoryAnswer = z.infer<typeof historyPage>;
export type DayOfRuns = NonNullable<HistoryAnswer['days']>[number];
export type HistoryEntry = z.infer<typeof historyEntry>;
export type Job = z.infer<typeof job>;
export type RejectsAnswer = z.infer<typeof rejectsPage>;
export type Reject = RejectsAnswer['rejects'][number];
export type Retried = z.infer<typeof retried>;
export type Comparison = z.infer<typeof comparison>;
export type Certificate = Comparison['certificate'];
export type Difference = Comparison['differences'][number];
export type HeldDeletes = NonNullable<Comparison['heldDeletes']>;
export type Pagination = z.infer<typeof pagination>;
export type DeepHealth = z.infer<typeof deep>;
export type Change = z.infer<typeof change>;
export type Settings = z.infer<typeof settings>;
