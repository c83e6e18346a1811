import { connectLake } from '../dev/lake/index.js';
import { taskdetail } from '../src/tables/taskdetail.js';
import { answerParent } from './child.js';
import type { Place } from './settings.js';
import { openSync, type Run } from './sync-runs.js';

/** Later than the lookback, so that a later run reads next to nothing again. */
const PAUSE_MS = 2 * 3_600_000;

/** A first full run, and one over a single edit; the database stays for what comes next. */
async function measure(place: Place): Promise<Run> {
  const sync = await openSync(place);
  const full = await sync.run('full');
  const lake = connectLake(place.lakeUrl);
  await lake.advance(PAUSE_MS);
  await lake.edit(taskdetail.object, { WHSEID: 'wmwhse1', SERIALKEY: 1 }, { STATUS: 'X' });
  await sync.run('incremental');
  await sync.close('keep');
  return full;
}

await answerParent(measure);
