import { columnsQuery } from '../datafabric/query-builder.js';
import { toStoredError } from '../errors/app-error.js';
import { asAppError, storedError } from '../errors/error-fields.js';
import type { QueryResult } from '../models/health-state.js';
import type { Store } from '../store/store.js';
import type { Lake } from '../sync/context.js';
import type { Finding, Limits } from './health-check.js';

/** The lake is asked a query no more often, by all instances together: queries are billed. */
const INTERVAL_MS = 60_000;
/** Left of a check's time to record what became of the query. */
const RESERVE_MS = 1_500;

export async function tokenCheck({ token }: Lake, limits: Limits): Promise<Finding> {
  await token(limits);
  return { sentence: "Infor's authorisation server has issued a token that is valid." };
}

export async function gatewayCheck({ compass }: Lake, limits: Limits): Promise<Finding> {
  await compass.ping(limits);
  return { sentence: 'The gateway answers, and takes the token.' };
}

interface AboutQuery {
  readonly lake: Lake;
  /** Of the lake, which is asked for its columns. */
  readonly object: string;
  /** MongoDB has answered, and what is waited for from here on is the lake. */
  readonly onAsking: () => void;
}

/**
 * Sends a query that delivers no row, or shows what became of the last one if that was sent less
 * than a minute ago, by whichever instance.
 */
export async function queryCheck(
  { health }: Store,
  { lake, object, onAsking }: AboutQuery,
  limits: Limits,
): Promise<Finding> {
  const { isOurs, last } = await health.claimQuery(lake.sourceHash, INTERVAL_MS);
  onAsking();
  const result = isOurs ? await ask(health, lake, object, limits) : last;
  if (!result || result.source !== lake.sourceHash) {
    return { sentence: 'Another call is asking the lake a query just now.', facts: { object } };
  }
  const { error, slow, ms, askedAt } = result;
  const facts = { object: result.object, askedAt, queryMs: ms };
  // It may be another version's.
  const failure = storedError({ error });
  if (failure) throw asAppError(failure);
  if (!slow) return { sentence: 'The lake runs queries.', facts };
  return {
    sentence: `A query without rows had not ended after ${Math.round(ms / 1000)} s.`,
    remedy: 'No action is needed if it recovers. Otherwise report it to Infor: runs will be slow.',
    facts,
  };
}

async function ask(
  health: Store['health'],
  { compass, sourceHash: source }: Lake,
  object: string,
  limits: Limits,
): Promise<QueryResult> {
  const { clock } = limits;
  const began = clock.now();
  const deadline = limits.deadline - RESERVE_MS;
  const outcome = await runQuery(compass, object, { ...limits, deadline }).catch((error) => ({
    error: toStoredError(error),
  }));
  const askedAt = new Date(began);
  const result: QueryResult = { askedAt, source, object, ms: clock.now() - began, ...outcome };
  await health.recordQuery(result);
  return result;
}

async function runQuery(
  compass: Lake['compass'],
  object: string,
  limits: Limits,
): Promise<{ slow?: true }> {
  const submittedAt = limits.clock.now();
  const queryId = await compass.submit(columnsQuery(object, 'plain', 0), limits);
  const { state } = await compass.waitUntilEnded(queryId, { ...limits, submittedAt });
  if (state !== 'running') return {};
  await compass
    .cancel(queryId, { deadline: limits.deadline + RESERVE_MS / 2 })
    .catch(() => undefined);
  return { slow: true };
}
