import type { RowKey } from '../../datafabric/query-builder.js';
import { keyParts } from '../../rows/key.js';
import { rejectKey } from '../../rows/reject-key.js';
import type { StoredVersion } from '../../store/row-comparison.js';
import type { Step } from '../step.js';
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

/** The documents with these keys, as they are stored now. */
export async function withVersions(step: Step, keys: readonly string[]): Promise<Candidate[]> {
  const { context, session, table } = step;
  const versions = await context.store.comparison(session.job.tableId).versions(keys);
  return keys.map((key) => candidateOf(table, key, versions.get(key)));
}

/** The name of a row that can't be stored because a part of its key is missing. */
const REJECT_WITHOUT_KEY = /^\?(?:SERIALKEY|ROW)=/;

export function candidateOf(
  table: Step['table'],
  key: string,
  stored: StoredVersion | undefined,
): Candidate {
  const parts = keyParts(key);
  const columns = ['WHSEID', ...table.key];
  const named = Object.fromEntries(columns.map((column, at) => [column, parts[at]]));
  const serial = stored?.serialKey ?? undefined;
  const raw = { ...named, ...(serial !== undefined && { SERIALKEY: String(serial) }) };
  const isWhole = parts.length === columns.length && !REJECT_WITHOUT_KEY.test(key);
  const lakeKey = isWhole ? rejectKey(table, raw) : undefined;
  return { key, stored, lakeKey };
}
