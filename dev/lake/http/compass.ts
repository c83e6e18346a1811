import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, JobPlan } from '../jobs/job.js';
import type { Jobs } from '../jobs/jobs.js';
import type { LakeSettings } from '../types.js';
import { type Answer, json, refusal } from './answer.js';
import { type Call, mediaType } from './call.js';
import { formatOf, inFormat, MEDIA_TYPES } from './formats.js';

/** The gateway gives up on a backend that takes longer. */
const GATEWAY_LIMIT_MS = 60_000;

/** Compass API v2: submit, status, result, cancel. */
export class Compass {
  readonly #jobs: Jobs;
  readonly #settings: () => LakeSettings;

  constructor(jobs: Jobs, settings: () => LakeSettings) {
    this.#jobs = jobs;
    this.#settings = settings;
  }

  submit(call: Call, plan: JobPlan): Answer {
    if (mediaType(call) !== 'text/plain') {
      return refusal(415, 'The query must be sent as text/plain.');
    }
    if (call.body.trim() === '') return refusal(400, 'The body has no query.');
    const { queryId } = this.#jobs.submit(call.body, plan);
    const body = { queryId, status: 'RUNNING', location: 'status' };
    return json(202, body, { log: { sql: call.body, queryId } });
  }

  /** Waits up to `timeout` seconds for the end. */
  async status(call: Call, queryId: string): Promise<Answer> {
    const job = this.#jobs.find(queryId);
    if (job === undefined) return unknownQuery(queryId);
    const timeoutMs = Number(call.query.get('timeout') ?? 0) * 1000;
    if (!(timeoutMs >= 0)) return refusal(400, 'timeout must be a number of seconds.');
    if (!job.ended && timeoutMs > 0) {
      await endOrTimeout(job, Math.min(timeoutMs, GATEWAY_LIMIT_MS), call.gone);
      if (!job.ended && timeoutMs > GATEWAY_LIMIT_MS) return refusal(504, 'Gateway timeout');
    }
    return statusOf(job);
  }

  async result(call: Call, queryId: string): Promise<Answer> {
    const { maxPageRows, maxPageBytes, pageLatencyMs, pastEnd } = this.#settings();
    const job = this.#jobs.find(queryId);
    if (job === undefined) return unknownQuery(queryId);
    const { ended } = job;
    if (ended?.spool === undefined) {
      return refusal(
        400,
        `The query is ${ended?.status ?? 'RUNNING'} and has no result.`,
        log(queryId),
      );
    }
    const offset = count(call.query.get('offset'), 0);
    const limit = count(call.query.get('limit'), maxPageRows);
    if (offset === undefined || limit === undefined) {
      return refusal(400, 'offset and limit must be numbers of rows.', log(queryId));
    }
    if (pageLatencyMs > 0) await sleep(pageLatencyMs, undefined, { signal: call.gone });
    if (offset > 0 && offset >= ended.spool.rows && pastEnd !== 'empty') {
      return refusedPastEnd(pastEnd, offset, queryId);
    }
    const rows = ended.spool.fit(offset, Math.min(limit, maxPageRows), maxPageBytes);
    const format = formatOf(call.headers.accept);
    return {
      status: 200,
      headers: { 'Content-Type': MEDIA_TYPES[format] },
      body: inFormat(await ended.spool.page(offset, rows), format, ended.columns),
      log: { queryId, rows },
    };
  }

  async cancel(queryId: string): Promise<Answer> {
    const job = this.#jobs.find(queryId);
    if (job === undefined) return unknownQuery(queryId);
    if (!(await this.#jobs.cancel(queryId))) {
      return refusal(400, `The query is ${job.ended?.status} already.`, log(queryId));
    }
    return json(200, { queryId, status: 'CANCELED' }, log(queryId));
  }
}

function statusOf({ queryId, ended }: Job): Answer {
  if (ended === undefined) {
    return json(202, { queryId, status: 'RUNNING', location: 'status' }, log(queryId));
  }
  const { status, columns } = ended;
  // The reason of a failure is in the result only.
  const shown = status === 'FINISHED' ? { columns, queryDetails: {} } : { queryDetails: {} };
  return json(201, { status, queryId, location: 'result', ...shown }, log(queryId));
}

function refusedPastEnd(
  pastEnd: Exclude<LakeSettings['pastEnd'], 'empty'>,
  offset: number,
  queryId: string,
): Answer {
  return pastEnd === 'notAList'
    ? json(200, {}, log(queryId))
    : refusal(Number(pastEnd), `The result has no row at offset ${offset}.`, log(queryId));
}

function unknownQuery(queryId: string): Answer {
  return refusal(404, `There is no query ${queryId}.`, log(queryId));
}

function log(queryId: string) {
  return { log: { queryId } };
}

function count(text: string | null, otherwise: number): number | undefined {
  if (text === null) return otherwise;
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

async function endOrTimeout(job: Job, ms: number, gone: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const signal = AbortSignal.any([gone, ended.signal]);
  await Promise.race([job.end, sleep(ms, undefined, { signal }).catch(() => {})]);
  ended.abort();
}
