import { z } from 'zod';
import { isLoopback } from '../config/loopback.js';
import { native } from '../db/native.js';
import { type RetryScope, withRetry } from '../db/retry.js';
import type { Models } from '../models/index.js';
import type { Setting } from '../models/setting.js';

interface SettingDefinition {
  readonly schema: z.ZodType;
  readonly default: unknown;
  readonly description: string;
}

/** What can be set while the site runs. Nothing secret: every value is shown by GET. */
const DEFINITIONS = {
  freshnessLimitMinutes: {
    schema: z
      .int({ error: 'must be a whole number of minutes, or null' })
      .min(10, { error: 'must be at least 10 minutes' })
      .max(525_600, { error: 'must be at most 525600 minutes (365 days)' })
      .nullable(),
    default: null,
    description:
      'Minutes after which `health?deep=1` calls an enabled table stale, counted from the newest change that has come in; then the alert source_not_fresh is sent too. null: never.',
  },
  startsPerMinute: {
    schema: z
      .int({ error: 'must be a whole number, or null' })
      .min(1, { error: 'must be at least 1' })
      .max(100_000, { error: 'must be at most 100000' })
      .nullable(),
    default: 60,
    description:
      'How often one token may start work within a minute: sync-table, sync-run-due, scheduled-sync and retries of rejects. null: no limit.',
  },
  alertWebhookUrl: {
    schema: z
      .string({ error: 'must be a URL, or null' })
      .max(2_000, { error: 'must have at most 2000 characters' })
      .refine(isWebhookUrl, {
        error: 'must be an https URL without user and password; http goes to this machine only',
      })
      .nullable(),
    default: null,
    description:
      'Where alerts are posted: failed, paused, stalled, rejects, source_not_fresh, schedule_silent, recovered. Whoever may read the settings sees it. null: no alerts.',
  },
} as const satisfies Record<string, SettingDefinition>;

function isWebhookUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

export type SettingKey = keyof typeof DEFINITIONS;
export type SiteSettings = { [Key in SettingKey]: z.infer<(typeof DEFINITIONS)[Key]['schema']> };

export const SETTING_KEYS = Object.keys(DEFINITIONS) as SettingKey[];

export function isSettingKey(name: string): name is SettingKey {
  return Object.hasOwn(DEFINITIONS, name);
}

export function settingDefinition(key: SettingKey): SettingDefinition {
  return DEFINITIONS[key];
}

/**
 * All settings: as they are stored, else their defaults.
 * @throws AppError MONGODB_*
 */
export async function readSiteSettings(models: Models, scope: RetryScope): Promise<SiteSettings> {
  const settings = native(models.settings);
  const stored = await withRetry(
    () => settings.find({ key: { $in: SETTING_KEYS } }).toArray(),
    scope,
  );
  const entries = SETTING_KEYS.map((key) => [key, storedOrDefault(key, stored)]);
  // Each value has passed the schema of its key.
  return Object.fromEntries(entries) as SiteSettings;
}

/** A stored value that is not valid (any more) counts as not stored. */
function storedOrDefault(key: SettingKey, stored: readonly Setting[]): unknown {
  const { schema, default: byDefault } = settingDefinition(key);
  const { success, data } = schema.safeParse(stored.find((entry) => entry.key === key)?.value);
  return success ? data : byDefault;
}
