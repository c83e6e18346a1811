import { z } from 'zod';
import { ensureCriticalIndexes } from '../db/indexes.js';
import { native } from '../db/native.js';
import { withRetry } from '../db/retry.js';
import type { Change, Endpoint } from '../http/endpoint.js';
import { difference, recordChanges } from './audit.js';
import { ignored } from './ignored.js';
import { method, type Services } from './services.js';
import {
  isSettingKey,
  readSiteSettings,
  SETTING_KEYS,
  type SettingKey,
  type SiteSettings,
  settingDefinition,
} from './site-settings.js';

type Given = readonly [SettingKey, unknown];

/** One setting as `key` and `value`, or several as `settings`. */
const body = z
  .strictObject({
    key: z.string({ error: 'must be the key of a setting' }).optional(),
    value: z.unknown().optional(),
    settings: z
      .record(z.string(), z.unknown(), { error: 'must be an object of keys and values' })
      .optional(),
    ...ignored(['_id', 'description', 'default']),
  })
  .transform(({ key, value, settings }, context): Given[] => {
    if ((key === undefined) === (settings === undefined)) {
      context.addIssue({ code: 'custom', path: ['key'], message: 'give a key, or settings' });
      return z.NEVER;
    }
    const given = settings ?? { [String(key)]: value };
    return Object.entries(given).flatMap(([name, chosen]): Given[] => {
      const problem = (path: string[], message: string) => {
        const at = settings ? ['settings', name] : path;
        context.addIssue({ code: 'custom', path: at, message });
        return [];
      };
      if (!isSettingKey(name)) {
        return problem(['key'], `unknown setting; must be one of ${SETTING_KEYS.join(', ')}`);
      }
      const parsed = settingDefinition(name).schema.safeParse(chosen);
      if (parsed.success) return [[name, parsed.data]];
      return problem(['value'], parsed.error.issues[0]?.message ?? 'is not valid');
    });
  });

export const syncSettings: Endpoint<Services> = {
  name: 'sync-settings',
  methods: {
    GET: method({
      access: 'read',
      query: z.strictObject({}),
      async handle({ services }) {
        const { models, clock } = await services();
        return { body: settingsView(await readSiteSettings(await models(), { clock })) };
      },
    }),
    PUT: method({
      access: 'write',
      body,
      async handle(call) {
        const { body: changes, services } = call;
        const { models, clock } = await services();
        await ensureCriticalIndexes(await models(), { clock });
        const settings = native((await models()).settings);
        const before = await readSiteSettings(await models(), { clock });
        for (const [key, value] of changes) {
          const { description } = settingDefinition(key);
          const now = new Date(clock.now());
          const set = { value, description, updatedAt: now };
          const update = { $set: set, $setOnInsert: { createdAt: now } };
          await withRetry(() => settings.updateOne({ key }, update, { upsert: true }), { clock });
        }
        const after = await readSiteSettings(await models(), { clock });
        await recordChanges(call, changesOf(before, after));
        return { body: settingsView(after) };
      },
    }),
  },
};

/** That an address was changed, never the address: for many receivers it is the password. */
function changesOf(before: SiteSettings, after: SiteSettings): Change[] {
  return SETTING_KEYS.flatMap((key) => {
    const change = difference(before, after, [key]);
    if (!change) return [];
    const about = { action: 'settings.update', target: key };
    if (key !== 'alertWebhookUrl') return [{ ...about, ...change }];
    const shown = ({ alertWebhookUrl: url }: SiteSettings) => (url === null ? null : '(set)');
    return [{ ...about, before: { [key]: shown(before) }, after: { [key]: shown(after) } }];
  });
}

function settingsView(values: SiteSettings) {
  const settings = SETTING_KEYS.map((key) => {
    const { description, default: byDefault } = settingDefinition(key);
    return { key, value: values[key], description, default: byDefault };
  });
  return { settings };
}
