import { z } from 'zod';
import { expectAnswer } from '../test-sync-api/expect-answer.js';
import { config, initAnswer, promised } from '../test-sync-api/shapes.js';
import { number } from './number.js';
import type { Demo } from './sync-tables.js';

const TABLE = 'taskdetail';
/** Rows a page: more pages than by default, so that a run can be watched. */
const BATCH_SIZE = 2_000;

/** Creates the configurations, lists them, and changes one as a frontend does: GET, edit, PUT. */
export async function configure({ client, screen }: Demo): Promise<void> {
  const timed = async (label: string, step: () => Promise<string>) => {
    const began = performance.now();
    const text = await step();
    screen.result('ok', label, performance.now() - began, text);
  };

  await timed('POST init-sync-config', async () => {
    const answer = promised(
      initAnswer,
      await expectAnswer(client, 'init-sync-config', { body: {} }),
    );
    return answer.message;
  });
  await timed('GET sync-config', async () => {
    const all = promised(z.array(config), await expectAnswer(client, 'sync-config', {}));
    const texts = all.map(({ tableId, syncFrequency }) => `${tableId} ${syncFrequency}`);
    return `minutes between runs: ${texts.join(', ')}`;
  });
  await timed('PUT sync-config', async () => {
    const read = await expectAnswer(client, 'sync-config', { query: { tableId: TABLE } });
    const shape = config.extend({ batchSize: z.number() });
    const before = promised(shape, read);
    const body = { ...before, batchSize: BATCH_SIZE };
    const written = await expectAnswer(client, 'sync-config', { method: 'PUT', body });
    const { batchSize } = promised(shape, written);
    return `${TABLE}: batchSize ${number(before.batchSize)} → ${number(batchSize)}`;
  });
}
