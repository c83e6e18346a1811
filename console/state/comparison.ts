import { call } from './api.js';
import type { Failure } from './failure.js';
import type { Comparison, Difference } from './shapes.js';

/** Of which table or which reconcile; `held`: only what is on the held list of deletes. */
export interface ComparisonQuery {
  readonly tableId?: string | undefined;
  readonly jobId?: string | undefined;
  readonly held?: boolean | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number;
}

/** @returns null: the table has not been compared yet. @throws Failure */
export async function loadComparison(
  query: ComparisonQuery,
  signal: AbortSignal,
): Promise<Comparison | null> {
  try {
    return await call<Comparison>('sync-reconcile', { query: { ...query }, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    if ((error as Failure).code === 'CERTIFICATE_NOT_FOUND') return null;
    throw error;
  }
}

/** All open differences, whatever the page. @throws Failure */
export function exportDifferences({ tableId, held }: ComparisonQuery): Promise<Difference[]> {
  const headers = { Accept: 'application/x-ndjson' };
  return call<Difference[]>('sync-reconcile', { query: { tableId, held }, headers });
}

/** Has the browser save a value as a file of JSON. */
export function saveAsFile(name: string, value: unknown): void {
  const url = URL.createObjectURL(
    new Blob([JSON.stringify(value, null, 2)], { type: 'application/json' }),
  );
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Not at once: the browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
