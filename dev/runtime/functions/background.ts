import { setTimeout as delay } from 'node:timers/promises';

/** The platform runs a failed background function again a minute later, and two minutes after that. */
export const RERUN_PAUSES_MS: readonly number[] = [60_000, 120_000];

/**
 * Runs a background function until it succeeds or its re-runs are used up; its answer goes nowhere.
 * @param run one run; resolves with what failed, if anything.
 */
export async function runInBackground(
  name: string,
  run: () => Promise<string | undefined>,
  pausesMs: readonly number[],
  log: (line: string) => void,
): Promise<void> {
  const runs = pausesMs.length + 1;
  for (const [index, pauseMs] of [0, ...pausesMs].entries()) {
    if (pauseMs > 0) await delay(pauseMs);
    const failure = await run();
    if (failure === undefined) return;
    log(`${name}: run ${index + 1} of ${runs} failed: ${failure}`);
  }
}
