import { describe, expect, test } from 'vitest';
import { readSettings } from '../../src/config/environment.js';
import { AppError } from '../../src/errors/app-error.js';

function failure(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('settings', () => {
  test('with nothing set there are settings, and only asking for the database fails', () => {
    const settings = readSettings({});
    expect(settings).toMatchObject({
      apiTokens: [],
      ignoredTokens: [],
      apiAuth: 'token',
      allowedOrigins: [],
      local: false,
      logLevel: undefined,
    });
    expect(failure(() => settings.mongodbUri()).code).toBe('MONGODB_URI_MISSING');
  });

  test('a blank variable counts as unset, and blanks around a value are dropped', () => {
    const settings = readSettings({ API_TOKEN: '  ', API_READ_TOKEN: ' read\n', LOG_LEVEL: '' });
    expect(settings.apiTokens).toEqual([{ name: 'API_READ_TOKEN', value: 'read', may: 'read' }]);
    expect(settings.logLevel).toBeUndefined();
  });

  test.each([
    [{ NETLIFY_DEV: 'true' }, true],
    [{ NETLIFY_LOCAL: 'true' }, true],
    [{ NETLIFY_DEV: '1' }, true],
    [{ NETLIFY_DEV: 'false' }, false],
    [{ NETLIFY_LOCAL: 'no' }, false],
    [{ NETLIFY_DEV: '0', NETLIFY_LOCAL: '' }, false],
    [{ NETLIFY: 'true' }, false],
  ])('%o is local: %s', (env, local) => {
    expect(readSettings(env).local).toBe(local);
  });

  test('origins are compared as browsers send them', () => {
    const { allowedOrigins } = readSettings({
      ALLOWED_ORIGINS: 'https://App.example.com/, http://localhost:5173 ,,*',
    });
    expect(allowedOrigins).toEqual(['https://app.example.com', 'http://localhost:5173', '*']);
  });

  test.each([
    ['API_AUTH', 'off'],
    ['LOG_LEVEL', 'loud'],
    ['ALLOWED_ORIGINS', 'app.example.net'],
    ['ALLOWED_ORIGINS', 'https://app.example.net/path'],
    ['ALLOWED_ORIGINS', 'ftp://app.example.net'],
    ['API_TOKEN', 'two words'],
    ['API_READ_TOKEN', 'umlaut-ä'],
  ])('%s=%s is refused by name and without its value', (name, value) => {
    const error = failure(() => readSettings({ [name]: value }));
    expect(error.code).toBe('SETTING_INVALID');
    expect(error.details.map(({ field }) => field)).toEqual([name]);
    expect(JSON.stringify([error.message, error.details])).not.toContain(value);
  });

  test('all wrong variables are named at once', () => {
    const error = failure(() => readSettings({ API_AUTH: 'x', LOG_LEVEL: 'x' }));
    expect(error.message).toBe('This cannot be used: API_AUTH, LOG_LEVEL.');
  });

  test('a read token equal to the write token is refused', () => {
    const error = failure(() => readSettings({ API_TOKEN: 'same', API_READ_TOKEN: 'same' }));
    expect(error.details).toMatchObject([{ field: 'API_READ_TOKEN' }]);
  });

  test('words are taken in any case', () => {
    expect(readSettings({ API_AUTH: 'None', LOG_LEVEL: 'DEBUG' })).toMatchObject({
      apiAuth: 'none',
      logLevel: 'debug',
    });
  });
});

describe('MONGODB_URI', () => {
  test.each([
    'mongodb://127.0.0.1:27017/datalake',
    'mongodb://localhost/db',
    'mongodb://a:1,b:2,c:3/db?replicaSet=rs0',
    'mongodb+srv://user:p%40ss@cluster.example.net/db?retryWrites=true',
    'mongodb://host/db?directConnection=true',
    'mongodb://[::1]:27017/db',
    'mongodb://user:w%25rd@%2Ftmp%2Fmongodb-27017.sock/db',
  ])('%s is a connection string', (uri) => {
    expect(readSettings({ MONGODB_URI: ` ${uri}\n` }).mongodbUri()).toBe(uri);
  });

  test.each([
    'postgres://host/db',
    'cluster.example.net',
    'mongodb://',
    'mongodb:///db',
    'mongodb://user:secret@word@host/db',
    'mongodb://user:sec/ret@host/db',
    'mongodb+srv://user:<db_password>@cluster.example.net/',
    'mongodb://ho st/db',
    'mongodb://localhost',
    'mongodb://host?directConnection=true',
    'mongodb+srv://user:word@cluster.example.net/?retryWrites=true',
    'mongodb+srv://user:word@cluster.example.net/<dbName>',
    'mongodb+srv://user:word@cluster.example.net:27017/db',
    'mongodb+srv://a.example.net,b.example.net/db',
    'mongodb://user:w%zzrd@host/db',
    'mongodb://user:w%ffrd@host/db',
    'mongodb://ho%zst/db',
    'mongodb://host/d%zb',
    'mongodb://host:99999/db',
    'mongodb://a:1,b:0/db',
    'mongodb://host:port/db',
    'mongodb://host:/db',
    'mongodb://[::1/db',
    'mongodb://host/a.b',
    'mongodb://host/a%20b',
  ])('%s is refused without being repeated', (uri) => {
    const error = failure(() => readSettings({ MONGODB_URI: uri }).mongodbUri());
    expect(error.code).toBe('MONGODB_URI_INVALID');
    expect(JSON.stringify([error.message, error.details])).not.toContain(uri.slice(8) || uri);
  });
});

describe('tokens', () => {
  // No text of another file has these in it: what is known as a secret stays so in this process.
  const long = (letter: string) =>
    `${letter}-0123456789-of-a-token`.padEnd(24, letter).slice(0, 24);
  const tokens = (env: Record<string, string>) => readSettings(env).apiTokens;

  test('may be several, with names or without', () => {
    const list = ` frontend:${long('a')}, ${long('b')},${long('c')},`;
    expect(tokens({ API_TOKEN: list, API_READ_TOKEN: `kiosk:${long('d')}` })).toEqual([
      { name: 'frontend', value: long('a'), may: 'write' },
      { name: 'API_TOKEN-2', value: long('b'), may: 'write' },
      { name: 'API_TOKEN-3', value: long('c'), may: 'write' },
      { name: 'kiosk', value: long('d'), may: 'read' },
    ]);
  });

  test.each([
    ['a token follows that is too short', `frontend:${long('x').slice(1)}`],
    ['it has a capital', `Frontend:${long('x')}`],
    ['it begins with a digit', `1a:${long('x')}`],
    ['it is too long', `${'n'.repeat(33)}:${long('x')}`],
  ])('what stands before a colon is a part of the token where %s', (_why, entry) => {
    expect(tokens({ API_TOKEN: entry })).toEqual([
      { name: 'API_TOKEN', value: entry, may: 'write' },
    ]);
  });

  test.each([
    [{ URL: 'https://site.example' }, true],
    [{ URL: 'https://site.example', NETLIFY_LOCAL: 'true' }, false],
    [{ URL: 'http://localhost:8888' }, false],
    [{}, false],
  ])('that are short are not accepted on a deployed site only (%j)', (env, isDeployed) => {
    const settings = readSettings({ ...env, API_TOKEN: `short,ops:${long('o')}` });
    expect(settings.apiTokens.map(({ name }) => name)).toEqual(
      isDeployed ? ['ops'] : ['API_TOKEN', 'ops'],
    );
    expect(settings.ignoredTokens).toEqual(
      isDeployed ? [{ name: 'API_TOKEN', reason: expect.stringContaining('24') }] : [],
    );
  });

  test('of the two kinds differ, each one', () => {
    const error = failure(() =>
      readSettings({
        API_TOKEN: `a:${long('x')}`,
        API_READ_TOKEN: `b:${long('y')},c:${long('x')}`,
      }),
    );
    expect(error.details).toMatchObject([{ field: 'API_READ_TOKEN' }]);
  });
});
