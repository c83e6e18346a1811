import { expectAnswer } from './expect-answer.js';
import { Failure } from './failure.js';
import type { Session } from './session.js';
import { historyEntry, promised } from './shapes.js';

/** Set by each write. */
const CHANGES_ANYWAY = new Set(['updatedAt']);

/** Writes an entry of the history back as it was read, all its fields included. */
export async function correctHistory({ client, historyEntry: read }: Session): Promise<string> {
  if (!read) throw new Failure('No run of the table has ended that could be corrected');
  const query = { id: read._id };
  const request = { method: 'PUT', query, body: read } as const;
  const written = promised(
    historyEntry,
    await expectAnswer(client, 'update-sync-history', request),
  );
  const before: Readonly<Record<string, unknown>> = read;
  const after: Readonly<Record<string, unknown>> = written;
  const changed = Object.keys(before).filter(
    (name) =>
      !CHANGES_ANYWAY.has(name) && JSON.stringify(after[name]) !== JSON.stringify(before[name]),
  );
  if (changed.length === 0) return `${read.tableId}: an entry, as it was`;
  throw new Failure(`The entry ${read._id} changed by being written back: ${changed.join(', ')}`);
}
