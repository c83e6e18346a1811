import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import type { Answer, Call, Change, Endpoint } from '../http/endpoint.js';
import { entityTag, expectedRevisions } from '../http/entity-tag.js';
import type { StoredSettings } from '../store/settings.js';
import { difference, recordChanges } from './audit.js';
import { ignored } from './ignored.js';
import { method, type Services } from './services.js';
import {
  isSettingKey,
  SETTING_KEYS,
  type SettingKey,
  SHOWN_AS_SET,
  type SiteSettings,
  settingDefinition,
  siteSettingsOf,
  URL_KEYS,
} from './site-settings.js';

interface Given {
  readonly key: SettingKey;
  /** `SHOWN_AS_SET` for a secret setting: it is to stay as it is. */
  readonly value: unknown;
  /** As an error names it. */
  readonly field: string;
}

/** One setting as `key` and `value`, or several as `settings`. */
const body = z
  .strictObject({
    key: z.string({ error: 'must be the key of a setting' }).optional(),
    value: z.unknown().optional(),
    settings: z
      .record(z.string(), z.unknown(), { error: 'must be an object of keys and values' })
      .optional(),
    ...ignored(['_id', 'description', 'default', 'origin', 'revision']),
  })
  .transform(({ key, value, settings }, context): Given[] => {
    if ((key === undefined) === (settings === undefined)) {
      context.addIssue({ code: 'custom', path: ['key'], message: 'give a key, or settings' });
      return z.NEVER;
    }
    const given = settings ?? { [String(key)]: value };
    return Object.entries(given).flatMap(([name, chosen]): Given[] => {
      const ofValue = settings ? ['settings', name] : ['value'];
      const problem = (path: string[], message: string) => {
        context.addIssue({ code: 'custom', path, message });
        return [];
      };
      if (!isSettingKey(name)) {
        const known = SETTING_KEYS.join(', ');
        return problem(settings ? ofValue : ['key'], `unknown setting; must be one of ${known}`);
      }
      const place = { key: name, field: ofValue.join('.') };
      const { schema, secret } = settingDefinition(name);
      if (secret && chosen === SHOWN_AS_SET) return [{ ...place, value: chosen }];
      const parsed = schema.safeParse(chosen);
      if (parsed.success) return [{ ...place, value: parsed.data }];
      return problem(ofValue, parsed.error.issues[0]?.message ?? 'is not valid');
    });
  });

export const syncSettings: Endpoint<Services> = {
  name: 'sync-settings',
  methods: {
    GET: method({
      access: 'read',
      query: z.strictObject({}),
      async handle({ services }) {
        const { store } = await services();
        return settingsAnswer(await (await store()).settings.read(SETTING_KEYS));
      },
    }),
    PUT: method({
      access: 'write',
      body,
      async handle(call) {
        const { body: changes, services } = call;
        const { store } = await services();
        const expected = expectedRevisions(call.headers);
        for (const change of changes) await checkTarget(call, change);
        const opened = await store();
        await opened.ensureCriticalIndexes();
        const stored = await opened.settings.read(SETTING_KEYS);
        const before = siteSettingsOf(stored);
        const chosen = Object.fromEntries(
          changes
            .filter((change) => !isToStay(change, before))
            .map(({ key, value }) => [key, value]),
        );
        const { values, revision } = await opened.settings.change(chosen, expected);
        await recordChanges(call, changesOf(before, { ...before, ...chosen }));
        return settingsAnswer({ values: { ...stored.values, ...values }, revision });
      },
    }),
  },
};

/**
 * A host that can't be looked up just now is saved all the same: it is checked before each message,
 * and deep health names it.
 * @throws AppError VALIDATION_FAILED where nothing may be sent there
 */
async function checkTarget(
  { services, log }: Call<Services, unknown, unknown>,
  { key, value, field }: Given,
): Promise<void> {
  if (!isUrlKey(key) || typeof value !== 'string' || value === SHOWN_AS_SET) return;
  const { findWebhook } = await services();
  const found = await findWebhook(value);
  if (!('problem' in found)) return;
  const { problem, isUnresolved } = found;
  if (!isUnresolved) throw invalid(field, problem);
  log.warn({ key, origin: originOf(value), problem }, 'URL saved, but its host cannot be found');
}

/** @throws AppError VALIDATION_FAILED where nothing is set that could stay */
function isToStay({ key, value, field }: Given, before: SiteSettings): boolean {
  if (!settingDefinition(key).secret || value !== SHOWN_AS_SET) return false;
  if (before[key] === null) throw invalid(field, 'must be the value itself: none is set yet');
  return true;
}

function invalid(field: string, message: string): AppError {
  return new AppError('VALIDATION_FAILED', `Check these fields: ${field}.`, {
    details: [{ field, message }],
  });
}

/** Of a secret setting only that it was changed. */
function changesOf(before: SiteSettings, after: SiteSettings): Change[] {
  return SETTING_KEYS.flatMap((key) => {
    const change = difference(before, after, [key]);
    if (!change) return [];
    const record = { action: 'settings.update', target: key };
    if (!settingDefinition(key).secret) return [{ ...record, ...change }];
    const states = { before: { [key]: shown(key, before) }, after: { [key]: shown(key, after) } };
    return [{ ...record, ...states }];
  });
}

function settingsAnswer(stored: StoredSettings): Answer {
  const { revision } = stored;
  const body = { ...settingsView(siteSettingsOf(stored)), revision };
  return { body, headers: { ETag: entityTag(revision) } };
}

function settingsView(values: SiteSettings) {
  const settings = SETTING_KEYS.map((key) => {
    const { description, default: byDefault } = settingDefinition(key);
    const setting = { key, value: shown(key, values), description, default: byDefault };
    const url = isUrlKey(key) ? values[key] : null;
    return url === null ? setting : { ...setting, origin: originOf(url) };
  });
  return { settings };
}

function shown(key: SettingKey, { [key]: value }: SiteSettings) {
  return settingDefinition(key).secret && value !== null ? SHOWN_AS_SET : value;
}

function isUrlKey(key: SettingKey): key is (typeof URL_KEYS)[number] {
  return URL_KEYS.some((one) => one === key);
}

/** For many receivers the rest of the address is the password. */
function originOf(url: string): string {
  return new URL(url).origin;
}
