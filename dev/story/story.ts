import type { LocalBackend } from '../serve/index.js';
import { differ, holdDeletes, rejectReceipts, runOrders } from './parts.js';
import { type Scene, sceneOf } from './scene.js';

/** From then on: a query takes so long, and a page, in milliseconds. */
const SLOW = { queryMs: 3_000, pageLatencyMs: 500 };
/** Rows a page, so that the first run of all tasks has pages enough to be watched. */
const BATCH_SIZE = 1_000;

const PARTS: readonly (readonly [table: string, part: (scene: Scene) => Promise<string>])[] = [
  ['Orders', runOrders],
  ['Order Detail', differ],
  ['Receipt', rejectReceipts],
  ['Receipt Detail', holdDeletes],
];

/**
 * Brings a backend that has just been started into a state with something to see and to mend in
 * each table, and makes its lake slow.
 * @returns what there is, a line a table
 * @throws Failure where a run fails that should not; Error by Ctrl-C
 */
export async function tellStory(backend: LocalBackend): Promise<string> {
  const scene = sceneOf(backend);
  await scene.call('init-sync-config', { body: {} });
  await scene.configure('taskdetail', { batchSize: BATCH_SIZE });
  const lines = ['Task Detail     has never run; sync it, and watch: the lake is slow from now on'];
  for (const [table, part] of PARTS) lines.push(`${table.padEnd(16)}${await part(scene)}`);
  backend.lake.configure(SLOW);
  return ['What there is to see:', '', ...lines.map((line) => `  ${line}`)].join('\n');
}
