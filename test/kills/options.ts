import { taskdetail } from '../../src/tables/taskdetail.js';

/** The one that is synced. */
export const TABLE = taskdetail.tableId;

/**
 * The backend's sizes in these tests: a lease that ends within the patience of a test, pages
 * and segments of which a small table has many, and retries that take no time.
 */
export const OPTIONS = {
  leaseMs: 500,
  sizes: { segment: 200, query: 1_000_000 },
  lakePolicy: { attempts: 8, baseMs: 10, capMs: 100 },
  quotaMinuteMs: 1_000,
  emptyPagePauseMs: 10,
};
