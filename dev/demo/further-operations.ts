import { z } from 'zod';
import { expectAnswer } from '../test-sync-api/expect-answer.js';
import type { Operation, Session } from '../test-sync-api/session.js';
import { config, historyAnswer, promised } from '../test-sync-api/shapes.js';

/** What the backend does beside what `npm run test-sync-api` calls; changes that only a demo may make. */
export const FURTHER_OPERATIONS: readonly Operation[] = [
  { label: 'PUT update-sync-history', run: correctHistory },
  { label: 'POST sync-history', run: recordRun },
  { label: 'GET sync-rejects', run: listRejects },
  { label: 'GET sync-settings', run: listSettings },
  { label: 'POST sync-control', run: pauseAndResume },
  { label: 'DELETE sync-config', run: deleteConfig },
  { label: 'POST sync-config', run: createConfig },
];

const TABLE = 'receipt';
const NOTE = 'looked at by the demo';

async function correctHistory({ client }: Session): Promise<string> {
  const newest = await expectAnswer(client, 'sync-history', { query: { limit: '1' } });
  const [entry] = promised(historyAnswer, newest).history;
  const corrected = await expectAnswer(client, 'update-sync-history', {
    method: 'PUT',
    query: { id: entry?._id ?? '' },
    body: { options: { note: NOTE } },
  });
  const { options } = promised(
    z.looseObject({ options: z.object({ note: z.literal(NOTE) }) }),
    corrected,
  );
  return `the newest run of ${entry?.tableId} has a note: ${options.note}`;
}

async function recordRun({ client }: Session): Promise<string> {
  const body = { tableId: TABLE, tableName: 'Receipt', syncJobId: '0'.repeat(24) };
  const run = { ...body, status: 'completed', recordsProcessed: 1 };
  const reply = await expectAnswer(client, 'sync-history', { body: run }, 201);
  const { tableId } = promised(z.looseObject({ tableId: z.string() }), reply);
  return `a run of ${tableId} that was made elsewhere`;
}

async function listRejects({ client }: Session): Promise<string> {
  const reply = await expectAnswer(client, 'sync-rejects', {});
  const shape = z.looseObject({ pagination: z.looseObject({ total: z.number() }) });
  return `${promised(shape, reply).pagination.total} rows wait for a correction`;
}

async function listSettings({ client }: Session): Promise<string> {
  const reply = await expectAnswer(client, 'sync-settings', {});
  const shape = z.looseObject({ settings: z.array(z.looseObject({ key: z.string() })) });
  return promised(shape, reply)
    .settings.map(({ key }) => key)
    .join(', ');
}

async function pauseAndResume({ client }: Session): Promise<string> {
  const shape = z.looseObject({ message: z.string() });
  const messages: string[] = [];
  for (const action of ['pause', 'resume']) {
    const reply = await expectAnswer(client, 'sync-control', { body: { tableId: TABLE, action } });
    messages.push(promised(shape, reply).message);
  }
  return messages.join(', then ');
}

async function deleteConfig({ client }: Session): Promise<string> {
  const query = { tableId: TABLE };
  await expectAnswer(client, 'sync-config', { method: 'DELETE', query });
  return `${TABLE} has no configuration`;
}

async function createConfig({ client }: Session): Promise<string> {
  const reply = await expectAnswer(client, 'sync-config', { body: { tableId: TABLE } }, 201);
  return `${promised(config, reply).tableId} has one again, and is due`;
}
