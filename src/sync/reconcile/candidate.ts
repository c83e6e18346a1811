import type { RowKey } from '../../datafabric/query-builder.js';
import type { StoredVersion } from '../../store/row-comparison.js';
import type { Class } from './classify.js';

/** A document that a first reading found different. */
export interface Candidate {
  readonly key: string;
  readonly stored: StoredVersion | undefined;
  /** The key to find its row in the lake; undefined: it can't be expressed in a statement. */
  readonly lakeKey: RowKey | undefined;
}

/** A candidate with its result from the second reading of both sides. */
export interface Classified {
  readonly candidate: Candidate;
  readonly found: Class;
}
