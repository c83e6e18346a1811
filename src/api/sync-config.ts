import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import type { Endpoint } from '../http/endpoint.js';
import { expectedRevisions } from '../http/entity-tag.js';
import type { SyncConfigSettings } from '../models/sync-config.js';
import { difference, recordChanges } from './audit.js';
import { checkColumnKinds, columnKindsOption } from './column-options.js';
import { defaultSettings, newConfig } from './config-document.js';
import { configAnswer, configView, READ_ONLY_FIELDS } from './config-view.js';
import {
  anyTable,
  batchSize,
  maxRecords,
  refuseUnknownTable,
  tableIdField,
  whseid,
} from './fields.js';
import { digitsToo, tableNamed, withoutBlanks } from './forgiving.js';
import { ignored } from './ignored.js';
import { method, type Services } from './services.js';

const deleteGuard = z.strictObject(
  {
    percent: digitsToo(
      z
        .number({ error: 'must be a number of per cent' })
        .min(0, { error: 'must be at least 0' })
        .max(100, { error: 'must be at most 100' }),
    ),
  },
  { error: 'must be an object such as {"percent": 5}' },
);

const settings = {
  tableName: z.string().min(1).max(100),
  description: z.string().max(500),
  enabled: z.boolean({ error: 'must be true or false' }),
  /** Minutes. */
  syncFrequency: digitsToo(
    z
      .int({ error: 'must be a whole number of minutes' })
      .min(1, { error: 'must be at least 1 minute' })
      .max(43_200, { error: 'must be at most 43200 minutes (30 days)' }),
  ),
  initialSync: z.boolean({ error: 'must be true or false' }),
  batchSize,
  maxRecords,
  lookbackMinutes: digitsToo(
    z
      .int({ error: 'must be a whole number of minutes' })
      .min(1, { error: 'must be at least 1 minute' })
      .max(10_080, { error: 'must be at most 10080 minutes (7 days)' }),
  ),
  maxWorkers: digitsToo(
    z
      .int({ error: 'must be a whole number' })
      .min(1, { error: 'must be at least 1' })
      .max(10, { error: 'must be at most 10' }),
  ),
  /** Minutes; 0: off. */
  reconcileFrequency: digitsToo(
    z
      .int({ error: 'must be a whole number of minutes' })
      .min(0, { error: 'must be 0 (off) or more' })
      .max(525_600, { error: 'must be at most 525600 minutes (a year)' }),
  ),
  reconcileRepair: z.boolean({ error: 'must be true or false' }),
  options: withoutBlanks(
    z.strictObject({
      whseid: whseid.optional(),
      deleteMode: z.enum(['soft', 'hard'], { error: 'must be soft or hard' }).optional(),
      deleteGuard: deleteGuard.optional(),
      columns: columnKindsOption.optional(),
    }),
  ),
};

const body = withoutBlanks(
  z.strictObject({
    tableId: tableIdField.optional(),
    ...z.object(settings).partial().shape,
    ...ignored(READ_ONLY_FIELDS),
  }),
  ['description'],
);
type ConfigBody = { tableId?: string | undefined } & Partial<z.infer<z.ZodObject<typeof settings>>>;

const oneTable = z.strictObject({ tableId: anyTable });
const thatTable = z.strictObject({ tableId: tableIdField });

export const syncConfig: Endpoint<Services> = {
  name: 'sync-config',
  methods: {
    GET: method({
      access: 'read',
      query: oneTable,
      async handle({ query, services }) {
        const { store, tables } = await services();
        const found = await (await store()).configs.list(query.tableId);
        if (query.tableId === undefined) return { body: found.map(configView) };
        refuseUnknownTable(tables, query.tableId, { found: found.length });
        const [config] = found;
        if (!config) throw new AppError('CONFIG_NOT_FOUND');
        return configAnswer(config);
      },
    }),
    POST: method({
      access: 'write',
      query: oneTable,
      body: body as z.ZodType<ConfigBody>,
      async handle(call) {
        const { query, body, services } = call;
        const { store, tables } = await services();
        const table = tables.get(tableNamed(body, query));
        checkColumnKinds(table, body.options?.columns);
        const config = newConfig({ ...defaultSettings(table), ...settingsOf(body) });
        const opened = await store();
        await opened.ensureCriticalIndexes();
        const inserted = await opened.configs.create(config);
        const change = difference({}, inserted, SETTING_NAMES);
        await recordChanges(call, [{ action: 'config.create', ...of(table.tableId), ...change }]);
        const Location = `/.netlify/functions/sync-config?tableId=${table.tableId}`;
        const { body: view, headers } = configAnswer(inserted);
        return { status: 201, body: view, headers: { ...headers, Location } };
      },
    }),
    PUT: method({
      access: 'write',
      query: oneTable,
      body: body as z.ZodType<ConfigBody>,
      async handle(call) {
        const { query, body, services } = call;
        const { store, tables } = await services();
        const definition = tables.get(tableNamed(body, query));
        const { tableId } = definition;
        checkColumnKinds(definition, body.options?.columns);
        const expected = expectedRevisions(call.headers);
        const { configs } = await store();
        const stored = await configs.find(tableId);
        const updated = await configs.changeSettings(tableId, settingsOf(body), expected);
        if (!updated) throw new AppError('CONFIG_NOT_FOUND');
        const change = difference(stored ?? {}, updated, SETTING_NAMES);
        if (change) {
          await recordChanges(call, [{ action: 'config.update', ...of(tableId), ...change }]);
        }
        return configAnswer(updated);
      },
    }),
    DELETE: method({
      access: 'write',
      query: thatTable,
      async handle(call) {
        const { query, services } = call;
        const { store, tables } = await services();
        const expected = expectedRevisions(call.headers);
        const { configs } = await store();
        const stored = await configs.find(query.tableId);
        if (!stored) tables.get(query.tableId);
        if (!stored) throw new AppError('CONFIG_NOT_FOUND');
        await configs.delete(stored, expected);
        const change = difference(stored, {}, SETTING_NAMES);
        await recordChanges(call, [{ action: 'config.delete', ...of(query.tableId), ...change }]);
        return { body: { message: 'Configuration deleted', tableId: query.tableId } };
      },
    }),
  },
};

/** What a user sets of a table. */
export const SETTING_NAMES = Object.keys(settings);

function of(tableId: string) {
  return { target: tableId, tableId };
}

/** What the body sets; JSON has no undefined, so a field is there or it is not. */
function settingsOf(body: ConfigBody): Partial<SyncConfigSettings> {
  const names = Object.keys(settings).filter((name) => name in body);
  return Object.fromEntries(names.map((name) => [name, body[name as keyof ConfigBody]]));
}
