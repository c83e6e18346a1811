import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, json, refusal } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { describeCall } from '../http/describe-call.js';
import type { JobPlan } from '../jobs/job.js';
import type { Jobs } from '../jobs/jobs.js';
import type { LakeCall } from '../types.js';
import type { Fault } from './fault.js';
import type { Faults } from './faults.js';
import { type AnsweredPages, withPageFaults, withRawBytes } from './page-faults.js';
import { withStatusFaults } from './status-faults.js';

/** Answers a call; `plan` says what is to become of a query that it submits. */
export type Handle = (call: Call, plan: JobPlan) => Promise<Answer>;

export interface FaultyParts {
  readonly faults: Faults;
  readonly jobs: Jobs;
  readonly pages: AnsweredPages;
}

/** Puts the planned faults between the client and what answers it. */
export async function answerWithFaults(
  call: Call,
  parts: FaultyParts,
  handle: Handle,
): Promise<Answer> {
  const { faults, jobs, pages } = parts;
  const described = describeCall(call, jobs);
  if (described === undefined) return handle(call, {});
  const struck = faults.strike(described);
  const early = struck.filter((fault) => !fault.after);
  for (const { kind, delayMs = 1_000 } of early) {
    if (kind === 'slow') await sleep(delayMs, undefined, { signal: call.gone });
    if (kind === 'lostResult') jobs.forget(described.queryId ?? '');
  }
  const instead = early.map((fault) => insteadOfAnswer(fault, call)).find(Boolean);
  if (instead) return instead;
  const changed = withPageFaults(call, early, pages);
  const handled = await handle(changed, jobPlan(early));
  const answer = struck.reduce(
    (before, fault) => spoil(before, fault, call),
    changeFinished(handled, described, parts),
  );
  pages.note(changed, answer);
  return answer;
}

function changeFinished(answer: Answer, call: LakeCall, { faults, jobs }: FaultyParts): Answer {
  if (call.kind !== 'status' || answer.status !== 201) return answer;
  const ended = jobs.find(call.queryId ?? '')?.ended;
  if (ended?.status !== 'FINISHED') return answer;
  return withStatusFaults(answer, faults.strikeFinished(call), ended.found);
}

function insteadOfAnswer(fault: Fault, call: Call): Answer | undefined {
  switch (fault.kind) {
    case '401':
      return call.route?.kind === 'token'
        ? json(401, { error: 'invalid_client', error_description: 'The client is unknown.' })
        : refusal(401, 'The access token is missing, invalid or expired.');
    case '429':
      return refusal(429, 'Too many requests.', { headers: retryAfter(fault) });
    case '500':
      return refusal(500, 'Internal server error.');
    case '504':
      return refusal(504, 'Gateway timeout.');
    case 'reset':
      return { status: 0, body: '', transport: 'reset' };
    case 'unknownStatus':
      return json(202, { queryId: call.route?.argument, status: fault.word ?? 'TRANSFORMING' });
    case 'pageStatus':
      return refusal(fault.status ?? 404, 'The page of the result could not be read.');
    case 'notAList':
      return json(200, {});
    default:
      return undefined;
  }
}

/** What a fault makes of an answer that is ready. The log still tells what the request did. */
function spoil(answer: Answer, fault: Fault, call: Call): Answer {
  const half = Math.floor(Buffer.byteLength(answer.body) / 2);
  switch (fault.kind) {
    case 'cut':
      return { ...answer, transport: 'cut' };
    case 'malformed':
      return { ...answer, body: Buffer.from(answer.body).subarray(0, half) };
    case 'rawBytes':
      return answer.status === 200 ? { ...answer, body: withRawBytes(answer.body, fault) } : answer;
    default: {
      const instead = fault.after ? insteadOfAnswer(fault, call) : undefined;
      return instead ? { ...instead, ...(answer.log ? { log: answer.log } : {}) } : answer;
    }
  }
}

function jobPlan(faults: readonly Fault[]): JobPlan {
  const failed = faults.find(({ kind }) => kind === 'failed');
  const short = faults.find(({ kind }) => kind === 'shortResult');
  return {
    ...(faults.some(({ kind }) => kind === 'stuck') ? { stuck: true } : {}),
    ...(failed ? { failure: failed.word ?? 'The query could not be run.' } : {}),
    ...(short ? { lostRows: short.rows ?? 1 } : {}),
  };
}

function retryAfter({ retryAfterSeconds }: Fault): Record<string, string> {
  return retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) };
}
