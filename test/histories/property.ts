import fc from 'fast-check';
import { afterAll, test } from 'vitest';
import { histories } from './generate.js';
import { play } from './play.js';
import { openStage } from './stage.js';
import type { Subject } from './subjects.js';

/**
 * The same histories every time, unless a number of them is asked for: then random ones. These few
 * have most of the commands; the long tests play hundreds of others.
 */
const SEED = 20_260_501;
const HISTORIES = 4;
/** One history takes about a second; what takes this long hangs. */
const HISTORY_MS = 120_000;

/**
 * Plays random histories of the lake, interleaved with runs, faults and changes of settings:
 * after every complete run MongoDB has to hold what the lake holds. A failure prints the
 * shrunk history, and seed and path, by which it is played again:
 *
 *     HISTORIES_SEED=-123 HISTORIES_PATH=7:0:3 npx vitest run test/histories/deletes-told
 *
 * HISTORIES is the number of histories a file, HISTORIES_NO_SHRINK=1 shows the first failure as it
 * is, and HISTORIES_COVERAGE=1 prints what they came to. Some of what decides is left to chance
 * (the order of rows, the moment at which workers meet), so a failure may need a second try to
 * come back.
 */
export async function playHistories(subjects: readonly Subject[]): Promise<void> {
  const { HISTORIES: asked, HISTORIES_SEED, HISTORIES_PATH, HISTORIES_COVERAGE } = process.env;
  const stage = await openStage();
  // Those of the two files differ.
  const seed = HISTORIES_SEED ?? (asked === undefined ? SEED + subjects.length : undefined);
  const tableIds = subjects.map(({ table }) => table.tableId);

  // Shrinking takes minutes.
  test('MongoDB holds what the lake holds after every complete run', { timeout: 0 }, async () => {
    const property = fc.asyncProperty(histories(tableIds), (history) => play(stage, history));
    await fc.assert(property, {
      numRuns: Number(asked ?? HISTORIES),
      timeout: HISTORY_MS,
      endOnFailure: process.env.HISTORIES_NO_SHRINK !== undefined,
      ...(seed !== undefined && { seed: Number(seed) }),
      ...(HISTORIES_PATH !== undefined && { path: HISTORIES_PATH }),
    });
  });

  afterAll(() => {
    if (HISTORIES_COVERAGE) console.info(stage.coverage.table());
  });
}
