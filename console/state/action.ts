import { type ReadonlySignal, signal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import type { Failure } from './failure.js';

export interface Action<Args extends readonly unknown[]> {
  readonly busy: ReadonlySignal<boolean>;
  /** Why it failed the last time. */
  readonly failure: ReadonlySignal<Failure | undefined>;
  /** Does nothing while it is at it. */
  readonly run: (...args: Args) => Promise<void>;
  /** Forgets the failure. */
  readonly forget: () => void;
}

/** Something that a user sets off. @param work throws nothing but a Failure */
export function useAction<Args extends readonly unknown[]>(
  work: (...args: Args) => Promise<void>,
): Action<Args> {
  // The latest one, since it sees what the screen shows by then.
  const latest = useRef(work);
  latest.current = work;
  return useMemo(() => {
    const busy = signal(false);
    const failure = signal<Failure | undefined>(undefined);
    const forget = () => {
      failure.value = undefined;
    };
    async function run(...args: Args): Promise<void> {
      if (busy.value) return;
      busy.value = true;
      forget();
      try {
        await latest.current(...args);
      } catch (error) {
        failure.value = error as Failure;
      } finally {
        busy.value = false;
      }
    }
    return { busy, failure, run, forget };
  }, []);
}
