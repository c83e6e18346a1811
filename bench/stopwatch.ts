/** What some work took. */
export interface Spent {
  readonly ms: number;
  /** Of the processor, by this process: on a busy machine it says more than the clock. */
  readonly cpuMs: number;
}

/** Starts now; each call of what it returns tells what has been spent since. */
export function stopwatch(): () => Spent {
  const started = performance.now();
  const atStart = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(atStart);
    return { ms: performance.now() - started, cpuMs: (user + system) / 1000 };
  };
}

export function addSpent(a: Spent, b: Spent): Spent {
  return { ms: a.ms + b.ms, cpuMs: a.cpuMs + b.cpuMs };
}
