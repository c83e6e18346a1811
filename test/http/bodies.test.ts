import { describe, expect, it } from 'vitest';
import { DEPLOYED_URL, type Environment, exchange, LOCAL_URL, send, TOKEN } from './served.js';

const KB = 1024;
const padded = (bytes: number): string => {
  const empty = JSON.stringify({ name: '' });
  return JSON.stringify({ name: 'x'.repeat(bytes - empty.length) });
};
/** A body that comes without a content-length, as over HTTP/2 or in chunks. */
const stream = (text: string): ReadableStream => new Blob([text]).stream();

describe('a body', () => {
  it('is one JSON object', async () => {
    const { status, body } = await send('{"name":"Größe 🚚"}');
    expect({ status, body }).toEqual({ status: 201, body: { body: { name: 'Größe 🚚' } } });
  });

  it.each<[string, string]>([
    ['broken', '{"name":'],
    ['two objects', '{}{}'],
    ['a list', '[{"name":"x"}]'],
    ['a text', '"name"'],
    ['a number', '1'],
    ['null', 'null'],
    ['a form', 'name=x'],
    ['with a comment', '{/* */}'],
    ['NaN', '{"name":NaN}'],
  ])('that is %s is refused', async (_name, text) => {
    const { status, body } = await send(text);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'BODY_NOT_JSON' });
  });

  it('of bytes that are no UTF-8 is refused, instead of being changed', async () => {
    const { status, body } = await send(Buffer.from('{"name":"\xe4"}', 'latin1'));
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'BODY_NOT_JSON' });
  });

  it.each(['', ' \n'])('that is empty (%j) is an empty object', async (text) => {
    const { status, body } = await send(text);
    expect({ status, body }).toEqual({ status: 201, body: { body: {} } });
  });

  it('may be left out by the holder of a token, type and all', async () => {
    expect((await exchange({ method: 'POST', token: TOKEN })).status).toBe(201);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonx',
    'text/json',
    '',
  ])('of type %j is refused: a page may send it without asking', async (type) => {
    const { status, body } = await send('{}', { 'content-type': type });
    expect({ status, code: body.code }).toEqual({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  describe('that is left out, type and all, where no token is asked for', () => {
    const site = 'https://app.example.com';
    const local = { NETLIFY_DEV: 'true' };
    const open = { API_AUTH: 'none' as const };
    it.each<[string, Environment, Record<string, string>, number]>([
      ['no page', local, {}, 201],
      ['a page of this machine', local, { origin: 'http://localhost:5173' }, 201],
      ['a foreign page', local, { origin: site }, 415],
      ['a page without an origin', local, { origin: 'null' }, 415],
      ['a foreign page of an old browser', local, { 'sec-fetch-site': 'cross-site' }, 415],
      ['a foreign page, to an open site', open, { origin: site }, 415],
      ['a page of the site itself', open, { origin: new URL(DEPLOYED_URL).origin }, 201],
      ['a listed page', { ...open, ALLOWED_ORIGINS: site }, { origin: site }, 201],
    ])('is taken from %s, if its answers may be read there', async (...given) => {
      const [, environment, headers, expected] = given;
      const url = environment === local ? LOCAL_URL : DEPLOYED_URL;
      const { status } = await exchange({ method: 'POST', url, headers }, environment);
      expect(status).toBe(expected);
    });
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'application/json; charset=utf8',
    'Application/JSON ;x=y',
  ])('of type %s is taken', async (type) => {
    expect((await send('{}', { 'content-type': type })).status).toBe(201);
  });

  it.each([
    'application/json; charset=utf-16',
    'application/json; charset=iso-8859-1',
    'application/json; charset=',
    'application/json; x=y; charset="latin1"',
    'application/json; charset=utf-8; charset=utf-7',
  ])('of another character set is refused: %s', async (type) => {
    const { status, body } = await send('{}', { 'content-type': type });
    expect({ status, code: body.code }).toEqual({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  });
});

describe('half a character (a lone surrogate)', () => {
  it.each([
    ['{"name":"\\ud83d"}', 'name'],
    ['{"name":"x\\udE9A"}', 'name'],
    ['{"options":{"list":["a","\\ud800\\ud800"]}}', 'options.list.1'],
    ['{"options":{"\\udc00":1}}', 'options.\ufffd'],
  ])('is refused with its place: %s', async (text, field) => {
    const { status, body } = await send(text);
    expect({ status, code: body.code, details: body.details }).toMatchObject({
      status: 400,
      code: 'VALIDATION_FAILED',
      details: [{ field }],
    });
  });

  it('is none where both halves are there', async () => {
    const { body } = await send('{"name":"\\ud83d\\ude9a"}');
    expect(body).toEqual({ body: { name: '🚚' } });
  });

  it.each(['%ED%A0%BD', '%ff', 'a%C3'])(
    'is refused in a query, as all that is no UTF-8: %s',
    async (name) => {
      const url = `${LOCAL_URL}?open=1&name=${name}`;
      const { status, body } = await exchange({ url });
      expect({ status, details: body.details }).toMatchObject({
        status: 400,
        details: [{ field: 'name' }],
      });
    },
  );
});

describe('a body that is too large', () => {
  it.each<[string, string | ReadableStream, Record<string, string>]>([
    ['by its length', padded(64 * KB + 1), {}],
    ['without telling its length', stream(padded(64 * KB + 1)), {}],
    ['with a length that is a lie', stream(padded(64 * KB + 1)), { 'content-length': '10' }],
    ['by what it says of itself', '{}', { 'content-length': String(10 * KB * KB) }],
  ])('%s is refused', async (_name, text, headers) => {
    const init = typeof text === 'string' ? {} : { duplex: 'half' as const };
    const { status, body } = await exchange({
      method: 'POST',
      token: TOKEN,
      body: text,
      headers: { 'content-type': 'application/json', ...headers },
      ...init,
    });
    expect({ status, code: body.code }).toEqual({ status: 413, code: 'BODY_TOO_LARGE' });
  });

  it('by one byte is refused, and the one before it is taken', async () => {
    expect((await send(padded(64 * KB))).status).toBe(201);
    expect((await send(padded(64 * KB + 1))).status).toBe(413);
  });
});

describe("a name that reaches into JavaScript, or into MongoDB's driver", () => {
  it.each([
    ['{"options":{"_bsontype":"ObjectId"}}', 'options._bsontype'],
    ['{"options":{"a":[{"_bsontype":"Code","code":"1"}]}}', 'options.a.0._bsontype'],
    ['{"__proto__":{"polluted":true}}', '__proto__'],
    ['{"constructor":{"prototype":{"polluted":true}}}', 'constructor'],
    ['{"prototype":1}', 'prototype'],
    ['{"options":{"__proto__":{"polluted":true}}}', 'options.__proto__'],
    ['{"options":{"list":[1,{"constructor":1}]}}', 'options.list.1.constructor'],
    ['{"options":{"\\u005f_proto__":1}}', 'options.__proto__'],
  ])('is refused with its place: %s', async (text, field) => {
    const { status, body } = await send(text);
    expect({ status, details: body.details }).toEqual({
      status: 400,
      details: [{ field, message: 'unknown field' }],
    });
    expect({}).not.toHaveProperty('polluted');
  });

  it.each(['__proto__', 'constructor', 'prototype'])('is refused in a query: %s', async (name) => {
    const { status } = await exchange({ url: `${LOCAL_URL}?${name}=1`, token: TOKEN });
    expect(status).toBe(400);
  });

  it('is not looked for in a body deeper than any request is: that is refused', async () => {
    for (const depth of [20, 30_000]) {
      const { status, body } = await send(
        `{"options":{"x":${'['.repeat(depth)}${']'.repeat(depth)}}}`,
      );
      expect({ status, details: body.details }).toMatchObject({
        status: 400,
        details: [{ message: 'is nested too deeply' }],
      });
    }
  });
});

describe('a query', () => {
  it('that gives a name twice is refused: which one counts is anybody’s guess', async () => {
    const { status, body } = await exchange({ url: `${LOCAL_URL}?name=1&name=2`, token: TOKEN });
    expect({ status, details: body.details }).toEqual({
      status: 400,
      details: [{ field: 'name', message: 'is given twice' }],
    });
  });

  it.each(['naem=1', '_t=1767225600000&name=a', 'naem=1&naem=2', 'name[$ne]=1'])(
    'with a name that means nothing is read without it: %s',
    async (search) => {
      const { status, body } = await exchange({ url: `${LOCAL_URL}?${search}`, token: TOKEN });
      const name = new URLSearchParams(search).get('name');
      expect({ status, body }).toEqual({ status: 200, body: { query: name ? { name } : {} } });
    },
  );

  it('is decoded', async () => {
    const { body } = await exchange({ url: `${LOCAL_URL}?name=a%26b+c%C3%A4`, token: TOKEN });
    expect(body).toEqual({ query: { name: 'a&b cä' } });
  });
});

describe('unknown fields of a body', () => {
  it('are refused, each with its place', async () => {
    const { status, body } = await send('{"naem":1,"other":2}');
    expect({ status, details: body.details }).toEqual({
      status: 400,
      details: [
        { field: 'naem', message: 'unknown field' },
        { field: 'other', message: 'unknown field' },
      ],
    });
  });

  it('that are of a wrong type are named', async () => {
    const { body } = await send('{"name":5}');
    expect(body).toMatchObject({ code: 'VALIDATION_FAILED', details: [{ field: 'name' }] });
  });
});
