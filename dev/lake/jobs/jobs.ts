import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { LakeClock } from '../clock.js';
import type { Database } from '../store/database.js';
import type { ObjectRegistry } from '../store/objects.js';
import { Spool } from '../store/spool.js';
import type { LakeSettings } from '../types.js';
import type { Ended, Job, JobPlan } from './job.js';
import {
  ERROR_TABLE_COLUMNS,
  errorTable,
  type QueryFailure,
  toQueryFailure,
} from './query-failure.js';
import { type QueryOutcome, runQuery } from './run-query.js';

const INTERRUPT_MS = 20;
/** The longest that a timer takes, 24 days. */
const FOR_EVER_MS = 2 ** 31 - 1;

interface Running extends Job {
  ended: Ended | undefined;
  end: Promise<void>;
  readonly stop: AbortController;
  connection: DuckDBConnection | undefined;
}

interface JobsParts {
  readonly database: Database;
  readonly registry: ObjectRegistry;
  /** Applies the writes that have become visible by now, and fills the objects that a query names. */
  readonly settleWrites: (sql: string) => Promise<void>;
  readonly clock: LakeClock;
  readonly settings: () => LakeSettings;
  readonly folder: string;
}

/** The queries of one lake and their frozen results. */
export class Jobs {
  readonly #parts: JobsParts;
  readonly #jobs = new Map<string, Running>();
  /** Forgotten ones too. */
  readonly #running = new Set<Running>();
  /** By query id; those of forgotten queries too. */
  readonly #statements = new Map<string, string>();

  constructor(parts: JobsParts) {
    this.#parts = parts;
  }

  submit(sql: string, plan: JobPlan = {}): Job {
    const stop = new AbortController();
    const job: Running = {
      queryId: randomUUID(),
      ended: undefined,
      stop,
      connection: undefined,
      end: Promise.resolve(),
    };
    job.end = this.#run(job, sql, plan).finally(() => this.#running.delete(job));
    this.#running.add(job);
    this.#jobs.set(job.queryId, job);
    this.#statements.set(job.queryId, sql);
    return job;
  }

  /** Undefined where the query was never known, was forgotten, or ended too long ago. */
  find(queryId: string): Job | undefined {
    const job = this.#jobs.get(queryId);
    const { clock, settings } = this.#parts;
    const lifetimeMs = settings().resultLifetimeHours * 3_600_000;
    if (job?.ended && clock.now().getTime() - job.ended.at >= lifetimeMs) {
      this.forget(queryId);
      return undefined;
    }
    return job;
  }

  /** What was submitted as this query, even where it has been forgotten since. */
  statementOf(queryId: string): string | undefined {
    return this.#statements.get(queryId);
  }

  /** False where the job has ended already. */
  async cancel(queryId: string): Promise<boolean> {
    const job = this.#jobs.get(queryId);
    if (job === undefined || job.ended) return false;
    await stopJob(job);
    return true;
  }

  /** Drops one query or all. Returns their number. */
  forget(queryId?: string): number {
    const ids = queryId === undefined ? [...this.#jobs.keys()] : [queryId];
    return ids.filter((id) => {
      const job = this.#jobs.get(id);
      void (job?.ended ? job.ended.spool?.remove() : this.cancel(id));
      return this.#jobs.delete(id);
    }).length;
  }

  /** Stops what runs. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map(stopJob));
  }

  async #run(job: Running, sql: string, plan: JobPlan): Promise<void> {
    const { database, folder, settings } = this.#parts;
    const path = join(folder, `${job.queryId}.json`);
    const earliestEnd = performance.now() + (plan.stuck ? FOR_EVER_MS : settings().queryMs);
    const connection = await database.connect();
    job.connection = connection;
    try {
      if (job.stop.signal.aborted) return this.#end(job, { status: 'CANCELED', columns: [] });
      const outcome = await this.#outcome(connection, sql, plan, path);
      const rest = earliestEnd - performance.now();
      if (rest > 0) await sleep(rest, undefined, { signal: job.stop.signal }).catch(() => {});
      if (job.stop.signal.aborted) {
        if ('spool' in outcome) await outcome.spool.remove();
        this.#end(job, { status: 'CANCELED', columns: [] });
      } else if ('spool' in outcome) {
        const { columns, spool } = outcome;
        const kept = plan.lostRows === undefined ? spool : spool.withoutLast(plan.lostRows);
        this.#end(job, { status: 'FINISHED', columns, spool: kept, found: spool.rows });
      } else {
        await this.#fail(job, outcome.failure, path);
      }
    } finally {
      job.connection = undefined;
      connection.closeSync();
    }
  }

  async #outcome(
    connection: DuckDBConnection,
    sql: string,
    plan: JobPlan,
    path: string,
  ): Promise<QueryOutcome> {
    if (plan.failure !== undefined) return { failure: { code: '500', message: plan.failure } };
    const { registry, settleWrites, settings } = this.#parts;
    const { shuffled, refuseTotals } = settings();
    try {
      await settleWrites(sql);
    } catch (error) {
      return { failure: toQueryFailure(error, sql) };
    }
    return runQuery(connection, registry, sql, { path, shuffled, refuseTotals });
  }

  async #fail(job: Running, failure: QueryFailure, path: string): Promise<void> {
    const row = errorTable(failure, job.queryId, this.#parts.clock.now());
    await writeFile(path, `${JSON.stringify(row)},\n`);
    const spool = await Spool.open(path);
    this.#end(job, { status: 'FAILED', columns: ERROR_TABLE_COLUMNS, spool });
  }

  #end(job: Running, ended: Omit<Ended, 'at' | 'found'> & { found?: number }): void {
    job.ended = { found: 0, ...ended, at: this.#parts.clock.now().getTime() };
  }
}

async function stopJob(job: Running): Promise<void> {
  job.stop.abort();
  // An interrupt that comes while the engine is between two statements has no effect.
  const interrupts = setInterval(() => job.connection?.interrupt(), INTERRUPT_MS);
  job.connection?.interrupt();
  await job.end;
  clearInterval(interrupts);
}
