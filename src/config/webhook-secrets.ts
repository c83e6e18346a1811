import { AppError } from '../errors/app-error.js';
import { unquoted } from './unquoted.js';

const VARIABLE = 'ALERT_WEBHOOK_SECRET';
const PREFIX = 'whsec_';
/** Bytes of a key. Source: the Standard Webhooks specification. */
const SHORTEST = 24;
const LONGEST = 64;

/** The parsed ALERT_WEBHOOK_SECRET. */
export interface WebhookSecrets {
  /** The valid keys: each signs every message. */
  readonly keys: readonly Uint8Array[];
  /** SETTING_INVALID, naming the invalid entries by their positions, never by their text. */
  readonly problem?: AppError;
}

/**
 * The keys of webhooks: `whsec_` and the base64 of 24 to 64 bytes, separated by commas. A
 * malformed entry is ignored and does not disable the site; if no other one is left, nothing is
 * sent, since receivers that require signatures must not have to accept unsigned messages.
 * @returns undefined if the variable is unset or blank
 */
export function webhookSecretsOf(value: string | undefined): WebhookSecrets | undefined {
  if (unquoted(value ?? '') === '') return undefined;
  const entries = entriesOf(value);
  const decoded = entries.map(keyOf);
  const keys = [...new Map(decoded.flatMap((key) => (key ? [[key.toString('base64'), key]] : [])))];
  const bad = decoded.flatMap((key, index) => (key ? [] : [index + 1]));
  const isUsable = bad.length === 0 && keys.length > 0;
  return {
    keys: keys.map(([, key]) => key),
    ...(!isUsable && { problem: invalid(bad, entries.length) }),
  };
}

/** Every text of the variable that must be redacted, including malformed entries. */
export function webhookSecretTexts(value: string | undefined): string[] {
  const entries = entriesOf(value);
  return [...entries, ...entries.map((entry) => entry.replace(/^whsec_/i, ''))];
}

function entriesOf(value: string | undefined): string[] {
  return unquoted(value ?? '')
    .split(',')
    .map(unquoted)
    .filter((entry) => entry !== '');
}

/** undefined for a value that a receiver's library would decode differently, or not at all. */
function keyOf(entry: string): Buffer | undefined {
  if (!entry.startsWith(PREFIX)) return undefined;
  const text = entry.slice(PREFIX.length);
  const key = Buffer.from(text, 'base64');
  if (key.toString('base64') !== text) return undefined;
  return key.length >= SHORTEST && key.length <= LONGEST ? key : undefined;
}

function invalid(bad: readonly number[], entries: number): AppError {
  const which = entries > 1 ? `value ${bad.join(', ')} of ${entries} ` : '';
  const rule = `must be ${PREFIX} followed by the base64 of ${SHORTEST} to ${LONGEST} bytes`;
  return new AppError('SETTING_INVALID', `This cannot be used: ${VARIABLE}.`, {
    details: [{ field: VARIABLE, message: `${which}${rule}` }],
  });
}
