/**
 * The backend's sizes in these tests: a lease that ends within the patience of a test, pages
 * and segments of which a small table has many, and retries that take no time.
 */
export const OPTIONS = {
  leaseMs: 1_000,
  sizes: { segment: 500, query: 1_000_000 },
  lakePolicy: { attempts: 8, baseMs: 10, capMs: 100 },
  quotaMinuteMs: 1_000,
};
