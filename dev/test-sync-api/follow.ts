import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import type { ApiClient } from './client.js';
import { codeOf, Failure, failureOf } from './failure.js';
import { type Job, promised, statusAnswer } from './shapes.js';

export interface FollowOptions {
  /** Milliseconds between two looks. */
  readonly pollMs: number;
  /** Milliseconds that the job may take. */
  readonly limitMs: number;
  readonly onProgress: (job: Job) => void;
}

/**
 * Looks at a job until it is completed or failed. Where nobody is going to take it any
 * further by himself, sync-table is asked to: that goes on with the run that was left.
 * @throws Failure where the job takes too long or can't be looked at
 */
export async function followJob(
  client: ApiClient,
  { jobId, tableId }: { readonly jobId: string; readonly tableId: string },
  { pollMs, limitMs, onProgress }: FollowOptions,
): Promise<z.infer<typeof statusAnswer>> {
  const until = Date.now() + limitMs;
  let taking: Promise<Failure | undefined> | undefined;
  for (;;) {
    const answer = await jobStatus(client, { jobId });
    const { status, idle } = answer.job;
    if (status === 'completed' || status === 'failed') {
      await taking;
      return answer;
    }
    onProgress(answer.job);
    if (Date.now() > until) {
      throw new Failure(`The job is ${status} after ${Math.round(limitMs / 1000)} s: ${jobId}`);
    }
    if (idle) {
      // Not waited for: the job is looked at meanwhile.
      taking ??= takeUp(client, tableId).finally(() => {
        taking = undefined;
      });
    }
    const failure = await Promise.race([taking, delay(pollMs)]);
    if (failure) throw failure;
  }
}

/** The state of a job, asked for by its id or by its history entry's. */
export async function jobStatus(client: ApiClient, query: Readonly<Record<string, string>>) {
  const reply = await client.call('sync-status', { query });
  if (reply.status !== 200) throw failureOf('sync-status', reply);
  return promised(statusAnswer, reply);
}

async function takeUp(client: ApiClient, tableId: string): Promise<Failure | undefined> {
  try {
    const reply = await client.call('sync-table', { body: { tableId } });
    // Somebody else was faster; or the run ended in a failure, which its status tells too.
    if (reply.status < 300 || codeOf(reply) === 'SYNC_RUNNING' || hasJob(reply.body)) return;
    return failureOf('sync-table', reply);
  } catch (error) {
    return error instanceof Failure ? error : new Failure(String(error));
  }
}

function hasJob(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'jobId' in body;
}
