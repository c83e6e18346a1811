import { z } from 'zod';
import { SETTING_KEYS, settingDefinition } from '../../api/site-settings.js';
import { syncSettings } from '../../api/sync-settings.js';
import { DATABASE } from '../errors.js';
import type { EndpointContract } from '../operation.js';

export const settings = z
  .strictObject({
    settings: z.array(
      z.strictObject({
        key: z.enum(SETTING_KEYS),
        value: z.union([z.string(), z.number()]).nullable(),
        description: z.string(),
        default: z.union([z.string(), z.number()]).nullable(),
        origin: z.string().optional().describe('Of the URL, which itself is shown as `(set)`'),
      }),
    ),
    revision: z.number().int().min(1).describe('Raised by each PUT'),
  })
  .meta({ id: 'Settings' });

const carriedAlong = Object.fromEntries(
  ['_id', 'description', 'default', 'origin', 'revision'].map((name) => [
    name,
    z.unknown().optional().describe('Ignored: of an answer that is sent back'),
  ]),
);

const oneOfThem = SETTING_KEYS.map((key) =>
  z.strictObject({
    key: z.literal(key),
    value: settingDefinition(key).schema,
    ...carriedAlong,
  }),
);

const several = z.strictObject({
  settings: z.strictObject(
    Object.fromEntries(SETTING_KEYS.map((key) => [key, settingDefinition(key).schema.optional()])),
  ),
  ...carriedAlong,
});

export const syncSettingsContract: EndpointContract = {
  endpoint: syncSettings,
  operations: {
    GET: {
      summary: 'All settings',
      revision: 'shown',
      answers: { 200: { description: 'All settings', body: settings } },
      errors: DATABASE,
    },
    PUT: {
      summary: 'Change settings',
      revision: 'expected',
      description: 'One as `key` and `value`, or several as `settings`.',
      requestBody: z.union([...oneOfThem, several]),
      answers: { 200: { description: 'All settings as they are now', body: settings } },
      errors: [...DATABASE, 'REVISION_CHANGED'],
    },
  },
};
