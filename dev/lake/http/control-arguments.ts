import { z } from 'zod';
import type { RemoteControls } from './remote-controls.js';

const YEAR_MS = 366 * 24 * 3_600_000;
const name = z.string().min(1);
const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const row = z.record(name, value);
/** Equality by column, or a SQL condition. */
const where = z.union([row, name], { error: 'must be an object of columns and values, or SQL' });
const time = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), { error: 'must be an ISO 8601 time' });
const write = { at: time.optional() };
const writeOptions = z.strictObject(write).optional();
const column = z.strictObject({
  name,
  type: z.enum(['text', 'integer', 'decimal', 'timestamp', 'boolean']),
});
const whole = z.int().min(0);
const many = z.int().min(1);

const settings = z
  .strictObject({
    queryMs: whole,
    pageLatencyMs: whole,
    maxPageRows: many,
    maxPageBytes: many,
    resultLifetimeHours: z.number().min(0),
    tokenLifetimeSeconds: whole,
    refreshTokens: z.boolean(),
    microseconds: z.boolean(),
    shuffled: z.boolean(),
    quotas: z.boolean(),
    quotaMinuteMs: many,
    pastEnd: z.enum(['empty', '400', '404', '416', 'notAList']),
    refuseTotals: z.boolean(),
    visibilityDelayMs: whole,
    indexOffsetMs: z.int().min(-YEAR_MS).max(YEAR_MS),
  })
  .partial();

const lakeObject = z.strictObject({
  name,
  columns: z.array(column).min(1),
  identity: z.array(name).min(1),
  deleteFlag: z
    .strictObject({
      column: name,
      deletedValue: z.union([z.string(), z.boolean()]),
      liveValue: z.union([z.string(), z.boolean(), z.null()]),
    })
    .optional(),
  wire: z.enum(['text', 'typed']).optional(),
});

const expression = name.refine(
  (source) => {
    try {
      new RegExp(source);
      return true;
    } catch {
      return false;
    }
  },
  { error: 'must be a regular expression' },
);

const fault = z
  .strictObject({
    on: z.enum(['token', 'submit', 'status', 'result', 'cancel', 'any']),
    nth: many,
    every: many,
    rate: z.number().min(0).max(1),
    seed: z.int(),
    times: many,
    after: z.boolean(),
    retryAfterSeconds: z.number().min(0),
    delayMs: whole,
    word: z.string(),
    sql: expression,
    status: z.int().min(100).max(599),
    text: z.string(),
    hex: z.string().regex(/^(?:[\da-f]{2})*$/i, { error: 'must be hexadecimal digits, in pairs' }),
    hide: z.array(name),
    show: z.array(name),
    columns: z.enum(['missing', 'empty']),
    rows: whole,
  })
  .partial()
  .extend({
    kind: z.enum([
      ...(['401', '429', '500', '504', 'reset', 'cut', 'malformed', 'slow'] as const),
      ...(['shortPage', 'unknownStatus', 'stuck', 'failed', 'lostResult', 'emptyPage'] as const),
      ...(['repeatedPage', 'longPage', 'ignoredOffset', 'pageStatus', 'notAList'] as const),
      ...(['columns', 'statusTotal', 'rawBytes', 'shortResult'] as const),
    ]),
  });

/** The arguments of each control by name, in their order. */
const ARGUMENTS = {
  now: {},
  credentials: {},
  advance: {
    ms: z
      .int()
      .min(-100 * YEAR_MS)
      .max(100 * YEAR_MS),
  },
  configure: { settings },
  defineObject: { object: lakeObject },
  addColumn: { object: name, column },
  insert: { object: name, rows: z.array(row), options: writeOptions },
  edit: { object: name, where, changes: row, options: writeOptions },
  delete: {
    ...{ object: name, where },
    options: z.strictObject({ ...write, keysOnly: z.boolean().optional() }).optional(),
  },
  revive: { object: name, where, changes: row.optional(), options: writeOptions },
  hide: { object: name, where },
  show: { object: name, where: where.optional() },
  rows: {
    object: name,
    options: z
      .strictObject({ includeDeleted: z.boolean().optional(), where: where.optional() })
      .optional(),
  },
  variations: {
    object: name,
    options: z.strictObject({ where: where.optional() }).optional(),
  },
  requests: {},
  clearRequests: {},
  forgetResult: { queryId: name.optional() },
  expireTokens: {},
  fault: { fault },
  faults: {},
  clearFaults: {},
  quotaCounts: {},
} as const satisfies Record<keyof RemoteControls, Readonly<Record<string, z.ZodType>>>;

/**
 * The arguments of a control, checked.
 * @param given as they came; null stands for one that is left out
 * @throws TypeError naming each argument that is wrong
 */
export function controlArguments(control: keyof RemoteControls, given: readonly unknown[]) {
  const names = Object.keys(ARGUMENTS[control]);
  const stated = names.length === 0 ? 'takes no arguments' : `takes ${names.join(', ')}`;
  if (given.length > names.length) throw new TypeError(`${control} ${stated}.`);
  const byName = Object.fromEntries(names.map((one, index) => [one, given[index] ?? undefined]));
  const parsed = z.strictObject(ARGUMENTS[control]).safeParse(byName);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    );
    throw new TypeError(`${control} ${stated}. ${problems.join('; ')}`);
  }
  const checked: Readonly<Record<string, unknown>> = parsed.data;
  return names.map((one) => checked[one]);
}

export function isControl(text: string): text is keyof RemoteControls {
  return Object.hasOwn(ARGUMENTS, text);
}
