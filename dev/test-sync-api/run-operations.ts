import { Failure, MissingFunction } from './failure.js';
import type { Screen } from './screen.js';
import type { Operation, Session } from './session.js';

/**
 * Calls operations one after the other, a line each.
 * @returns how many did not answer as they should
 */
export async function runOperations(
  operations: readonly Operation[],
  session: Session,
  screen: Screen,
): Promise<number> {
  let failed = 0;
  const { notes } = session;
  for (const { label, run } of operations) {
    const began = performance.now();
    const took = () => performance.now() - began;
    try {
      const text = await run(session);
      screen.result('ok', label, took(), text);
      for (const note of notes.splice(0)) screen.under(`! ${note}`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failed += 1;
      screen.result('failed', label, took(), error.message);
      for (const note of notes.splice(0)) screen.under(`! ${note}`);
      if (error.remedy) screen.under(`→ ${error.remedy}`);
      // Without the first one's function this is no deployment of the backend at all.
      const nothingThere = error instanceof MissingFunction && label === operations[0]?.label;
      if (nothingThere) screen.under('→ Is this the address of the backend?');
      if (error.final || nothingThere) {
        screen.line('The others were not tried.');
        break;
      }
    }
  }
  return failed;
}
