import { pathToFileURL } from 'node:url';
import { type Answer, emptyAnswer, errorAnswer } from '../answer.js';
import { MAX_BYTES } from '../http-server.js';
import type { RawRequest } from '../raw-request.js';
import { runInBackground } from './background.js';
import type { Builder, Built } from './builder.js';
import { BACKGROUND_BYTES, type Timeouts } from './limits.js';
import { clockRequest, scheduledRequest } from './scheduled-request.js';
import { FunctionWorker, type Outcome } from './worker.js';

export interface FunctionsOptions {
  readonly builder: Builder;
  /** The built `thread.ts`. */
  readonly thread: string;
  readonly siteUrl: string;
  readonly timeouts: Timeouts;
  readonly rerunPausesMs: readonly number[];
  readonly log: (line: string) => void;
}

/** The functions as the platform runs them, each in a warm thread of its own. */
export class Functions {
  readonly #options: FunctionsOptions;
  readonly #workers = new Map<string, { version: string; worker: FunctionWorker }>();

  constructor(options: FunctionsOptions) {
    this.#options = options;
  }

  /** Calls a function; an unknown one is answered with 404. */
  async call(name: string, request: RawRequest): Promise<Answer> {
    const functions = await this.#options.builder.current();
    const built = functions.get(name);
    if (!built) {
      const known = [...functions.keys()].sort().join(', ');
      return errorAnswer(404, 'FUNCTION_NOT_FOUND', `There is no function ${name}.`, { known });
    }
    if (name.endsWith('-background')) return this.#callInBackground(name, request);
    return this.#invoke(name, built, request);
  }

  /**
   * Runs a scheduled function as the platform's clock does.
   * @throws Error if it is no scheduled function
   */
  async tick(name: string): Promise<Answer> {
    const built = (await this.#options.builder.current()).get(name);
    const schedule = built?.kind === 'built' && (await this.#workerOf(name, built).ready).schedule;
    if (!built || !schedule) throw new Error(`${name} is no scheduled function.`);
    return this.#invoke(name, built, clockRequest(name, this.#options.siteUrl));
  }

  /** Ends every function, whatever it does. */
  async close(): Promise<void> {
    await Promise.all([...this.#workers.values()].map(({ worker }) => worker.stop()));
  }

  #callInBackground(name: string, request: RawRequest): Answer {
    if ((request.body?.length ?? 0) > BACKGROUND_BYTES) {
      const message = `A background function takes at most ${BACKGROUND_BYTES} bytes.`;
      return errorAnswer(413, 'PAYLOAD_TOO_LARGE', message);
    }
    const { builder, timeouts, rerunPausesMs, log } = this.#options;
    const run = async (): Promise<string | undefined> => {
      try {
        const built = (await builder.current()).get(name);
        if (built?.kind !== 'built') return built?.message ?? 'It is gone.';
        return failureOf(await this.#workerOf(name, built).call(request, timeouts.background));
      } catch (error) {
        return String(error);
      }
    };
    void runInBackground(name, run, rerunPausesMs, log);
    return emptyAnswer(202);
  }

  async #invoke(name: string, built: Built, request: RawRequest): Promise<Answer> {
    const { timeouts, log } = this.#options;
    if (built.kind === 'broken') return errorAnswer(500, 'BUILD_FAILED', built.message);
    const worker = this.#workerOf(name, built);
    // Where it cannot be imported, the call says so.
    const { schedule } = await worker.ready.catch(() => ({ schedule: undefined }));
    const outcome = schedule
      ? await worker.call(scheduledRequest(request), timeouts.scheduled)
      : await worker.call(request, timeouts.synchronous);
    const failure = failureOf(outcome);
    if (failure !== undefined) log(`${name} failed: ${failure}`);
    return answerOf(outcome);
  }

  #workerOf(name: string, { file, version }: Built & { kind: 'built' }): FunctionWorker {
    const present = this.#workers.get(name);
    if (present?.worker.isUsable && present.version === version) return present.worker;
    present?.worker.retire();
    const { thread, siteUrl, timeouts } = this.#options;
    // By its version, so that a changed module is not taken for the one before.
    const module = `${pathToFileURL(file)}?${version.slice(0, 8)}`;
    const worker = new FunctionWorker(thread, module, siteUrl, timeouts.synchronous);
    this.#workers.set(name, { version, worker });
    return worker;
  }
}

function failureOf(outcome: Outcome): string | undefined {
  switch (outcome.kind) {
    case 'answered':
      return undefined;
    case 'threw':
      return outcome.thrown.message;
    case 'timeout':
      return `It timed out after ${outcome.seconds.toFixed(2)} seconds.`;
    case 'ended':
      return outcome.reason;
  }
}

function answerOf(outcome: Outcome): Answer {
  if (outcome.kind === 'threw') {
    const { name: errorType, message: errorMessage, stack: trace } = outcome.thrown;
    const platform = { errorType, errorMessage, trace };
    return errorAnswer(500, 'FUNCTION_FAILED', errorMessage, platform);
  }
  if (outcome.kind === 'timeout') {
    const message = `The function timed out after ${outcome.seconds.toFixed(2)} seconds.`;
    return errorAnswer(500, 'FUNCTION_TIMEOUT', message);
  }
  if (outcome.kind === 'ended') return errorAnswer(502, 'FUNCTION_ENDED', outcome.reason);
  const { body } = outcome.answer;
  if (body.length <= MAX_BYTES) return outcome.answer;
  const message = `The answer is longer than ${MAX_BYTES} bytes, the platform's limit.`;
  return errorAnswer(502, 'ANSWER_TOO_LARGE', message);
}
