import fc from 'fast-check';
import { afterAll, test } from 'vitest';
import { histories } from './generate.js';
import { play } from './play.js';
import { openStage } from './stage.js';
import { SUBJECTS } from './subjects.js';

/**
 * Random histories of the lake, interleaved with runs, faults and changes of the settings.
 * A failure prints the shrunk history, and seed and path to replay it:
 *
 *     HISTORIES_SEED=-123 HISTORIES_PATH=7:0:3 npx vitest run test/histories
 */
const { HISTORIES = '50', HISTORIES_SEED, HISTORIES_PATH, HISTORIES_COVERAGE } = process.env;
const stage = await openStage();

test('after every complete run MongoDB holds what the lake holds', { timeout: 0 }, async () => {
  const tableIds = SUBJECTS.map(({ table }) => table.tableId);
  const property = fc.asyncProperty(histories(tableIds), (history) => play(stage, history));
  await fc.assert(property, {
    numRuns: Number(HISTORIES),
    ...(HISTORIES_SEED !== undefined && { seed: Number(HISTORIES_SEED) }),
    ...(HISTORIES_PATH !== undefined && { path: HISTORIES_PATH }),
  });
});

afterAll(() => {
  if (HISTORIES_COVERAGE) console.info(stage.coverage.table());
});
