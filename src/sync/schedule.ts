import type { Types } from 'mongoose';
import { AppError, type StoredError, toAppError, toStoredError } from '../errors/app-error.js';
import type { SyncJob } from '../models/sync-job.js';
import { type SyncContext, withBudget } from './context.js';
import { dispatch, type SendOrder } from './dispatch.js';
import { dueTables, startDue } from './due-tables.js';
import { noteRefusal } from './refusals.js';
import { watchSchedule } from './schedule-watch.js';
import { isToBeOrdered, silentRuns } from './silent-runs.js';
import { takeTurns } from './take-turns.js';
import { within } from './time-box.js';

export interface PassResult {
  /** It has ended in time, and that is on record. */
  readonly isGood: boolean;
  readonly syncedTables: (Named & Begun & { how: 'started' | 'resumed' })[];
  /** Tables of which no run could be started or resumed. */
  readonly errors: (Named & StoredError)[];
}

type Named = Pick<SyncJob, 'tableId' | 'tableName'>;
type Begun = Record<'jobId' | 'historyId', string>;

/** Until when each part of a pass may last: milliseconds before the pass's end. */
const RESERVES = {
  /** Leaves time for jobs that no worker takes, and for the alerts. */
  starting: 12_000,
  /** Leaves time for the last page of a slice, and for the alerts of runs that ended in it. */
  working: 5_000,
  /** Leaves time to record the pass. */
  recording: 1_000,
} as const;

/** Time to record the answer to an order, in milliseconds. */
const RECORD_MS = 1_000;

/**
 * One pass of the schedule: starts due tables, and resumes interrupted runs. Concurrent passes start
 * each table once; after a downtime each table runs once. One table's failure never stops the
 * others, and a part that hangs doesn't stop the alerts.
 * @param passEnd epoch milliseconds at which the pass ends, whatever its parts do
 * @throws AppError MONGODB_* if due tables and interrupted runs can't be read
 */
export async function runDue(
  context: SyncContext,
  send: SendOrder,
  passEnd: number,
): Promise<PassResult> {
  const { clock, log } = context;
  const until = (reserve: keyof typeof RESERVES) => passEnd - RESERVES[reserve];
  const bounded = withBudget(context, { deadline: until('recording') });
  const began = clock.now();
  const pass = new Pass(bounded, send, until('starting'));
  const watched = watchSchedule(bounded, true);
  try {
    await pass.start();
  } finally {
    const parts = [
      watched.then(() => context.alerts.pass()),
      takeTurns(bounded, pass.inline, {
        sliceDeadline: until('working'),
        waitDeadline: until('recording'),
      }),
    ];
    const succeeded = (work: Promise<unknown>, end: number, otherwise: string) =>
      within(clock, end, work).then(
        () => true,
        (error) => {
          log.error({ err: error }, otherwise);
          return false;
        },
      );
    const all = Promise.allSettled(parts);
    const ended = await succeeded(all, until('recording'), 'a pass did not end in time');
    const { schedules } = withBudget(context, { deadline: passEnd }).store;
    const recorded = await succeeded(schedules.recordPass(), passEnd, 'pass not recorded');
    pass.isGood = ended && recorded;
    const { syncedTables, errors } = pass.result;
    const counts = { started: syncedTables.length, failed: errors.length };
    log.info({ ...counts, durationMs: clock.now() - began }, 'pass ended');
  }
  return { ...pass.result, isGood: pass.isGood };
}

/** The runs that one pass starts and resumes, concurrently, each before `startDeadline`. */
class Pass {
  readonly result: Omit<PassResult, 'isGood'> = { syncedTables: [], errors: [] };
  isGood = false;
  /** Jobs without a worker: the pass itself works on them. */
  readonly inline: Types.ObjectId[] = [];
  readonly #context: SyncContext;
  readonly #send: SendOrder;
  readonly #startDeadline: number;

  constructor(context: SyncContext, send: SendOrder, startDeadline: number) {
    this.#context = withBudget(context, { deadline: startDeadline });
    this.#send = send;
    this.#startDeadline = startDeadline;
  }

  async start(): Promise<void> {
    const context = this.#context;
    const found = Promise.all([silentRuns(context), dueTables(context)]);
    const [silent, { own, foreign }] = await within(context.clock, this.#startDeadline, found);
    // Another source's table is synced by its own site: its schedule is not changed.
    await Promise.all([
      ...foreign.map((config) =>
        this.#attempt(config, async () => {
          const error = new AppError('SOURCE_CHANGED');
          await noteRefusal(context, config.tableId, error, 'schedule');
          throw error;
        }),
      ),
      ...silent.map((run) =>
        this.#attempt(run, async () => {
          context.log.warn({ jobId: String(run._id), table: run.tableId }, 'run resumed');
          await context.alerts.runTakenUp(run);
          const ordered = await isToBeOrdered(context, run);
          await this.#handOver(run, 'resumed', ordered);
        }),
      ),
      ...own.map((config) =>
        this.#attempt(config, async () => {
          const job = await startDue(context, config);
          if (job) await this.#handOver(job, 'started', true);
        }),
      ),
    ]);
  }

  async #handOver(
    { _id, historyId, tableId, tableName }: Named & Pick<SyncJob, '_id' | 'historyId'>,
    how: 'started' | 'resumed',
    ordered: boolean,
  ): Promise<void> {
    const ids = { jobId: String(_id), historyId: String(historyId) };
    this.result.syncedTables.push({ tableId, tableName, ...ids, how });
    if (!(ordered && (await this.#order(_id)))) this.inline.push(_id);
  }

  /** Sends an order; one that fails or hangs counts as refused. */
  async #order(jobId: Types.ObjectId): Promise<boolean> {
    const { clock, log } = this.#context;
    const orderDeadline = this.#startDeadline - RECORD_MS;
    const sent = dispatch(this.#context, this.#send, jobId, { orderDeadline });
    return within(clock, orderDeadline + RECORD_MS / 2, sent).catch((error) => {
      log.error({ err: error, jobId: String(jobId) }, 'order not sent');
      return false;
    });
  }

  async #attempt(table: Named, action: () => Promise<void>): Promise<void> {
    try {
      await within(this.#context.clock, this.#startDeadline, action());
    } catch (error) {
      this.#failed(table, error);
    }
  }

  #failed({ tableId, tableName }: Named, error: unknown): void {
    this.#context.log.error({ err: toAppError(error), table: tableId }, 'table not started');
    this.result.errors.push({ tableId, tableName, ...toStoredError(error) });
  }
}
