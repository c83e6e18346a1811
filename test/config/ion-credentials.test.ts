import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readIonCredentials, sourceId } from '../../src/config/ion-credentials.js';
import { AppError } from '../../src/errors/app-error.js';

const ENV = {
  ION_TENANT: 'ACME_PRD',
  ION_CLIENT_ID: 'ACME_PRD~client',
  ION_CLIENT_SECRET: 'c-hush',
  ION_API_URL: 'https://ionapi.example.com',
  ION_SSO_URL: 'https://sso.example.com:443/ACME_PRD/as/',
  ION_SAAK: 'ACME_PRD#k-hush',
  ION_SASK: 's-hush',
};
const FILE = {
  ti: 'ACME_PRD',
  cn: 'app',
  ci: 'ACME_PRD~client',
  cs: 'c-hush',
  iu: 'https://ionapi.example.com',
  pu: 'https://sso.example.com:443/ACME_PRD/as/',
  ot: 'token.oauth2',
  v: 1.0,
  saak: 'ACME_PRD#k-hush',
  sask: 's-hush',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ionapi-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(content: string | Buffer): { file: string } {
  const file = join(folder, 'test.ionapi');
  writeFileSync(file, content);
  return { file };
}
const fileOf = (keys: Record<string, unknown>) => fileWith(JSON.stringify(keys));
const noFile = () => ({ file: join(folder, 'absent.ionapi') });

function failure(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(JSON.stringify([error.message, error.details])).not.toContain('hush');
    return error;
  }
  throw new Error('nothing was thrown');
}

const fieldsOf = (error: AppError) => error.details.map(({ field }) => field);
const without = <T extends object>(object: T, ...keys: string[]) =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));

