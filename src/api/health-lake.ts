import { randomUUID } from 'node:crypto';
import type { mongo } from 'mongoose';
import { columnsQuery } from '../datafabric/query-builder.js';
import { toStoredError } from '../errors/app-error.js';
import { asAppError, storedError } from '../errors/error-fields.js';
import type { HealthState, QueryResult } from '../models/health-state.js';
import type { Models } from '../models/index.js';
import { native } from '../store/driver/native.js';
import { withRetry } from '../store/driver/retry.js';
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
  models: Models,
  { lake, object, onAsking }: AboutQuery,
  limits: Limits,
): Promise<Finding> {
  const { isOurs, stored } = await claim(models, lake.sourceHash, limits);
  onAsking();
  const result = isOurs ? await ask(models, lake, object, limits) : stored;
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

/** Takes the right to ask the lake, if the last one who took it did so a minute ago. */
async function claim({ health }: Models, source: string, limits: Limits) {
  const states = native(health);
  const _id = 'query' as const;
  await withRetry(
    () => states.updateOne({ _id }, { $setOnInsert: { at: new Date(0) } }, { upsert: true }),
    limits,
  );
  const pipeline = [{ $match: { _id } }, { $set: { now: '$$NOW' } }];
  const [state] = await withRetry(
    () => states.aggregate<HealthState & { now: Date }>(pipeline).toArray(),
    limits,
  );
  const { claim: last, result: stored } = state ?? {};
  const isTaken =
    last?.source === source && state && state.now.getTime() - last.at.getTime() < INTERVAL_MS;
  if (isTaken) return { isOurs: false, stored };
  const unchanged = { _id, 'claim.owner': last?.owner ?? { $exists: false } };
  const update = {
    $set: { 'claim.owner': randomUUID(), 'claim.source': source },
    $currentDate: { 'claim.at': true as const },
  };
  const { matchedCount } = await withRetry(
    () => states.updateOne(unchanged as mongo.Filter<HealthState>, update),
    limits,
  );
  return { isOurs: matchedCount > 0, stored };
}

async function ask(
  { health }: Models,
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
  await withRetry(() => native(health).updateOne({ _id: 'query' }, { $set: { result } }), limits);
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
