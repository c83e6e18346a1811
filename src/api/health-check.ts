import type { Logger } from 'pino';
import type { Clock } from '../clock.js';
import { AppError, advice, type ErrorDetail, toAppError } from '../errors/app-error.js';
import { type ErrorCode, entryOf } from '../errors/codes.js';
import { AnsweredError } from '../http/answered-error.js';
import type { CallOptions } from '../ion/time-limit.js';

export type Facts = Readonly<Record<string, unknown>>;

export interface Limits extends CallOptions {
  readonly clock: Clock;
  readonly deadline: number;
  readonly signal: AbortSignal;
}

/** What a check has found where it did not fail. */
export interface Finding {
  readonly sentence: string;
  /** What to do about it: then it is a warning, which fails nothing. */
  readonly remedy?: string;
  readonly facts?: Facts;
}

export type CheckState = 'ok' | 'warning' | 'failing';

export type Check = Facts & {
  readonly state: CheckState;
  /** False where the state is `failing`. */
  readonly ok: boolean;
  readonly sentence: string;
  /** What to do; null where there is nothing to do. */
  readonly remedy: string | null;
  readonly ms: number;
  readonly code?: ErrorCode;
  /** Of a failing check: sentence and remedy. */
  readonly message?: string;
  readonly details?: readonly ErrorDetail[];
};

export interface CheckSpec {
  /** Milliseconds after which the check is given up, whatever it does. */
  readonly limitMs: number;
  /** What it is called then: by what it was waiting for. */
  readonly late: () => ErrorCode;
  /** Throws what is wrong; an AnsweredError carries facts. */
  readonly run: (limits: Limits) => Promise<Finding>;
}

/** Runs a check within its own time. Never throws for what is asked: a failure is the answer. */
export async function check(
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
  { limitMs, late, run }: CheckSpec,
): Promise<Check> {
  const began = clock.now();
  const over = new AbortController();
  const limits = { clock, deadline: began + limitMs, signal: over.signal };
  const timeout = clock.sleep(limitMs, over.signal).then(() => {
    throw new AppError(late(), undefined, { details: [{ message: `no answer in ${limitMs} ms` }] });
  });
  try {
    const { sentence, remedy, facts } = await Promise.race([run(limits), timeout]);
    const state = remedy === undefined ? 'ok' : 'warning';
    return { state, ok: true, sentence, remedy: remedy ?? null, ms: clock.now() - began, ...facts };
  } catch (thrown) {
    const { error, facts } = reasonOf(thrown);
    log.warn({ err: error }, 'health check failed');
    const { code, details } = error;
    const { action: remedy } = entryOf(code);
    const sentence = withoutEnd(error.message, remedy);
    const ms = clock.now() - began;
    const message = advice(error);
    return { state: 'failing', ok: false, sentence, remedy, ms, code, message, details, ...facts };
  } finally {
    over.abort();
  }
}

/** One that was stored has its remedy at its end. */
function withoutEnd(text: string, end: string): string {
  return text.length > end.length && text.endsWith(end) ? text.slice(0, -end.length).trim() : text;
}

/** Behind a deadline stands the failure that was being waited out. */
function reasonOf(thrown: unknown): { error: AppError; facts: Facts } {
  const error = toAppError(thrown);
  const reason = error.code === 'OUT_OF_TIME' ? toAppError(error.cause) : error;
  return { error: reason, facts: error instanceof AnsweredError ? error.extra : {} };
}
