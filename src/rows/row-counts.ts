import type { RowCounts } from '../models/reading.js';

export function noRows(): RowCounts {
  return {
    read: 0,
    created: 0,
    updated: 0,
    unchanged: 0,
    stale: 0,
    rejected: 0,
    unreadable: 0,
    deleted: 0,
    replayed: 0,
    collisions: 0,
  };
}

export function addCounts(a: RowCounts, b: RowCounts): RowCounts {
  const sum = { ...a };
  for (const name of Object.keys(sum) as (keyof RowCounts)[]) {
    // A job that an earlier version began has fewer.
    sum[name] += b[name] ?? 0;
  }
  return sum;
}
