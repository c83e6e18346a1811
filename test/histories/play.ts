import type { Command, History, SettingsCommand } from './commands.js';
import { Runs } from './runs.js';
import type { Scene, Stage } from './stage.js';
import { Wms } from './wms.js';

const MINUTE_MS = 60_000;
/** More than the longest lookback: what an earlier run has missed stays missed. */
const LONG_MS = 3 * 86_400_000;

/** Plays one history on an empty stage, judging every run, and brings it to its end. */
export async function play(stage: Stage, history: History): Promise<void> {
  const scene = await stage.clear(history);
  const wms = new Wms(scene.backend.lake, scene.subject, history.lookback * MINUTE_MS);
  const runs = new Runs(scene, wms);
  stage.coverage.count(`history: ${history.tableId}`);
  for (const command of history.commands) {
    const done = await perform(command, { scene, wms, runs, history });
    stage.coverage.count(`${done ? 'command' : 'command without object'}: ${command.do}`);
  }
  await conclude(scene, runs);
}

interface Cast {
  readonly scene: Scene;
  readonly wms: Wms;
  readonly runs: Runs;
  readonly history: History;
}

async function perform(command: Command, cast: Cast): Promise<boolean> {
  const { scene, wms, runs } = cast;
  switch (command.do) {
    case 'insert':
    case 'edit':
    case 'delete':
    case 'revive':
    case 'reuse':
    case 'collide':
    case 'settle':
    case 'wait':
      return wms.apply(command);
    case 'configure':
      await configure(command, cast);
      return true;
    case 'lake': {
      const { do: _, ...settings } = command;
      scene.backend.lake.configure(settings);
      return true;
    }
    case 'loseResults':
      await runs.loseResults();
      return true;
    case 'expireTokens':
      scene.backend.lake.expireTokens();
      return true;
    default:
      await runs.apply(command);
      return true;
  }
}

async function configure(
  command: SettingsCommand & { do: 'configure' },
  { scene, history }: Cast,
): Promise<void> {
  const { do: _, whseid, deleteMode, moreLookback, ...settings } = command;
  const { options } = await scene.config();
  const { whseid: before, ...others } = options;
  const scope = whseid === undefined ? before : (whseid ?? undefined);
  await scene.backend.configure(scene.subject.table.tableId, {
    ...settings,
    ...(moreLookback !== undefined && { lookbackMinutes: history.lookback + moreLookback }),
    options: { ...others, ...(scope && { whseid: scope }), ...(deleteMode && { deleteMode }) },
  });
}

/** Whatever happened before: with the faults gone, runs bring everything in. */
async function conclude(scene: Scene, runs: Runs): Promise<void> {
  const { lake, configure } = scene.backend;
  const { tableId } = scene.subject.table;
  await runs.untilComplete();
  lake.advance(LONG_MS);
  await runs.untilComplete();
  await configure(tableId, { options: {}, maxRecords: 0 });
  await runs.untilComplete();
  await runs.verify();
}
