import type { KeyTotals, ProofKind, Received, RunProof } from '../models/reading.js';

/** The evidence about one query's result, once all its segments are done. */
export interface Evidence {
  readonly received: Received;
  /** The result totals that its rows state. */
  readonly stated: KeyTotals | undefined;
  /** The row count in the status of the finished query. */
  readonly told: number | undefined;
  /** The run stopped at maxRecords. */
  readonly limited: boolean;
  /** The same page was delivered at two offsets. */
  readonly repeated: boolean;
  /** Set if the query asked for totals, which an empty result can't state: the count in their place. */
  readonly empty: { readonly counted: number | undefined } | undefined;
}

/** The proof of all queries of a run together, and the counts of its whole range. */
export interface RangeEvidence {
  readonly proof: RunProof;
  /** By the count query before the reading; undefined if there was none. */
  readonly counted: number | undefined;
  readonly recounted: number | undefined;
}

export type Verdict =
  | { readonly proof: RunProof }
  /** A count after the reading is needed: of the whole run, or of this query's part of a split. */
  | { readonly need: 'recount' | 'part' }
  /** The lake's statements and the rows read disagree. */
  | { readonly contradiction: string };

/**
 * Whether the rows read are all rows of one query's result. The result totals decide, or their row
 * count alone if the keys can't be compared. Without totals only the counts before and after the
 * reading can be compared (`proveRange`); such a proof is `bounded`.
 */
export function proveResult(evidence: Evidence): Verdict {
  const { received, stated, told, limited, repeated, empty } = evidence;
  const read = received.rows;
  if (repeated) return { contradiction: 'one page was delivered at two offsets' };
  if (limited) return { proof: { how: 'limited', read, ...statedOf(stated) } };
  const total = stated?.rows ?? told;
  if (total !== undefined && total !== read) {
    return { contradiction: `${read} rows were read from a result that has ${total}` };
  }
  if (told !== undefined && told !== read) {
    return { contradiction: `${read} rows were read, but the status of the query stated ${told}` };
  }
  if (empty && !stated && read === 0) return proveEmpty(empty.counted);
  if (!stated) return { proof: { how: 'bounded', read, ...(told !== undefined && { told }) } };
  const sums = stated.keySum && { stated: stated.keySum, read: received.keySum };
  const differ = sums && sums.stated !== sums.read;
  if (differ && received.oddKeys === 0) {
    return { contradiction: `the keys of ${read} rows add up to ${sums.read}, not ${sums.stated}` };
  }
  return {
    proof: {
      how: sums && !differ ? 'result' : 'count',
      read,
      ...statedOf(stated),
      ...(told !== undefined && { told }),
      ...(sums && !differ && { sums }),
    },
  };
}

function proveEmpty(counted: number | undefined): Verdict {
  if (counted === undefined) return { need: 'part' };
  if (counted > 0) return { contradiction: `no row was read, but the lake counts ${counted}` };
  return { proof: { how: 'empty', read: 0 } };
}

const WEAKEST_FIRST: readonly ProofKind[] = ['limited', 'bounded', 'count', 'result', 'empty'];

/** The proof of several queries that read a range together: as strong as the weakest of them. */
export function addProofs(a: RunProof | undefined, b: RunProof): RunProof {
  if (!a) return b;
  const how = WEAKEST_FIRST.find((kind) => kind === a.how || kind === b.how) ?? b.how;
  const sums = a.sums && b.sums && { stated: add(a, b, 'stated'), read: add(a, b, 'read') };
  return {
    how,
    read: a.read + b.read,
    ...both('stated', a, b),
    ...both('told', a, b),
    ...(sums && { sums }),
  };
}

/**
 * Compares the rows read with the counts of the run's range. If there are fewer than were counted,
 * some may have changed since and left the range; a second count then lacks them, too. More rows
 * are no contradiction: rows may become visible late.
 */
export function proveRange({ proof, counted, recounted }: RangeEvidence): Verdict {
  if (proof.how === 'limited') return { proof };
  const counts = {
    ...(counted !== undefined && { counted }),
    ...(recounted !== undefined && { recounted }),
  };
  const isBelow = counted !== undefined && proof.read < counted;
  const mustRecount = isBelow || proof.how === 'bounded';
  if (mustRecount && recounted === undefined) return { need: 'recount' };
  const least = Math.min(
    counted ?? Number.POSITIVE_INFINITY,
    recounted ?? Number.POSITIVE_INFINITY,
  );
  if (mustRecount && proof.read < least) {
    return {
      contradiction: `${proof.read} rows were read, but the lake counted ${counted} before and ${recounted} after`,
    };
  }
  return { proof: { ...proof, ...counts } };
}

function statedOf(stated: KeyTotals | undefined): { stated?: number } {
  return stated ? { stated: stated.rows } : {};
}

function both(name: 'stated' | 'told', a: RunProof, b: RunProof): Partial<RunProof> {
  const [x, y] = [a[name], b[name]];
  return x === undefined || y === undefined ? {} : { [name]: x + y };
}

function add(a: RunProof, b: RunProof, name: 'stated' | 'read'): string {
  return String(BigInt(a.sums?.[name] ?? 0) + BigInt(b.sums?.[name] ?? 0));
}
