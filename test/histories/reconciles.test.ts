import fc from 'fast-check';
import { afterAll, test } from 'vitest';
import { reconcileHistories } from './reconcile/generate.js';
import { playReconciles } from './reconcile/play.js';
import { openStage } from './stage.js';
import { SUBJECTS } from './subjects.js';

/** The same histories every time, unless a number of them is asked for: then random ones. */
const SEED = 20_261_129;
const HISTORIES = 10;
const HISTORY_MS = 120_000;

/*
 * Plays random histories of the lake, of tampering with MongoDB and of runs that compare the two.
 * A failure is played again as those of the other files are (`property.ts`); RECONCILE_HISTORIES is
 * the number of histories, and HISTORIES_NO_SHRINK=1 shows the first failure as it is.
 */
const { RECONCILE_HISTORIES: asked, HISTORIES_SEED, HISTORIES_PATH } = process.env;
const stage = await openStage();
const seed = HISTORIES_SEED ?? (asked === undefined ? SEED : undefined);
const tableIds = SUBJECTS.map(({ table }) => table.tableId);

// Shrinking takes minutes.
test('no row is lost to a delete, and what a certificate says is true', {
  timeout: 0,
}, async () => {
  const property = fc.asyncProperty(reconcileHistories(tableIds), (history) =>
    playReconciles(stage, history),
  );
  await fc.assert(property, {
    numRuns: Number(asked ?? HISTORIES),
    timeout: HISTORY_MS,
    endOnFailure: process.env.HISTORIES_NO_SHRINK !== undefined,
    ...(seed !== undefined && { seed: Number(seed) }),
    ...(HISTORIES_PATH !== undefined && { path: HISTORIES_PATH }),
  });
});

afterAll(() => {
  if (process.env.HISTORIES_COVERAGE) console.info(stage.coverage.table());
});
