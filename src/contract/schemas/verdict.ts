import { z } from 'zod';
import {
  BEHIND_REASONS,
  type BehindVerdict,
  type DifferentVerdict,
  type EqualVerdict,
  type FailingVerdict,
  type HeldVerdict,
  type PausedVerdict,
  type ProvenVerdict,
} from '../../models/verdict.js';
import type { Shape } from '../shape.js';
import { count, id, time } from './fields.js';
import { proofKind } from './run.js';

const equal = z
  .strictObject({
    kind: z.literal('equal'),
    asOf: time.describe('The time that the certificate is about'),
    jobId: z.string(),
  } satisfies Shape<EqualVerdict>)
  .describe('A certificate says that MongoDB equals the lake');

const proven = z
  .strictObject({
    kind: z.literal('proven'),
    asOf: time.describe('The start of the last proven run'),
    how: proofKind,
  } satisfies Shape<ProvenVerdict>)
  .describe('The last run is proven complete');

const different = z
  .strictObject({
    kind: z.literal('different'),
    differences: count.describe('Documents'),
    asOf: time.nullable().describe('When they were last compared; null: not known'),
  } satisfies Shape<DifferentVerdict>)
  .describe('Documents differ from the lake');

const held = z
  .strictObject({
    kind: z.literal('held'),
    deletes: count.describe('Documents'),
    since: time,
  } satisfies Shape<HeldVerdict>)
  .describe('Deletes wait until somebody confirms or discards them');

const behind = z
  .strictObject({
    kind: z.literal('behind'),
    reason: z.enum(BEHIND_REASONS),
    since: time
      .nullable()
      .describe('Up to when everything is in MongoDB, or since when rows are missing'),
    limitMinutes: z.number().min(0).nullable().describe('How old it may be, where it is an age'),
  } satisfies Shape<BehindVerdict>)
  .describe('Rows are missing that should be in MongoDB by now');

const failing = z
  .strictObject({
    kind: z.literal('failing'),
    what: z.enum(['run', 'start']).describe('`start`: no run can be started'),
    since: time,
    failures: z.int().min(1).describe('In a row'),
    error: z.string().nullable().describe('For the user'),
    errorCode: z.string().nullable(),
    historyId: id.nullable(),
  } satisfies Shape<FailingVerdict>)
  .describe('The last run failed, or none can be started');

const paused = z
  .strictObject({
    kind: z.literal('paused'),
    by: z
      .enum(['request', 'failures', 'disabled'])
      .describe('`failures`: the schedule has given the table up; `disabled`: not enabled'),
    reason: z.string().nullable(),
  } satisfies Shape<PausedVerdict>)
  .describe('The schedule does not run the table');

const neverRun = z
  .strictObject({ kind: z.literal('never_run') })
  .describe('No run has ended so far');

const notConfigured = z
  .strictObject({ kind: z.literal('not_configured') })
  .describe('The table has no configuration');

/** Whether a table's documents in MongoDB can be trusted. */
export const tableVerdict = z
  .discriminatedUnion('kind', [
    equal,
    proven,
    different,
    held,
    behind,
    failing,
    paused,
    neverRun,
    notConfigured,
  ])
  .meta({ id: 'TableVerdict' });
