import { signal } from '@preact/signals';
import { shorten } from '../format/shorten.js';
import { call } from './api.js';
import { caller } from './session.js';
import type { Overview } from './shapes.js';

/** The latest answer of `sync-overview`: what other screens know of site, caller and tables. */
export const overview = signal<{ readonly data: Overview; readonly at: number } | undefined>(
  undefined,
);

/** @throws Failure */
export async function loadOverview(signal: AbortSignal): Promise<Overview> {
  const data = await call<Overview>('sync-overview', { signal });
  overview.value = { data, at: Date.now() };
  caller.value = data.caller;
  return data;
}

/** What a table is called. */
export function nameOf(tableId: string): string {
  const tables = overview.value?.data.tables ?? [];
  return shorten(tables.find((table) => table.tableId === tableId)?.tableName ?? tableId);
}
