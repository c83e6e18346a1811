import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, json, refusal } from '../http/answer.js';
import type { Call } from '../http/call.js';
import type { JobPlan, Jobs } from '../jobs/jobs.js';
import type { Fault, Faults } from './fault.js';

/** Answers a call; `plan` says what is to become of a query that it submits. */
export type Handle = (call: Call, plan: JobPlan) => Promise<Answer>;

/** Puts the planned faults between the client and what answers it. */
export async function answerWithFaults(
  call: Call,
  { faults, jobs }: { faults: Faults; jobs: Jobs },
  handle: Handle,
): Promise<Answer> {
  if (call.route === undefined || call.route.kind === 'control') return handle(call, {});
  const struck = faults.strike(call.route.kind);
  const early = struck.filter((fault) => !fault.after);
  for (const { kind, delayMs = 1_000 } of early) {
    if (kind === 'slow') await sleep(delayMs, undefined, { signal: call.gone });
    if (kind === 'lostResult') jobs.forget(call.route.argument);
  }
  const instead = early.map((fault) => insteadOfAnswer(fault, call)).find(Boolean);
  if (instead) return instead;
  const answer = await handle(withShorterPage(call, early), jobPlan(early));
  return struck.reduce((before, fault) => spoil(before, fault, call), answer);
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
    default: {
      const instead = fault.after ? insteadOfAnswer(fault, call) : undefined;
      return instead ? { ...instead, ...(answer.log ? { log: answer.log } : {}) } : answer;
    }
  }
}

function withShorterPage(call: Call, faults: readonly Fault[]): Call {
  if (!faults.some(({ kind }) => kind === 'shortPage')) return call;
  const query = new URLSearchParams(call.query);
  query.set('limit', String(Math.max(1, Math.floor(Number(query.get('limit') ?? 2) / 2))));
  return { ...call, query };
}

function jobPlan(faults: readonly Fault[]): JobPlan {
  const failed = faults.find(({ kind }) => kind === 'failed');
  return {
    ...(faults.some(({ kind }) => kind === 'stuck') ? { stuck: true } : {}),
    ...(failed ? { failure: failed.word ?? 'The query could not be run.' } : {}),
  };
}

function retryAfter({ retryAfterSeconds }: Fault): Record<string, string> {
  return retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) };
}
