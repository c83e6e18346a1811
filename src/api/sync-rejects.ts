import type { Types } from 'mongoose';
import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import type { Endpoint } from '../http/endpoint.js';
import type { SyncReject } from '../models/sync-reject.js';
import { type RetryResult, retryRejects } from '../sync/retry-rejects.js';
import { recordChanges } from './audit.js';
import { anyTable, objectId, refuseUnknownTable, tableIdField } from './fields.js';
import { blankIsAbsent, withoutBlanks } from './forgiving.js';
import { limitStarts } from './limit-starts.js';
import { paginationOf, paging, period, refuseTwoPages } from './paging.js';
import { method, type Services } from './services.js';

/** A synchronous function ends after 60 s; the writes and the answer need their time. */
const BUDGET_MS = 45_000;

const query = z.strictObject({
  tableId: anyTable,
  reason: blankIsAbsent(
    z.string().regex(/^[a-z_]{1,40}$/, { error: 'must be a reason such as number_invalid' }),
  ),
  state: blankIsAbsent(
    z.enum(['open', 'resolved', 'all'], { error: 'must be open, resolved or all' }),
  ).transform((state) => state ?? 'open'),
  ...period,
  ...paging,
});

const body = withoutBlanks(
  z
    .strictObject({
      action: z.literal('retry', { error: 'must be retry' }),
      tableId: tableIdField.optional(),
      ids: z
        .array(objectId, { error: 'must be a list of ids' })
        .min(1, { error: 'must name at least one reject' })
        .max(1_000, { error: 'must be at most 1000 ids' })
        .optional(),
    })
    .refine(({ ids, tableId }) => (ids === undefined) !== (tableId === undefined), {
      path: ['ids'],
      error: 'give either ids or tableId',
    }),
);

export const syncRejects: Endpoint<Services> = {
  name: 'sync-rejects',
  methods: {
    GET: method({
      access: 'read',
      query,
      async handle({ query, services, caller }) {
        const { store, tables } = await services();
        const { rejects } = await store();
        refuseTwoPages(query);
        const found = await rejects.page(query);
        const { tableId } = query;
        refuseUnknownTable(tables, tableId, await rejects.recordsOf(tableId, found.total));
        // Rows hold e-mail addresses: who may only read sees where and why, not what.
        const view = caller?.may === 'read' ? withoutValues : rejectView;
        return {
          body: { rejects: found.entries.map(view), pagination: paginationOf(query, found) },
        };
      },
    }),
    POST: method({
      access: 'write',
      body,
      async handle(call) {
        const { body, services } = call;
        const { ids, tableId } = body;
        const provided = await services();
        if (tableId !== undefined) provided.tables.get(tableId);
        if (ids) await refuseUnknown(ids, provided);
        await limitStarts(call);
        const wanted = ids ? { ids } : { tableId: String(tableId) };
        const context = await provided.sync();
        const result = await retryRejects(context, wanted, provided.clock.now() + BUDGET_MS);
        const subject = tableId === undefined ? { target: null } : { target: tableId, tableId };
        await recordChanges(call, [{ action: 'rejects.retry', ...subject, after: { ...result } }]);
        return { body: { message: messageOf(result), ...result } };
      },
    }),
  },
};

async function refuseUnknown(ids: readonly Types.ObjectId[], { store }: Services): Promise<void> {
  const { rejects } = await store();
  const known = new Set((await rejects.knownIds(ids)).map(String));
  const unknown = ids.flatMap((id, index) => (known.has(String(id)) ? [] : [index]));
  if (unknown.length === 0) return;
  const details = unknown.map((index) => ({
    field: `ids.${index}`,
    message: 'is not the id of a reject',
  }));
  throw new AppError('VALIDATION_FAILED', undefined, { details });
}

/** Without `modifiedAt`: the raw row shows it, as far as the row has it. */
function rejectView({
  _id,
  raw,
  open,
  modifiedAt: _,
  ...rest
}: SyncReject): Record<string, unknown> {
  return {
    _id: String(_id),
    ...rest,
    state: open ? 'open' : 'resolved',
    raw: JSON.parse(raw),
  };
}

/** Neither the row nor a value of it, in whatever field. */
function withoutValues(reject: SyncReject): Record<string, unknown> {
  const { raw: _, message: _message, identity: _identity, ...rest } = rejectView(reject);
  const unreadable = reject.unreadable?.map(({ column, reason }) => ({ column, reason }));
  return { ...rest, ...(unreadable && { unreadable }) };
}

function messageOf({ retried, resolved, gone, stillRejected, remaining }: RetryResult): string {
  if (retried === 0) return 'There is no open reject to retry';
  const parts = [
    `${resolved} arrived`,
    `${gone} gone from the lake`,
    `${stillRejected} still rejected`,
    ...(remaining > 0 ? [`${remaining} not retried yet`] : []),
  ];
  return `Rows fetched again: ${parts.join(', ')}`;
}
