import type { Clock } from '../clock.js';
import { AppError, toAppError } from '../errors/app-error.js';
import type { CallOptions } from '../ion/time-limit.js';
import type { CompassCalls } from './compass-calls.js';
import { NO_PAUSE, nextPause, nextTurn, type Pause, type QuotaRules } from './quota-rules.js';
import type { QuotaReading, QuotaStore } from './quota-store.js';

interface QuotaOptions {
  readonly store: QuotaStore;
  readonly clock: Clock;
  readonly rules: QuotaRules;
  /** Called for each pause that this instance begins. */
  readonly onPause?: (pauseMs: number) => void;
}

interface Limits {
  /** Epoch milliseconds by this machine's clock. */
  readonly callDeadline: number;
  readonly signal?: AbortSignal | undefined;
  /** Whether the caller set the deadline: it then continues later. */
  readonly isCallers: boolean;
}

/** The stored pause is read again after this time, concurrently with the calls. */
const REFRESH_MS = 2_000;
/** A call without a deadline is part of a request, which must be answered within 60 s. */
const REQUEST_MS = 15_000;
/** Waiting calls continue spread over this share of the pause; the first one tests it for all. */
const SPREAD = 0.25;
/** The longest wait, in milliseconds, before another attempt to take a turn. */
const TURN_RETRY_MS = 20;

/**
 * Keeps the calls of all instances together within the tenant's quota. Queries take turns; after a
 * 429 no instance calls until the pause is over. A 429 thus does not count as a failed attempt: the
 * call waits, until the caller's deadline. Without MongoDB each instance knows only its own 429s.
 */
export class Quota {
  readonly #options: QuotaOptions;
  #pause: Pause = NO_PAUSE;
  /** MongoDB's clock minus this machine's. */
  #skewMs = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  constructor(options: QuotaOptions) {
    this.#options = options;
  }

  /**
   * Makes the call when the quota allows it, and again each time that the lake refuses it.
   * @throws AppError OUT_OF_TIME if that is after the deadline; LAKE_QUOTA if it is more than 15 s
   *   ahead and there is no deadline; what `call` throws
   */
  async run<T>(
    kind: keyof CompassCalls,
    { deadline = Number.POSITIVE_INFINITY, signal }: CallOptions,
    call: () => Promise<T>,
  ): Promise<T> {
    const isCallers = deadline < Number.POSITIVE_INFINITY;
    const callDeadline = isCallers ? deadline : this.#options.clock.now() + REQUEST_MS;
    const limits = { callDeadline, signal, isCallers };
    for (;;) {
      await this.#admit(kind, limits);
      const { pausedUntil } = this.#pause;
      try {
        return await call();
      } catch (thrown) {
        const error = toAppError(thrown);
        if (error.code !== 'LAKE_QUOTA') throw thrown;
        await this.#refused(pausedUntil, error.retryAfterMs);
      }
    }
  }

  async #admit(kind: keyof CompassCalls, limits: Limits): Promise<void> {
    await this.#refresh();
    do {
      await this.#waitOutPause(limits);
      if (kind === 'submit') await this.#takeTurn(limits);
      // While a query waited for its turn another call may have been refused.
    } while (this.#pauseLeft() > 0 && !limits.signal?.aborted);
  }

  async #waitOutPause(limits: Limits): Promise<void> {
    for (let left = this.#pauseLeft(); left > 0; left = this.#pauseLeft()) {
      if (limits.signal?.aborted) return;
      await this.#wait(left, limits, Math.random() * SPREAD * this.#pause.pauseMs);
      // The first call after the pause may have been refused again.
      await this.#ask();
    }
  }

  async #takeTurn(limits: Limits): Promise<void> {
    const { store, rules } = this.#options;
    while (!limits.signal?.aborted) {
      const read = await store.read().catch(() => undefined);
      if (!read) return;
      this.#learn(read);
      const turn = nextTurn(rules, read.turns, read.now);
      const waitMs = turn.at - read.now;
      this.#checkTime(waitMs, limits);
      const taken = await store.takeTurn(read, turn.turns).catch(() => undefined);
      if (taken === undefined) return;
      if (taken) return this.#wait(waitMs, limits);
      await this.#wait(Math.random() * TURN_RETRY_MS, limits);
    }
  }

  /** @param knownUntil the pause that was known when the refused call was made */
  async #refused(knownUntil: number, askedMs: number | undefined): Promise<void> {
    const { store, rules, onPause } = this.#options;
    await this.#ask();
    const last = this.#pause;
    const pause = nextPause(rules, last, this.#now(), askedMs);
    const told = last.pausedUntil > knownUntil;
    // Calls refused at the same time count as one refusal, so that the pause grows only once.
    if (told && (askedMs === undefined || pause.pausedUntil <= last.pausedUntil)) return;
    this.#pause = pause;
    onPause?.(pause.pausedUntil - this.#now());
    await store.pause(pause).catch(() => undefined);
  }

  /** Waits for the stored pause only the first time; later calls don't wait for MongoDB. */
  async #refresh(): Promise<void> {
    const first = this.#askedAt === Number.NEGATIVE_INFINITY;
    if (this.#options.clock.now() - this.#askedAt < REFRESH_MS) return;
    const asked = this.#ask();
    if (first) await asked;
  }

  #ask(): Promise<void> {
    const { store, clock } = this.#options;
    this.#asking ??= store
      .read()
      .then(
        (read) => this.#learn(read),
        () => undefined,
      )
      .finally(() => {
        this.#askedAt = clock.now();
        this.#asking = undefined;
      });
    return this.#asking;
  }

  #learn({ now, pausedUntil, pauseMs }: QuotaReading): void {
    this.#skewMs = now - this.#options.clock.now();
    // A pause that this instance began may not be stored yet, or not at all.
    if (pausedUntil > this.#pause.pausedUntil) this.#pause = { pausedUntil, pauseMs };
  }

  /** By MongoDB's clock. */
  #now(): number {
    return this.#options.clock.now() + this.#skewMs;
  }

  #pauseLeft(): number {
    return this.#pause.pausedUntil - this.#now();
  }

  async #wait(ms: number, limits: Limits, spreadMs = 0): Promise<void> {
    const { clock } = this.#options;
    this.#checkTime(ms, limits);
    await clock.sleep(Math.min(ms + spreadMs, limits.callDeadline - clock.now()), limits.signal);
  }

  #checkTime(waitMs: number, { callDeadline, isCallers }: Limits): void {
    if (this.#options.clock.now() + waitMs < callDeadline) return;
    const quota = new AppError('LAKE_QUOTA', undefined, { retryAfterMs: waitMs });
    if (!isCallers) throw quota;
    const { message, code } = quota;
    throw new AppError('OUT_OF_TIME', undefined, { cause: quota, details: [{ message, code }] });
  }
}

/** The calls of Compass, each made when the quota allows it. */
export function withQuota(calls: CompassCalls, quota: Quota): CompassCalls {
  return {
    ping: (options = {}) => quota.run('ping', options, () => calls.ping(options)),
    submit: (sql, options = {}) => quota.run('submit', options, () => calls.submit(sql, options)),
    status: (queryId, options = {}) =>
      quota.run('status', options, () => calls.status(queryId, options)),
    page: (queryId, options) => quota.run('page', options, () => calls.page(queryId, options)),
    cancel: (queryId, options = {}) =>
      quota.run('cancel', options, () => calls.cancel(queryId, options)),
  };
}
