import type { History, SettingsCommand } from './commands.js';
import type { Scene } from './stage.js';

const HOUR_MS = 3_600_000;

type Setting = Exclude<SettingsCommand, { do: 'loseResults' | 'emptyTarget' }>;

/** Changes what lasts: the configuration, or how the lake is from now on. */
export async function changeSettings(
  command: Setting,
  scene: Scene,
  history: History,
): Promise<void> {
  const { lake, db } = scene.backend;
  switch (command.do) {
    case 'configure':
      return configure(command, scene, history);
    case 'lake': {
      const { do: _, ...settings } = command;
      lake.configure(settings);
      return;
    }
    case 'expireTokens':
      lake.expireTokens();
      return;
    case 'misbehave': {
      const { pastEnd, refuseTotals, delay } = command;
      lake.configure({ pastEnd, refuseTotals });
      // Where MongoDB's clock bounds the watermark, it says how late a change may be.
      if (history.aheadMs === undefined) scene.wms.delay(delay);
      scene.coverage.count(`past the end: ${pastEnd}`);
      if (refuseTotals) scene.coverage.count('totals: refused');
      if (delay > 0) scene.coverage.count('visibility: delayed');
      return;
    }
    case 'forwardWatermark': {
      const { tableId } = scene.subject.table;
      const watermark = new Date(Date.now() + 3 * HOUR_MS);
      await db.collection('syncconfigs').updateOne({ tableId }, { $set: { watermark } });
    }
  }
}

async function configure(
  command: SettingsCommand & { do: 'configure' },
  scene: Scene,
  { lookback }: History,
): Promise<void> {
  const { do: _, whseid, deleteMode, moreLookback, ...settings } = command;
  const { options } = await scene.config();
  const { whseid: before, ...others } = options;
  const scope = whseid === undefined ? before : (whseid ?? undefined);
  await scene.backend.configure(scene.subject.table.tableId, {
    ...settings,
    ...(moreLookback !== undefined && { lookbackMinutes: lookback + moreLookback }),
    options: { ...others, ...(scope && { whseid: scope }), ...(deleteMode && { deleteMode }) },
  });
}
