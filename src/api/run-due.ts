import type { Answer } from '../http/endpoint.js';
import { runDue } from '../sync/schedule.js';
import type { Services } from './services.js';

/** A scheduled function ends after 30 s. */
const PASS_MS = 20_000;

/** One pass of the schedule and its answer. */
export async function answerRunDue(
  { sync, sender, clock }: Services,
  siteUrl: string,
): Promise<Answer> {
  const { syncedTables, errors } = await runDue(
    await sync(),
    sender(siteUrl),
    clock.now() + PASS_MS,
  );
  const tables = syncedTables.length === 1 ? '1 table' : `${syncedTables.length} tables`;
  const message = `${tables} started, ${errors.length} failed to start`;
  return { body: { message, timestamp: new Date(clock.now()), syncedTables, errors } };
}
