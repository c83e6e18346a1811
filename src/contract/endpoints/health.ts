import { z } from 'zod';
import { health } from '../../api/health.js';
import type { CheckState } from '../../api/health-check.js';
import type { Caller } from '../../http/endpoint.js';
import { DATABASE, LAKE } from '../errors.js';
import type { EndpointContract } from '../operation.js';
import { errorCode, errorDetail } from '../schemas/error.js';
import { count, id, tableId, time } from '../schemas/fields.js';
import { dispatchOutcome } from '../schemas/job-parts.js';
import { refusal } from '../schemas/refusal.js';
import type { Shape } from '../shape.js';

export const caller = z
  .strictObject({
    name: z.string(),
    may: z.enum(['read', 'write']),
  } satisfies Shape<Caller>)
  .meta({ id: 'Caller' });

const state = z.enum(['ok', 'warning', 'failing'] satisfies CheckState[]);

/** A check that took too long, or failed for another reason, has none of its own facts. */
function check(facts: z.ZodRawShape = {}) {
  return z.strictObject({
    state,
    ok: z.boolean().describe('false where the state is `failing`'),
    sentence: z.string(),
    remedy: z.string().nullable().describe('null: nothing to do'),
    ms: count,
    code: errorCode.optional(),
    message: z.string().optional().describe('Sentence and remedy of a failing check'),
    details: z.array(errorDetail).optional(),
    ...z.object(facts).partial().shape,
  });
}

const lastDispatch = z.strictObject({ ...dispatchOutcome, jobId: id }).nullable();
const plain = { version: z.string(), timestamp: time };

const ofSite = z.strictObject({ status: z.literal('ok'), ...plain }).meta({ id: 'Health' });

const checks = {
  mongodb: check({ database: z.string() }),
  write: check(),
  indexes: check({ missing: z.array(z.string()) }),
  token: check(),
  lake: check(),
  query: check({ object: z.string(), askedAt: time, queryMs: count }),
  warehouses: check({
    configured: count,
    empty: z.array(z.strictObject({ tableId, whseid: z.string() })),
  }),
  address: check({ siteUrl: z.string().nullable(), lastDispatch }),
  schedule: check({
    lastPass: time.nullable(),
    overdue: z.boolean(),
    limitMinutes: count,
    lastDispatch,
  }),
  access: check({
    ignored: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
  }),
  webhook: check({
    set: z.boolean(),
    origin: z.string().nullable(),
    waiting: count,
    lastAttempt: z.strictObject({ at: time, reason: z.string().nullable() }).nullable(),
  }),
  overdue: check({
    overdue: z.array(z.strictObject({ tableId, dueAt: time, lastSyncDate: time.nullable() })),
    limitMinutes: count,
  }),
  starts: check({
    refused: z.array(refusal.extend({ tableId, tableName: z.string() })),
  }),
  freshness: check({
    limitMinutes: count.nullable(),
    stale: z.array(
      z.strictObject({
        tableId,
        watermark: time.nullable(),
        lastSyncDate: time.nullable(),
        lastSyncStatus: z.enum(['completed', 'failed']).nullable(),
      }),
    ),
  }),
};

export const deep = z
  .strictObject({
    status: z.enum(['ok', 'failing']),
    state,
    ...plain,
    caller,
    checks: z.strictObject(checks),
  })
  .meta({ id: 'DeepHealth' });

export const healthContract: EndpointContract = {
  endpoint: health,
  operations: {
    GET: {
      summary: 'Whether the site is up, and with `deep` whether it can sync',
      description:
        'Without a token: `status`, whatever the state of the system. With `deep=1`, which needs at least a read token: everything that a sync needs is checked, in parallel.',
      access: ['none', 'read'],
      answers: {
        200: {
          description: 'The site is up; with `deep=1`: no check fails',
          body: z.union([ofSite, deep]),
        },
        503: { description: 'With `deep=1`: a check fails', body: deep },
      },
      errors: [...DATABASE, ...LAKE],
    },
  },
};
