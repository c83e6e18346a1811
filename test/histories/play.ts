import { changeSettings } from './change-settings.js';
import type { Command, History } from './commands.js';
import { Runs } from './runs.js';
import { LAKE_SETTINGS, type Scene, type Stage } from './stage.js';

/** More than the longest lookback: what an earlier run has missed stays missed. */
const LONG_MS = 3 * 86_400_000;

/** Plays one history on an empty stage, judging every run, and brings it to its end. */
export async function play(stage: Stage, history: History): Promise<void> {
  const scene = await stage.clear(history);
  const runs = new Runs(scene);
  const clock = history.aheadMs === undefined ? '' : `, ${history.aheadMs / 60_000} min ahead`;
  stage.coverage.count(`history: ${history.tableId}${clock}`);
  for (const command of history.commands) {
    const done = await perform(command, { scene, runs, history });
    stage.coverage.count(`${done ? 'command' : 'command without object'}: ${command.do}`);
  }
  await conclude(scene, runs);
}

interface Cast {
  readonly scene: Scene;
  readonly runs: Runs;
  readonly history: History;
}

async function perform(command: Command, { scene, runs, history }: Cast): Promise<boolean> {
  switch (command.do) {
    case 'insert':
    case 'edit':
    case 'delete':
    case 'revive':
    case 'reuse':
    case 'collide':
    case 'settle':
    case 'wait':
    case 'stepBack':
      return scene.wms.apply(command);
    case 'hide':
    case 'show':
    case 'goBack':
      await runs.rowsChange();
      return scene.wms.apply(command);
    case 'configure':
    case 'lake':
    case 'expireTokens':
    case 'misbehave':
    case 'forwardWatermark':
      await changeSettings(command, scene, history);
      return true;
    case 'loseResults':
      await runs.loseResults();
      return true;
    case 'emptyTarget':
      await runs.emptyTarget();
      return true;
    default:
      return runs.apply(command);
  }
}

/** Whatever happened before: once the lake behaves, runs bring everything in. */
async function conclude(scene: Scene, runs: Runs): Promise<void> {
  const { lake, configure } = scene.backend;
  const { tableId } = scene.subject.table;
  scene.wms.delay(0);
  lake.configure(LAKE_SETTINGS);
  await scene.wms.show();
  await runs.untilComplete();
  lake.advance(LONG_MS);
  await runs.untilComplete();
  await configure(tableId, { options: {}, maxRecords: 0 });
  await runs.untilComplete();
  await runs.verify();
  await runs.expectNoDoubt();
}
