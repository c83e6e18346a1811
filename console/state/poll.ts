import { type ReadonlySignal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Failure } from './failure.js';

/** Between two looks when nothing runs. */
export const IDLE_MS = 60_000;
/** After a first failure; after each further one twice as long, up to IDLE_MS. */
const FIRST_RETRY_MS = 5_000;

export interface Polled<T> {
  readonly data: ReadonlySignal<T | undefined>;
  /** Why the latest request failed; the data are then those of the one before. */
  readonly failure: ReadonlySignal<Failure | undefined>;
  readonly busy: ReadonlySignal<boolean>;
  /** Asks at once. */
  readonly refresh: () => void;
}

/**
 * What a screen shows, asked for again and again while the page is visible.
 * @param key what is asked for: another key asks for something else
 * @param load sends one request
 * @param pauseMs how long to wait after an answer, in milliseconds; undefined: for good
 * @param known an answer that is there already, and when it came
 */
export function usePolled<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  pauseMs: (data: T) => number | undefined = () => IDLE_MS,
  known?: { readonly data: T; readonly at: number },
): Polled<T> {
  const poller = useMemo(() => new Poller(load, pauseMs, known), [key]);
  useEffect(() => poller.start(), [poller]);
  return poller;
}

class Poller<T> implements Polled<T> {
  readonly data = signal<T | undefined>(undefined);
  readonly failure = signal<Failure | undefined>(undefined);
  readonly busy = signal(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt: number | undefined = 0;
  #failures = 0;
  #controller = new AbortController();

  constructor(
    readonly load: (signal: AbortSignal) => Promise<T>,
    readonly pauseMs: (data: T) => number | undefined,
    known?: { readonly data: T; readonly at: number },
  ) {
    if (!known) return;
    this.data.value = known.data;
    const pause = pauseMs(known.data);
    this.#dueAt = pause === undefined ? undefined : known.at + pause;
  }

  /** @returns what ends it */
  start(): () => void {
    this.#controller = new AbortController();
    const { signal: ended } = this.#controller;
    document.addEventListener('visibilitychange', this.#schedule, { signal: ended });
    addEventListener('online', () => this.#wait(0), { signal: ended });
    this.#schedule();
    return () => {
      this.#controller.abort();
      clearTimeout(this.#timer);
    };
  }

  readonly refresh = async (): Promise<void> => {
    const { signal: ended } = this.#controller;
    if (this.busy.value || ended.aborted) return;
    clearTimeout(this.#timer);
    this.busy.value = true;
    try {
      const data = await this.load(ended);
      if (ended.aborted) return;
      this.data.value = data;
      this.failure.value = undefined;
      this.#failures = 0;
      this.#wait(this.pauseMs(data));
    } catch (error) {
      if (ended.aborted) return;
      // `call` throws nothing else.
      const failure = error as Failure;
      this.failure.value = failure;
      const pauseMs = Math.min(IDLE_MS, FIRST_RETRY_MS * 2 ** this.#failures++);
      this.#wait(Math.max(pauseMs, failure.retryAfterMs ?? 0));
    } finally {
      this.busy.value = false;
    }
  };

  #wait(ms: number | undefined): void {
    this.#dueAt = ms === undefined ? undefined : Date.now() + ms;
    this.#schedule();
  }

  /** Nothing is asked for while nobody looks; what has become due by then is asked for at once. */
  readonly #schedule = (): void => {
    clearTimeout(this.#timer);
    if (document.hidden || this.#dueAt === undefined) return;
    this.#timer = setTimeout(this.refresh, Math.max(0, this.#dueAt - Date.now()));
  };
}
