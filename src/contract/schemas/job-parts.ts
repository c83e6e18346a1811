import { z } from 'zod';
import type { ColumnDrift } from '../../models/column-drift.js';
import type {
  ColumnCounts,
  ContestedRow,
  KeyTotals,
  LookbackWindow,
  Received,
  Segment,
  Split,
} from '../../models/reading.js';
import type { RowCounts } from '../../models/row-counts.js';
import type {
  DispatchOutcome,
  JobScope,
  LakeObjectFacts,
  LakeQuery,
  SinceProgress,
  SyncJob,
} from '../../models/sync-job.js';
import { CONFIGURABLE_KINDS, type ListedKind } from '../../tables/column-kinds.js';
import type { Shape } from '../shape.js';
import { count, time } from './fields.js';
import { runProof } from './run.js';

/** The parts of a job: how far it is, and what it knows of the lake. */

export const columnDrift = z
  .strictObject({
    column: z.string(),
    change: z.enum(['appeared', 'disappeared', 'kind_changed']),
    from: z.enum(CONFIGURABLE_KINDS).optional().describe('The kind before'),
    to: z.enum(CONFIGURABLE_KINDS).optional(),
    firstSeenAt: time.describe('The end of the run that found it first'),
  } satisfies Shape<ColumnDrift>)
  .meta({ id: 'ColumnDrift' });

export const lakeQuery = z
  .strictObject({ id: z.string(), sql: z.string(), submittedAt: time } satisfies Shape<LakeQuery>)
  .meta({ id: 'LakeQuery' });

export const lakeObject = z
  .strictObject({
    columns: z.array(z.string()),
    deletes: z.enum(['told', 'not_told', 'not_maintained', 'plain_only']),
  } satisfies Shape<LakeObjectFacts>)
  .meta({ id: 'LakeObject' });

export const jobScope = z.strictObject({
  whseids: z.array(z.string()).optional(),
  date: z
    .strictObject({ column: z.string(), from: time.optional(), until: time.optional() })
    .optional(),
  own: z.boolean(),
} satisfies Shape<JobScope>);

export const keyTotals = z.strictObject({
  rows: count,
  keySum: z.string().optional(),
} satisfies Shape<KeyTotals>);

export const received = z.strictObject({
  rows: count,
  keySum: z.string(),
  oddKeys: count,
  rejected: count.optional(),
} satisfies Shape<Received>);

export const listedKind = z.strictObject({
  column: z.string(),
  kind: z.enum(CONFIGURABLE_KINDS),
} satisfies Shape<ListedKind>);

const rowCounts = z
  .strictObject({
    read: count,
    created: count,
    updated: count,
    unchanged: count,
    stale: count,
    rejected: count,
    unreadable: count.optional(),
    deleted: count,
    replayed: count.optional(),
    collisions: count.optional(),
  } satisfies Shape<RowCounts>)
  .meta({ id: 'RowCounts' });

const columnCounts = z.strictObject({
  column: z.string(),
  unreadable: count,
  blank: count,
  cut: count,
} satisfies Shape<ColumnCounts>);

export const segment = z
  .strictObject({
    start: count,
    end: count.nullable(),
    next: count,
    state: z.enum(['open', 'done']),
    counts: rowCounts,
    columns: z.array(columnCounts).optional(),
    keySum: z.string().optional(),
    oddKeys: count.optional(),
    pages: z.array(z.string()).optional(),
    sampleId: z.string().optional(),
  } satisfies Shape<Omit<Segment, 'lease'>>)
  .meta({ id: 'Segment' });

export const split = z.strictObject({
  ranges: z.array(
    z.strictObject({
      serialFrom: z.string().optional(),
      serialBefore: z.string().optional(),
      withNullSerial: z.boolean().optional(),
    }),
  ),
  index: count,
  counts: rowCounts,
  columns: z.array(columnCounts).optional(),
  proof: runProof.optional(),
} satisfies Shape<Split>);

export const contestedRow = z.strictObject({
  identity: z.string(),
  kind: z.enum(['older', 'twin', 'epoch']),
  epoch: count.optional(),
  key: z.record(z.string(), z.string().nullable()),
  serialKey: z.string(),
} satisfies Shape<ContestedRow>);

export const lookbackWindow = z.strictObject({
  lastDigest: z.string().optional(),
  refused: z.literal(true).optional(),
  ahead: z.strictObject({ digest: z.string(), keySum: z.string() }).optional(),
} satisfies Shape<LookbackWindow>);

export const dispatchOutcome = {
  at: time,
  accepted: z.boolean(),
  status: z.int().optional().describe('HTTP status'),
  reason: z.string().optional(),
} satisfies Shape<DispatchOutcome>;

export const sinceProgress = z.strictObject({
  takeUps: count,
  from: time,
  quotaFrom: time.optional(),
} satisfies Shape<SinceProgress>);

export const learned = z.strictObject({
  columns: z.array(z.string()).optional(),
  flagColumn: z.string().optional(),
  inRows: z.literal(true).optional(),
  differed: z.literal(true).optional(),
  unread: z.literal(true).optional(),
  plain: z.literal(true).optional(),
} satisfies Shape<NonNullable<SyncJob['learned']>>);
