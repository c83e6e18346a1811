/** Ctrl-C or SIGTERM ended what was going on. */
export class Stopped extends Error {
  override readonly name = 'Stopped';

  /** @param status the exit status that a shell gives a program which the signal ended */
  constructor(readonly status: number) {
    super('Stopped.');
  }
}

export interface StopSignals {
  /** Aborted by the first Ctrl-C or SIGTERM; its reason is a `Stopped`. */
  readonly signal: AbortSignal;
  forget(): void;
}

const STATUS = { SIGINT: 130, SIGTERM: 143 } as const;
/** One Ctrl-C can arrive twice: from the terminal, and handed on by what started this process. */
const ECHO_MS = 500;

/** A second Ctrl-C ends the process at once. */
export function hearStopSignals(): StopSignals {
  const controller = new AbortController();
  let heardAt = 0;
  const listeners = Object.entries(STATUS).map(([name, status]) => {
    const listener = () => {
      if (!controller.signal.aborted) heardAt = Date.now();
      else if (Date.now() - heardAt > ECHO_MS) process.exit(status);
      controller.abort(new Stopped(status));
    };
    process.on(name, listener);
    return { name, listener };
  });
  return {
    signal: controller.signal,
    forget() {
      for (const { name, listener } of listeners) process.off(name, listener);
    },
  };
}