describe('credentials from the environment', () => {
  test('each variable stands for a key of the file', () => {
    expect(readIonCredentials(ENV, noFile())).toEqual({
      tenant: 'ACME_PRD',
      clientId: 'ACME_PRD~client',
      clientSecret: 'c-hush',
      accessKey: 'ACME_PRD#k-hush',
      secretKey: 's-hush',
      apiUrl: 'https://ionapi.example.com',
      tokenUrl: 'https://sso.example.com/ACME_PRD/as/token.oauth2',
      source: 'environment',
    });
  });

  test('one variable is enough to leave the file unread, and what lacks is named', () => {
    const error = failure(() => readIonCredentials({ ION_SAAK: 'x' }, fileOf(FILE)));
    expect(error.code).toBe('ION_CREDENTIALS_INCOMPLETE');
    expect(fieldsOf(error)).toEqual([
      'ION_TENANT',
      'ION_CLIENT_ID',
      'ION_CLIENT_SECRET',
      'ION_API_URL',
      'ION_SSO_URL',
      'ION_SASK',
    ]);
  });

  test.each(Object.keys(ENV))('without %s they are incomplete', (name) => {
    const error = failure(() => readIonCredentials(without(ENV, name), noFile()));
    expect(error.code).toBe('ION_CREDENTIALS_INCOMPLETE');
    expect(error.message).toContain(name);
  });

  test('blank variables count as unset', () => {
    const blank = Object.fromEntries(Object.keys(ENV).map((name) => [name, ' ']));
    expect(readIonCredentials(blank, fileOf(FILE)).source).toBe('file');
  });

  test.each([
    ['https://sso.example.com/T/as/', 'https://sso.example.com/T/as/token.oauth2'],
    ['https://sso.example.com/T/as', 'https://sso.example.com/T/as/token.oauth2'],
    ['https://sso.example.com/T/as/token.oauth2', 'https://sso.example.com/T/as/token.oauth2'],
    ['http://127.0.0.1:8080/T/as/', 'http://127.0.0.1:8080/T/as/token.oauth2'],
  ])('ION_SSO_URL %s gives %s', (url, expected) => {
    expect(readIonCredentials({ ...ENV, ION_SSO_URL: url }).tokenUrl).toBe(expected);
  });

  test.each([
    ['https://ionapi.example.com/', 'https://ionapi.example.com'],
    ['https://ionapi.example.com:8443/base//', 'https://ionapi.example.com:8443/base'],
    ['http://localhost:4000', 'http://localhost:4000'],
    ['http://[::1]:4000/', 'http://[::1]:4000'],
  ])('ION_API_URL %s becomes %s', (url, expected) => {
    expect(readIonCredentials({ ...ENV, ION_API_URL: url }).apiUrl).toBe(expected);
  });

  test.each([
    ['ION_SSO_URL', 'https://sso.example.com/ACME_PRD'],
    ['ION_SSO_URL', 'http://sso.example.com/ACME_PRD/as/'],
    ['ION_SSO_URL', 'https://sso.example.com/ACME_PRD/as/?a=hush'],
    ['ION_API_URL', 'http://ionapi.example.com'],
    ['ION_API_URL', 'http://127.0.0.1.example.com'],
    ['ION_API_URL', 'ionapi.example.com'],
    ['ION_API_URL', 'ftp://ionapi.example.com'],
    ['ION_API_URL', 'https://me:hush@ionapi.example.com'],
    ['ION_API_URL', 'https://ionapi.example.com/ACME_PRD'],
    ['ION_TENANT', 'a/b'],
    ['ION_TENANT', '..'],
    ['ION_TENANT', 'a tenant'],
  ])('%s=%s is malformed', (name, value) => {
    const error = failure(() => readIonCredentials({ ...ENV, [name]: value }));
    expect(error.code).toBe('ION_CREDENTIALS_MALFORMED');
    expect(fieldsOf(error)).toEqual([name]);
  });

  test.each(['ACME_PRD', 'acme_prd', 'ACME_PRD#', '"ACME_PRD'])(
    'ION_SAAK=%s is the tenant alone, cut at the #',
    (value) => {
      const error = failure(() => readIonCredentials({ ...ENV, ION_SAAK: value }));
      expect(error.code).toBe('ION_CREDENTIALS_MALFORMED');
      expect(error.details).toEqual([{ field: 'ION_SAAK', message: expect.stringContaining('#') }]);
    },
  );

  test.each(['"', "'"])('values in %s are read without them', (quote) => {
    const quoted = Object.entries(ENV).map(([name, value]) => [name, ` ${quote}${value}${quote} `]);
    expect(readIonCredentials(Object.fromEntries(quoted))).toEqual(readIonCredentials(ENV));
  });

  test.each([
    ['https://sts.example.com/InforIntSTS/', 'connect/token'],
    ['https://sts.example.com/InforIntSTS', '/connect/token'],
    ['https://sts.example.com/InforIntSTS/connect/token', 'connect/token'],
    ['https://sts.example.com/InforIntSTS/connect/token', ''],
  ])('on premises %s and ION_TOKEN_PATH=%s give the token endpoint', (url, path) => {
    const env = { ...ENV, ION_SSO_URL: url, ION_TOKEN_PATH: path };
    expect(readIonCredentials(env).tokenUrl).toBe(
      'https://sts.example.com/InforIntSTS/connect/token',
    );
  });

  test('a token endpoint in ION_SSO_URL and another one in ION_TOKEN_PATH contradict each other', () => {
    const url = 'https://sso.example.com/ACME_PRD/as/token.oauth2';
    const env = { ...ENV, ION_SSO_URL: url, ION_TOKEN_PATH: 'connect/token' };
    const error = failure(() => readIonCredentials(env));
    expect(error.code).toBe('ION_CREDENTIALS_MALFORMED');
    expect(fieldsOf(error)).toEqual(['ION_SSO_URL']);
  });

  test.each(['https://elsewhere.example.com/token', '../token', 'token?x=1', '/'])(
    'ION_TOKEN_PATH=%s is malformed',
    (path) => {
      const error = failure(() => readIonCredentials({ ...ENV, ION_TOKEN_PATH: path }, noFile()));
      expect(error.code).toBe('ION_CREDENTIALS_MALFORMED');
      expect(fieldsOf(error)).toEqual(['ION_TOKEN_PATH']);
    },
  );

  test('every malformed variable is named at once', () => {
    const env = { ...ENV, ION_TENANT: '/', ION_API_URL: 'x', ION_SSO_URL: 'x' };
    const error = failure(() => readIonCredentials(env));
    expect(fieldsOf(error)).toEqual(['ION_TENANT', 'ION_API_URL', 'ION_SSO_URL']);
  });
});

