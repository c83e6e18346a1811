import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import { DEFAULT_TOKEN_PATH } from './ion-urls.js';
import { unquoted } from './unquoted.js';

/**
 * The keys of an .ionapi file that a service account needs: tenant, client id and secret,
 * gateway, authorisation server, access key and secret key of the service account.
 */
export const ION_KEYS = ['ti', 'ci', 'cs', 'iu', 'pu', 'saak', 'sask'] as const;
export type IonKey = (typeof ION_KEYS)[number];

/** What a source states; `ot` is the token path on the authorisation server. */
export type IonValues = Readonly<Partial<Record<IonKey | 'ot', string>>>;

// Downloads of apps without a service account have null in place of some texts.
const text = z
  .string({ error: 'must be a text' })
  .nullish()
  .transform((value) => (value && unquoted(value)) || undefined);

/** The path of the token endpoint below `pu`; a slash in front of it makes no difference. */
export const tokenPath = text
  .transform((path) => path?.replace(/^\//, ''))
  .refine((path) => path === undefined || /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(path), {
    error: `must be a path such as ${DEFAULT_TOKEN_PATH} or connect/token`,
  });

const schema = z.object({
  ti: text,
  ci: text,
  cs: text,
  iu: text,
  pu: text,
  saak: text,
  sask: text,
  ot: tokenPath,
});

/**
 * The values of a downloaded .ionapi file: one JSON object; keys that are not needed are
 * ignored, and the caller checks which ones are missing.
 * @throws AppError ION_CREDENTIALS_MISSING, ION_CREDENTIALS_MALFORMED
 */
export function readIonapiFile(path: string): IonValues {
  const content = contentOf(path);
  // Windows editors save "Unicode" as UTF-16, and UTF-8 with a byte order mark in front.
  if (content[1] === 0 || /^(\xff\xfe|\xfe\xff)/.test(content.toString('latin1', 0, 2))) {
    throw malformed([{ message: 'The file is in UTF-16; save it as UTF-8.' }]);
  }
  return parseIonapi(content.toString('utf8'), { what: 'The file', nameOf: (key) => key });
}

/**
 * The same, of the text of such a file.
 * @param named how messages name the text and a key of it
 * @throws AppError ION_CREDENTIALS_MALFORMED
 */
export function parseIonapi(
  content: string,
  { what, nameOf }: { readonly what: string; readonly nameOf: (key: string) => string },
): IonValues {
  const parsed = schema.safeParse(parse(content, what));
  if (parsed.success) return parsed.data as IonValues;
  throw malformed(
    parsed.error.issues.map(({ path, message }) =>
      path.length > 0
        ? { field: nameOf(path.join('.')), message }
        : { message: `${what} must hold one JSON object.` },
    ),
  );
}

function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new AppError('ION_CREDENTIALS_MISSING');
    throw malformed([{ message: `The file cannot be read (${String(code)}).` }]);
  }
}

function parse(content: string, what: string): unknown {
  try {
    return JSON.parse(content.replace(/^\ufeff/, ''));
  } catch {
    // The parser's own message would quote the text, and with it a secret.
    throw malformed([{ message: `${what} is not JSON.` }]);
  }
}

function malformed(details: { field?: string; message: string }[]): AppError {
  return new AppError('ION_CREDENTIALS_MALFORMED', undefined, { details });
}
