import { z } from 'zod';
import type { DeleteList } from '../../models/delete-list.js';
import { type Certificate, DIFFERENCE_KINDS, type Difference } from '../../models/reconcile.js';
import type { Shape } from '../shape.js';
import { count, hash, id, tableId, time } from './fields.js';
import { reconcileException, verdict } from './run.js';

const counts = z.strictObject({
  missing: count,
  stale: count,
  newer: count,
  extra: count,
  content: count,
  collision: count,
  foreign: count,
  rejected: count,
  outOfScope: count,
  inFlight: count,
  unreadable: count,
} satisfies Shape<Certificate['counts']>);

export const certificate = z
  .strictObject({
    jobId: id,
    tableId,
    asOf: time,
    ceiling: time.nullable(),
    scope: z.strictObject({ whseids: z.array(z.string()).nullable() }),
    rows: count,
    documents: count,
    equal: count,
    counts,
    repaired: count,
    remaining: count,
    held: count,
    digest: z.string(),
    exceptions: z.array(reconcileException),
    verdict,
    cost: z.strictObject({
      queries: count,
      pages: count,
      rowsRead: count,
      functionSeconds: z.number().min(0),
    } satisfies Shape<Certificate['cost']>),
    endedAt: time,
  } satisfies Shape<Omit<Certificate, '_id'> & { jobId: string }>)
  .meta({ id: 'Certificate' });

export const certificateSummary = z.strictObject({
  verdict,
  asOf: time,
  remaining: count,
  held: count,
  jobId: id,
} satisfies Shape<
  Pick<Certificate, 'verdict' | 'asOf' | 'remaining' | 'held'> & { jobId: string }
>);

export const difference = z
  .strictObject({
    _id: id,
    ...({
      tableId,
      key: z.string().describe('_id of the document'),
      jobId: id,
      kind: z.enum(DIFFERENCE_KINDS),
      firstSeenAt: time,
      lastSeenAt: time,
      lakeModifiedAt: time.optional(),
      storedModifiedAt: time.optional(),
      serialKey: z.string().optional(),
      absentSince: time.optional(),
      heldIn: hash.optional(),
      resolvedAt: time.optional(),
      resolution: z.enum(['repaired', 'gone', 'deleted']).optional(),
    } satisfies Shape<Omit<Difference, 'open'>>),
  })
  .meta({ id: 'Difference' });

type ShownList = Pick<
  DeleteList,
  'hash' | 'jobId' | 'deletes' | 'documents' | 'reasons' | 'createdAt'
> & { confirmableUntil: Date };

export const heldDeletes = z
  .strictObject({
    hash,
    jobId: id,
    deletes: count,
    documents: count,
    reasons: z.array(z.string()),
    createdAt: time,
    confirmableUntil: time,
  } satisfies Shape<ShownList>)
  .meta({ id: 'HeldDeletes' });
