import type { Answer, Call } from '../http/endpoint.js';
import { discardDeletes, findHeldDeletes } from '../sync/held-deletes.js';
import { alreadyRunning } from '../sync/start.js';
import { recordChanges } from './audit.js';
import type { Work } from './idempotent.js';
import { limitStarts } from './limit-starts.js';
import { DEFAULT_WAIT_S, rejoinForCaller, runAnswer, runForCaller } from './run-answer.js';
import type { Services } from './services.js';

type AnyCall = Call<Services, unknown, unknown>;

/** A held list of deletes: of which table, and the hash by which somebody has seen it. */
interface Wanted {
  readonly tableId: string;
  readonly hash: string;
}

/**
 * Starts the run that carries out a held list of deletes, each of them if its row is still absent.
 * @throws AppError UNKNOWN_TABLE, DELETES_NOT_HELD, TOO_MANY_REQUESTS, SYNC_RUNNING and whatever else a
 *   run can't start for, or fails with
 */
export async function confirmDeletes(
  call: AnyCall,
  { tableId, hash }: Wanted,
  work: Work,
): Promise<Answer> {
  const { services, siteUrl, idle } = call;
  const { tables, clock, store, sync, sender } = await services();
  const began = clock.now();
  tables.get(tableId);
  const waiting = { send: sender(siteUrl, idle), began, wait: DEFAULT_WAIT_S };
  if (work.isRepeat) {
    const rejoined = await rejoinForCaller(await sync(), work.id, waiting);
    if (rejoined) return runAnswer(rejoined);
  }
  const now = new Date(began);
  const { deletes, reasons } = await findHeldDeletes(await store(), { tableId, hash, now });
  await limitStarts(call);
  const request = { tableId, mode: 'reconcile', confirms: hash, jobId: work.id } as const;
  const result = await runForCaller(await sync(), request, {
    ...waiting,
    onStart: ({ _id }) => record(call, 'confirm', { tableId, hash, deletes, reasons, run: _id }),
  });
  // What has gone on is a run that was left behind: the list waits for the next confirmation.
  if (result.job.reconcile?.confirms !== hash) throw alreadyRunning(result.job);
  return runAnswer(result);
}

/** Drops a held list of deletes. @throws AppError UNKNOWN_TABLE, DELETES_NOT_HELD, SYNC_RUNNING */
export async function discard(call: AnyCall, { tableId, hash }: Wanted): Promise<Answer> {
  const { tables, clock, store } = await call.services();
  const { tableName } = tables.get(tableId);
  const now = new Date(clock.now());
  const { deletes, reasons } = await discardDeletes(await store(), { tableId, hash, now });
  await record(call, 'discard', { tableId, hash, deletes, reasons });
  const message = `The list of ${deletes} deletes of ${tableName} is discarded`;
  return { body: { message, tableId, hash, deletes } };
}

function record(
  call: AnyCall,
  what: 'confirm' | 'discard',
  { tableId, run, ...list }: Wanted & { deletes: number; reasons: string[]; run?: unknown },
): Promise<void> {
  const after = { ...list, ...(run !== undefined && { jobId: String(run) }) };
  const action = `table.${what}-deletes`;
  return recordChanges(call, [{ action, target: tableId, tableId, after }]);
}
