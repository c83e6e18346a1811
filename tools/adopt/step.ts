import type { mongo } from 'mongoose';
import type { SyncConfig } from '../../src/models/sync-config.js';
import type { TableDefinition } from '../../src/tables/table.js';

export interface AdoptionStep {
  /** What changes, in words: it stands in a dry run's list as well as in the report. */
  readonly what: string;
  /** Can be taken again after a fault in the middle. */
  run(): Promise<void>;
}

export interface AdoptionPlan {
  readonly steps: readonly AdoptionStep[];
  /** What is left as it is, and somebody should know. */
  readonly notes: readonly string[];
}

/** The present form of an earlier configuration, and which of its settings were not valid. */
export type ConfigOf = (
  table: TableDefinition,
  earlier: mongo.Document,
) => { readonly config: SyncConfig; readonly dropped: readonly string[] };

export const NOTHING: AdoptionPlan = { steps: [], notes: [] };

/** `1 document`, `1,200 documents`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
