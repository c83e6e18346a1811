import type { Answer } from '../http/endpoint.js';
import { runDue } from '../sync/schedule.js';
import { within } from '../sync/time-box.js';
import type { Services } from './services.js';

/** A scheduled function ends after 30 s. */
const PASS_MS = 25_000;

/** One pass of the schedule and its answer. */
export async function answerRunDue(
  { sync, sender, clock }: Services,
  siteUrl: string | undefined,
): Promise<Answer> {
  const end = clock.now() + PASS_MS;
  const context = await within(clock, end, sync());
  const { syncedTables, errors } = await runDue(context, sender(siteUrl), end);
  const tables = syncedTables.length === 1 ? '1 table' : `${syncedTables.length} tables`;
  const message = `${tables} started, ${errors.length} failed to start`;
  return { body: { message, timestamp: new Date(clock.now()), syncedTables, errors } };
}