describe('credentials from ION_CREDENTIALS', () => {
  const whole = (change: object = {}) => JSON.stringify({ ...FILE, ...change });

  test.each(['', '\ufeff', "'"])('are those of the file that it holds (%j around it)', (around) => {
    const value = around === "'" ? `'${whole()}'` : `${around}${whole()}`;
    expect(readIonCredentials({ ION_CREDENTIALS: value }, noFile())).toEqual(
      readIonCredentials(ENV),
    );
  });

  test('and not of the file that is there, too', () => {
    const env = { ION_CREDENTIALS: whole({ ti: 'OTHER_TST' }) };
    expect(readIonCredentials(env, fileOf(FILE)).tenant).toBe('OTHER_TST');
  });

  test('may stand beside variables that say the same, or what it lacks', () => {
    const env = { ...ENV, ION_CREDENTIALS: whole({ saak: null, ot: null }) };
    expect(readIonCredentials(env)).toEqual(readIonCredentials(ENV));
  });

  test('contradict a variable that says something else, and both are named', () => {
    const env = {
      ION_TENANT: 'OTHER_TST',
      ION_TOKEN_PATH: 'connect/token',
      ION_CREDENTIALS: whole(),
    };
    const error = failure(() => readIonCredentials(env));
    expect(error.code).toBe('ION_CREDENTIALS_CONFLICTING');
    expect(fieldsOf(error)).toEqual(['ION_TENANT', 'ION_TOKEN_PATH']);
    expect(error.message).toMatch(/ION_TENANT\b.*ION_CREDENTIALS\.ti\b/);
  });

  test.each<[string, string, string, string[]]>([
    ['no JSON', '{"ti": "s-hush"', 'ION_CREDENTIALS_MALFORMED', []],
    ['a path', 'ION_Credentials/x.ionapi', 'ION_CREDENTIALS_MALFORMED', []],
    ['without a tenant', whole({ ti: null }), 'ION_CREDENTIALS_INCOMPLETE', ['ION_CREDENTIALS.ti']],
    ['a number', whole({ cs: 5 }), 'ION_CREDENTIALS_MALFORMED', ['ION_CREDENTIALS.cs']],
    ['cut', whole({ saak: 'ACME_PRD' }), 'ION_CREDENTIALS_MALFORMED', ['ION_CREDENTIALS.saak']],
    ['interactive', whole({ saak: null, sask: null }), 'ION_CREDENTIALS_INTERACTIVE', []],
  ])('that are %s have their code', (_what, value, code, fields) => {
    const error = failure(() => readIonCredentials({ ION_CREDENTIALS: value }, noFile()));
    expect(error.code).toBe(code);
    expect(fieldsOf(error).filter((field) => field !== undefined)).toEqual(fields);
  });
});

