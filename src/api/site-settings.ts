import { z } from 'zod';
import { keepSecret } from '../security/outside-text.js';
import type { StoredSettings } from '../store/settings.js';
import type { Store } from '../store/store.js';

const LEAST_SECRET_PATH = 12;

interface SettingDefinition {
  readonly schema: z.ZodType;
  readonly default: unknown;
  readonly description: string;
  /** Answers and the audit show only whether it is set. */
  readonly secret?: true;
}

/** Settings that are URLs to which something is sent: secrets, of which answers show the origin. */
export const URL_KEYS = ['alertWebhookUrl', 'heartbeatUrl'] as const;

const targetUrl = z
  .string({ error: 'must be a URL, or null' })
  .max(2_000, { error: 'must have at most 2000 characters' })
  .refine(isWebUrl, { error: 'must be an https URL' })
  .nullable();

/** What stands for the value of a secret setting; sent back, it changes nothing. */
export const SHOWN_AS_SET = '(set)';

const rate = z
  .number({ error: 'must be a number' })
  .min(0, { error: 'must be 0 or more' })
  .max(1_000_000, { error: 'must be at most 1000000' });

/** What can be set while the site runs. */
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
  creditsPerGbHour: {
    schema: rate,
    default: 5,
    description:
      'Netlify credits for an hour of function time with 1 GB of memory, for the estimates of sync-stats.',
  },
  creditsPer10000Requests: {
    schema: rate,
    default: 2,
    description: 'Netlify credits for 10,000 requests, for the same estimates.',
  },
  functionMemoryGb: {
    schema: rate,
    default: 1,
    description: 'Memory of a function in GB, for the same estimates.',
  },
  alertWebhookUrl: {
    schema: targetUrl,
    default: null,
    description:
      'Where alerts are posted: failed, paused, stalled, rejects, source_not_fresh, schedule_silent, recovered. null: no alerts. Shown only as (set), with its origin.',
    secret: true,
  },
  heartbeatUrl: {
    schema: targetUrl,
    default: null,
    description:
      'Called by an empty POST after each good pass of the schedule, so that a watch outside notices a paused site. null: no heartbeat. Shown only as (set), with its origin.',
    secret: true,
  },
} as const satisfies Record<string, SettingDefinition>;

/** Where it leads is looked at when it is set, and again before each message. */
function isWebUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
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
export async function readSiteSettings({ settings }: Store): Promise<SiteSettings> {
  return siteSettingsOf(await settings.read(SETTING_KEYS));
}

export function siteSettingsOf({ values: stored }: Pick<StoredSettings, 'values'>): SiteSettings {
  const entries = SETTING_KEYS.map((key) => [key, storedOrDefault(key, stored)]);
  // Each value has passed the schema of its key.
  const values = Object.fromEntries(entries) as SiteSettings;
  keepSecret(...secretsOf(values));
  return values;
}

/** The parts of the URLs by which receivers know their senders. */
function secretsOf(values: SiteSettings): string[] {
  return URL_KEYS.flatMap((key) => secretsIn(values[key]));
}

function secretsIn(text: string | null): string[] {
  if (text === null) return [];
  const { href, pathname, search } = new URL(text);
  const path = `${pathname}${search}`;
  // A short path is a word like any other.
  return path.length < LEAST_SECRET_PATH ? [] : [text, href, path];
}

/** A stored value that is not valid (any more) counts as not stored. */
function storedOrDefault(key: SettingKey, stored: StoredSettings['values']): unknown {
  const { schema, default: byDefault } = settingDefinition(key);
  const { success, data } = schema.safeParse(stored[key]);
  return success ? data : byDefault;
}
