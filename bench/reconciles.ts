import { mongo } from 'mongoose';
import { connectLake, type RequestLogEntry } from '../dev/lake/index.js';
import { inChild } from './child.js';
import type { ByHand } from './compare-by-hand.js';
import type { ReconcileInput, ReconcileOnce } from './reconcile-once.js';
import { environmentOf, type Place } from './settings.js';
import type { Spent } from './stopwatch.js';
import type { Run } from './sync-runs.js';
import { tamper } from './tamper.js';

/** One reconcile, and what it asked of the lake. */
export interface MeasuredReconcile extends ReconcileOnce {
  readonly queries: number;
  /** Rows with all their columns. */
  readonly fullRows: number;
}

/** One table, with index times that are shared or not. */
export interface Reconciles {
  readonly full: Run;
  readonly equal: MeasuredReconcile;
  readonly byHand: ByHand;
  readonly repaired: MeasuredReconcile;
}

export const DIFFERENCES = 100;
/** Node's own choice on a machine of 1 GB, as a function has. */
const FUNCTION_HEAP_MB = 512;
/** The map of the comparison by hand has every key. */
const HAND_HEAP_MB = 4_096;

/**
 * A first full run, a reconcile of equal rows, the same by hand, and a reconcile that repairs
 * documents that were tampered with; each in a process of its own.
 * @throws Error where a reconcile does not find what there is
 */
export async function measureReconciles(
  lake: Omit<Place, 'database'>,
  database: string,
): Promise<Reconciles> {
  const place: Place = { ...lake, database };
  const full = await inChild<Place, Run>('sync-once.ts', place, FUNCTION_HEAP_MB);
  showProgress('first full run', full);
  const equal = await reconcile(place, { repair: false });
  showProgress('reconcile, equal', equal.run);
  expectVerdict(equal, 'equal', 0);
  const byHand = await inChild<Place, ByHand>('compare-by-hand.ts', place, HAND_HEAP_MB);
  showProgress('compared by hand', byHand);
  if (byHand.different !== 0) throw new Error(`By hand ${byHand.different} rows differ.`);
  await tamper(place, DIFFERENCES);
  const repaired = await reconcile(place, { repair: true });
  expectVerdict(repaired, 'repaired', DIFFERENCES);
  await dropDatabase(place);
  return { full, equal, byHand, repaired };
}

async function reconcile(
  place: Place,
  { repair }: { readonly repair: boolean },
): Promise<MeasuredReconcile> {
  const lake = connectLake(place.lakeUrl);
  await lake.clearRequests();
  const input = { ...place, repair };
  const once = await inChild<ReconcileInput, ReconcileOnce>(
    'reconcile-once.ts',
    input,
    FUNCTION_HEAP_MB,
  );
  return { ...once, ...askedOf(await lake.requests()) };
}

function askedOf(requests: readonly RequestLogEntry[]): { queries: number; fullRows: number } {
  const submits = requests.filter(({ kind }) => kind === 'submit');
  const ofRows = new Set(
    submits.filter(({ sql }) => sql?.includes('SELECT *, infor.')).map(({ queryId }) => queryId),
  );
  const fullRows = requests
    .filter(({ kind, queryId }) => kind === 'result' && ofRows.has(queryId))
    .reduce((sum, { rows = 0 }) => sum + rows, 0);
  return { queries: submits.length, fullRows };
}

function expectVerdict({ run }: ReconcileOnce, verdict: string, repaired: number): void {
  const found = run.reconcile;
  if (found?.verdict === verdict && found.repaired === repaired) return;
  throw new Error(
    `A reconcile has found ${JSON.stringify(found)}, and not ${repaired} ${verdict}.`,
  );
}

/** A million rows take many minutes. */
function showProgress(what: string, { spent }: { readonly spent: Spent }): void {
  console.error(`${what}: ${(spent.ms / 1000).toFixed(1)} s`);
}

async function dropDatabase(place: Place): Promise<void> {
  const client = await mongo.MongoClient.connect(environmentOf(place).MONGODB_URI);
  await client.db().dropDatabase();
  await client.close();
}