describe('credentials from the file', () => {
  test('a downloaded file gives the same as the variables', () => {
    const fromFile = readIonCredentials({}, fileOf(FILE));
    expect(fromFile).toEqual({ ...readIonCredentials(ENV), source: 'file' });
  });

  test('the example file has the shape of a real one', () => {
    const example = readFileSync('ION_Credentials/example.ionapi', 'utf8');
    expect(readIonCredentials({}, fileWith(example))).toMatchObject({ tenant: 'EXAMPLE_TST' });
  });

  test.each([
    [{ ot: undefined }, 'https://sso.example.com/ACME_PRD/as/token.oauth2'],
    [{ ot: null }, 'https://sso.example.com/ACME_PRD/as/token.oauth2'],
    [{ ot: 'connect/token' }, 'https://sso.example.com/ACME_PRD/as/connect/token'],
    [{ pu: 'https://sso.example.com/sts' }, 'https://sso.example.com/sts/token.oauth2'],
  ])('with %o the token comes from %s', (change, expected) => {
    expect(readIonCredentials({}, fileOf({ ...FILE, ...change })).tokenUrl).toBe(expected);
  });

  test('a byte order mark in front of UTF-8 does not matter', () => {
    const file = fileWith(`\ufeff${JSON.stringify(FILE)}`);
    expect(readIonCredentials({}, file).tenant).toBe('ACME_PRD');
  });

  test('no file and no variable: missing', () => {
    expect(failure(() => readIonCredentials({}, noFile())).code).toBe('ION_CREDENTIALS_MISSING');
  });

  test('a file of an app that people log in to is recognised', () => {
    const error = failure(() => readIonCredentials({}, fileOf(without(FILE, 'saak', 'sask'))));
    expect(error.code).toBe('ION_CREDENTIALS_INTERACTIVE');
  });

  test('null counts as absent', () => {
    const error = failure(() => readIonCredentials({}, fileOf({ ...FILE, saak: null })));
    expect(error.code).toBe('ION_CREDENTIALS_INCOMPLETE');
    expect(fieldsOf(error)).toEqual(['saak']);
    const both = failure(() => readIonCredentials({}, fileOf({ ...FILE, saak: null, sask: null })));
    expect(both.code).toBe('ION_CREDENTIALS_INTERACTIVE');
  });

  test('ION_TOKEN_PATH adds the path that it lacks, and must not contradict it', () => {
    const env = { ION_TOKEN_PATH: 'connect/token' };
    const lacking = { ...FILE, pu: 'https://sts.example.com/InforIntSTS/', ot: null };
    expect(readIonCredentials(env, fileOf(lacking))).toMatchObject({
      source: 'file',
      tokenUrl: 'https://sts.example.com/InforIntSTS/connect/token',
    });
    const error = failure(() => readIonCredentials(env, fileOf(FILE)));
    expect(error.code).toBe('ION_CREDENTIALS_CONFLICTING');
  });

  test.each(['ti', 'ci', 'cs', 'iu', 'pu', 'saak', 'sask'])(
    'without %s it is incomplete',
    (key) => {
      const error = failure(() => readIonCredentials({}, fileOf({ ...FILE, [key]: '' })));
      expect(error.code).toBe('ION_CREDENTIALS_INCOMPLETE');
      expect(fieldsOf(error)).toEqual([key]);
    },
  );

  test.each([
    ['not JSON', '{"ti": "ACME", "sask": "s-hush"'],
    ['empty', ''],
    ['a list', '["s-hush"]'],
    ['null', 'null'],
    ['UTF-16', Buffer.from(`\ufeff${JSON.stringify(FILE)}`, 'utf16le')],
    ['UTF-16 without a mark', Buffer.from(JSON.stringify(FILE), 'utf16le')],
  ])('a file that is %s is malformed', (_, content) => {
    const error = failure(() => readIonCredentials({}, fileWith(content)));
    expect(error.code).toBe('ION_CREDENTIALS_MALFORMED');
    expect(error.details).toHaveLength(1);
  });

  test.each([
    ['ti', 5],
    ['sask', { value: 's-hush' }],
    ['iu', 'http://ionapi.example.com'],
    ['pu', 'no address'],
    ['ot', 'https://elsewhere.example.com/'],
    ['ot', '../token?x=1'],
  ])('%s: %j is malformed and named', (key, value) => {
    const error = failure(() => readIonCredentials({}, fileOf({ ...FILE, [key]: value })));
    expect(error.code).toBe('ION_CREDENTIALS_MALFORMED');
    expect(fieldsOf(error)).toEqual([key]);
  });
});

describe('the mark of a source', () => {
  const source = { tenant: 'ACME_PRD', apiUrl: 'https://ionapi.example.com' };

  test('is the same for the same tenant and gateway, whatever port and path', () => {
    expect(sourceId(source)).toMatch(/^[0-9a-f]{16}$/);
    expect(sourceId({ ...source, apiUrl: 'https://IONAPI.example.com:8443/x' })).toBe(
      sourceId(source),
    );
  });

  test('differs with the tenant and with the gateway', () => {
    const others = [
      { ...source, tenant: 'ACME_TST' },
      { ...source, apiUrl: 'https://ionapi.eu1.example.com' },
    ];
    expect(new Set([source, ...others].map(sourceId)).size).toBe(3);
  });
});
