import { Types } from 'mongoose';
import { AppError } from '../errors/app-error.js';
import type { Answer, Call } from '../http/endpoint.js';
import { idempotencyKey, keyOfCaller, requestHash } from '../http/idempotency-key.js';
import { JsonLines } from '../http/json-lines.js';
import { TextBody } from '../http/text-body.js';
import type { StoredAnswer } from '../models/idempotency-key.js';
import { withoutSecretsIn } from '../security/outside-text.js';
import type { ClaimedKey } from '../store/idempotency-keys.js';
import { RunInterrupted } from './run-interrupted.js';
import type { Services } from './services.js';

/** What a request makes. */
export interface Work {
  /** The id of the run or entry that it makes. */
  readonly id: Types.ObjectId;
  /** An earlier request with the same key may have made it. */
  readonly isRepeat: boolean;
}

type Handle<Query, Body> = (call: Call<Services, Query, Body>, work: Work) => Promise<Answer>;

/** The request is answered by then, or its time is nearly over. */
const RECORD_MS = 5_000;
/** JSON of an answer; those of these endpoints are far smaller. */
const LONGEST_BODY = 256 * 1024;
/** Characters of a text in it. */
const LONGEST_TEXT = 4_000;

/**
 * A handler that does the same request once, however often it is sent with one `Idempotency-Key`: the
 * answer of the first one is sent again for 24 hours. A failure leaves the key free.
 * @throws AppError IDEMPOTENCY_KEY_IN_USE, IDEMPOTENCY_KEY_REUSED, and what the handler throws
 */
export function idempotent<Query, Body>(
  endpoint: string,
  handle: Handle<Query, Body>,
): (call: Call<Services, Query, Body>) => Promise<Answer> {
  return async (call) => {
    const key = idempotencyKey(call.headers);
    if (key === undefined) return handle(call, { id: new Types.ObjectId(), isRepeat: false });
    const { jobs, idempotencyKeys } = await (await call.services()).store();
    const request = requestHash({ query: call.query, body: call.body });
    const found = await idempotencyKeys.claim(keyOfCaller(endpoint, call.caller, key), request);
    switch (found.state) {
      case 'claimed':
        return work(call, handle, found);
      case 'answered':
        return replayOf(found.answer);
      case 'of_another_request':
        throw new AppError('IDEMPOTENCY_KEY_REUSED', undefined, { details: [FIELD] });
      case 'running': {
        const job = await jobs.find(found.workId);
        const run = job && { jobId: String(job._id), historyId: String(job.historyId) };
        throw new AppError('IDEMPOTENCY_KEY_IN_USE', undefined, {
          details: [{ ...FIELD, ...run }],
        });
      }
    }
  };
}

const FIELD = { field: 'Idempotency-Key', message: 'of an earlier request' };

async function work<Query, Body>(
  call: Call<Services, Query, Body>,
  handle: Handle<Query, Body>,
  claimed: ClaimedKey,
): Promise<Answer> {
  try {
    const answer = await handle(call, { id: claimed.workId, isRepeat: claimed.isRepeat });
    const stored = storedAnswer(answer);
    // Without an answer to send again, the same request finds what this one has made.
    await record(call, (keys) =>
      stored ? keys.complete(claimed, stored) : keys.interrupt(claimed),
    );
    return answer;
  } catch (error) {
    await record(call, (keys) =>
      error instanceof RunInterrupted ? keys.interrupt(claimed) : keys.release(claimed),
    );
    throw error;
  }
}

type Keys = Awaited<ReturnType<Services['store']>>['idempotencyKeys'];

/** Where this fails, the key is taken for left behind after a while: the answer doesn't depend on it. */
async function record(
  { services, log }: Call<Services, unknown, unknown>,
  change: (keys: Keys) => Promise<void>,
): Promise<void> {
  try {
    const { store, clock } = await services();
    await change((await store({ deadline: clock.now() + RECORD_MS })).idempotencyKeys);
  } catch (error) {
    log.warn({ err: error }, 'idempotency key not updated');
  }
}

/** Undefined for an answer that is not to be kept: a very large one, or one with a caller's secret. */
function storedAnswer({ status = 200, headers = {}, body }: Answer): StoredAnswer | undefined {
  if (body instanceof JsonLines || body instanceof TextBody) return undefined;
  const text = JSON.stringify(body);
  if (text.length > LONGEST_BODY) return undefined;
  const shown = withoutSecretsIn(JSON.parse(text), LONGEST_TEXT);
  return JSON.stringify(shown) === text ? { status, headers, body: text } : undefined;
}

function replayOf({ status, headers, body }: StoredAnswer): Answer {
  return {
    status,
    headers: { ...headers, 'Idempotent-Replayed': 'true' },
    body: JSON.parse(body),
  };
}
