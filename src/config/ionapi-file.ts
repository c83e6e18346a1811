import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import { DEFAULT_TOKEN_PATH } from './ion-urls.js';

/**
 * The keys of an .ionapi file that a service account needs: tenant, client id and secret,
 * gateway, authorisation server, access key and secret key of the service account.
 */
export const ION_KEYS = ['ti', 'ci', 'cs', 'iu', 'pu', 'saak', 'sask'] as const;
export type IonKey = (typeof ION_KEYS)[number];

const text = z.string({ error: 'must be a text' }).trim().optional();

const fileSchema = z.object({
  ti: text,
  ci: text,
  cs: text,
  iu: text,
  pu: text,
  saak: text,
  sask: text,
  ot: text
    .transform((path) => path || DEFAULT_TOKEN_PATH)
    .refine((path) => /^[\w.-]+(\/[\w.-]+)*$/.test(path), {
      error: `must be a path such as ${DEFAULT_TOKEN_PATH}`,
    }),
});

/**
 * The values of a downloaded .ionapi file: one JSON object; keys that are not needed are
 * ignored, which ones are missing is for the caller to judge.
 * @throws AppError ION_CREDENTIALS_MISSING, ION_CREDENTIALS_MALFORMED
 */
export function readIonapiFile(path: string): z.output<typeof fileSchema> {
  const parsed = fileSchema.safeParse(parse(contentOf(path)));
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map(({ path: keys, message }) => ({
    ...(keys.length > 0 && { field: keys.join('.') }),
    message: keys.length > 0 ? message : 'The file must hold one JSON object.',
  }));
  throw new AppError('ION_CREDENTIALS_MALFORMED', undefined, { details });
}

function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new AppError('ION_CREDENTIALS_MISSING');
    throw malformed(`The file cannot be read (${String(code)}).`);
  }
}

function parse(content: Buffer): unknown {
  // Windows editors save "Unicode" as UTF-16, and UTF-8 with a byte order mark in front.
  if (content[1] === 0 || /^(\xff\xfe|\xfe\xff)/.test(content.toString('latin1', 0, 2))) {
    throw malformed('The file is in UTF-16; save it as UTF-8.');
  }
  try {
    return JSON.parse(content.toString('utf8').replace(/^\ufeff/, ''));
  } catch {
    // The parser's own message would quote the file, and with it a secret.
    throw malformed('The file is not JSON.');
  }
}

function malformed(message: string): AppError {
  return new AppError('ION_CREDENTIALS_MALFORMED', undefined, { details: [{ message }] });
}
