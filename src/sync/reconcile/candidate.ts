import type { RowKey } from '../../datafabric/query-builder.js';
import type { StoredVersion } from '../../store/row-comparison.js';
import type { Class } from './classify.js';

/** A document that a first reading found different. */
export interface Candidate {
  readonly key: string;
  readonly stored: StoredVersion | undefined;
  /** By which the lake finds its row; undefined: no statement can hold it. */
  readonly lakeKey: RowKey | undefined;
}

/** A candidate, and what a second reading of both sides has found. */
export interface Classified {
  readonly candidate: Candidate;
  readonly found: Class;
}
