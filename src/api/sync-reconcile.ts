import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import type { Endpoint } from '../http/endpoint.js';
import { acceptsJsonLines, JsonLines } from '../http/json-lines.js';
import type { Certificate } from '../models/reconcile.js';
import type { Store } from '../store/store.js';
import { certificateView, differenceView, heldDeletesView } from './certificate-view.js';
import { anyTable, objectId, refuseUnknownTable } from './fields.js';
import { blankIsAbsent } from './forgiving.js';
import { paginationOf, paging, refuseTwoPages } from './paging.js';
import { method, type Services } from './services.js';

/** Differences that an export reads at a time. */
const EXPORTED_AT_A_TIME = 1_000;

/** The hash of no list. */
const NO_LIST = '';

const query = z
  .strictObject({
    tableId: anyTable,
    jobId: blankIsAbsent(objectId),
    held: blankIsAbsent(z.enum(['true', 'false'], { error: 'must be true or false' })),
    ...paging,
  })
  .refine(({ tableId, jobId }) => tableId !== undefined || jobId !== undefined, {
    path: ['tableId'],
    error: 'give tableId, or the jobId of a reconcile',
  });
type Query = z.infer<typeof query>;

/** How MongoDB differs from the lake, by the last comparison of a table or an earlier one. */
export const syncReconcile: Endpoint<Services> = {
  name: 'sync-reconcile',
  methods: {
    GET: method({
      access: 'read',
      query,
      async handle({ query, services, headers }) {
        refuseTwoPages(query);
        const ready = await services();
        const store = await ready.store();
        const certificate = await find(ready, store, query);
        const { tableId } = certificate;
        const held = await store.deleteLists.held(tableId, new Date(ready.clock.now()));
        const heldIn = query.held === 'true' ? (held?.hash ?? NO_LIST) : undefined;
        if (acceptsJsonLines(headers)) {
          return { body: new JsonLines(allOpen(store, tableId, heldIn)) };
        }
        const found = await store.differences.page(tableId, { ...query, heldIn });
        return {
          body: {
            certificate: certificateView(certificate),
            differences: found.entries.map(differenceView),
            heldDeletes: held && heldDeletesView(held),
            pagination: paginationOf(query, found),
          },
        };
      },
    }),
  },
};

/** @throws AppError UNKNOWN_TABLE, CERTIFICATE_NOT_FOUND */
async function find(
  { tables }: Services,
  { certificates }: Store,
  { tableId, jobId }: Query,
): Promise<Certificate> {
  const certificate = jobId
    ? await certificates.find(jobId)
    : await certificates.latest(String(tableId));
  const isOfTable = tableId === undefined || certificate?.tableId === tableId;
  if (certificate && isOfTable) return certificate;
  refuseUnknownTable(tables, tableId, { found: 0 });
  throw new AppError('CERTIFICATE_NOT_FOUND');
}

async function* allOpen({ differences }: Store, tableId: string, heldIn: string | undefined) {
  for await (const page of differences.openPages(tableId, EXPORTED_AT_A_TIME, heldIn)) {
    yield page.map(differenceView);
  }
}
