import { expect } from 'vitest';
import { LAKE_SETTINGS, type Scene, type Stage } from '../stage.js';
import type { ReconcileCommand, ReconcileHistory } from './commands.js';
import { ReconcileRuns } from './runs.js';
import { tamper } from './tamper.js';

const MINUTE_MS = 60_000;
/** More runs than any end needs: one that lets time pass, one for held deletes, and some more. */
const MOST_ENDINGS = 8;

/** Plays one history on an empty stage, judging every run, and brings it to its end. */
export async function playReconciles(stage: Stage, history: ReconcileHistory): Promise<void> {
  const scene = await stage.clear({ ...history, commands: [] });
  const runs = new ReconcileRuns(scene);
  try {
    for (const command of history.commands) {
      const done = await perform(command, scene, runs, history);
      const name = command.do === 'wms' ? command.change.do : command.do;
      const what = command.do === 'tamper' ? `tamper: ${command.how.do}` : `command: ${name}`;
      stage.coverage.count(done ? what : `${what}, without object`);
    }
    await conclude(scene, runs, history);
  } finally {
    await runs.thaw();
  }
}

async function perform(
  command: ReconcileCommand,
  scene: Scene,
  runs: ReconcileRuns,
  history: ReconcileHistory,
): Promise<boolean> {
  switch (command.do) {
    case 'wms':
      runs.rowsChange();
      return scene.wms.apply(command.change);
    case 'tamper':
      await runs.spoiled(command.how);
      return tamper(command.how, scene);
    case 'pass':
      return runs.pass(command.ms);
    case 'configure': {
      const options = {
        deleteMode: command.deleteMode,
        ...(command.whseid && { whseid: command.whseid }),
      };
      await scene.backend.configure(scene.subject.table.tableId, { options });
      return true;
    }
    case 'lake': {
      const { do: _, delay, ...settings } = command;
      scene.backend.lake.configure(settings);
      // Where MongoDB's clock bounds the watermark, it says how late a change may be.
      if (history.aheadMs === undefined) scene.wms.delay(delay);
      return true;
    }
    default:
      return runs.apply(command);
  }
}

/**
 * Whatever happened before: once the lake stands still, two runs that repair, a lookback apart,
 * leave nothing that the certificate does not tell of.
 */
async function conclude(scene: Scene, runs: ReconcileRuns, { lookback }: ReconcileHistory) {
  await runs.thaw();
  scene.wms.delay(0);
  scene.backend.lake.configure(LAKE_SETTINGS);
  const { tableId } = scene.subject.table;
  const { deleteMode } = (await scene.config()).options;
  await scene.backend.configure(tableId, { options: deleteMode ? { deleteMode } : {} });
  await runs.endActive();
  await runs.pass((lookback + 1) * MINUTE_MS);
  await runs.work('incremental');
  await runs.expectNothingLost();
  await runs.untilReconciled();
  for (let nth = 0; ; nth++) {
    await runs.pass((lookback + 1) * MINUTE_MS);
    const certificate = await runs.untilReconciled();
    if (certificate.held === 0 || nth === 1) {
      await runs.expectTrue(certificate);
      if (certificate.held === 0) return;
    }
    expect(nth, 'held deletes are carried out once they are confirmed').toBeLessThan(MOST_ENDINGS);
    await runs.confirm();
  }
}
