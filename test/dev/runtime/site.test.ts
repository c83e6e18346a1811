import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { errorAnswer } from '../../../dev/runtime/answer.js';
import { serveHttp } from '../../../dev/runtime/http-server.js';
import { openRedirects } from '../../../dev/runtime/site/redirects.js';
import { openSite } from '../../../dev/runtime/site/site.js';
import { parseSiteConfig } from '../../../dev/runtime/site/site-config.js';
import { openStaticHeaders } from '../../../dev/runtime/site/static-headers.js';

const publishFolder = await mkdtemp(join(tmpdir(), 'datalake-sync-test-'));
const lines: string[] = [];
const elsewhere = await serve('');
const toml = `
[[redirects]]
from = "/api/*"
to = "/.netlify/functions/:splat"
status = 200
[[redirects]]
from = "/job/:id"
to = "/.netlify/functions/sync-status?jobId=:id"
status = 200
[[redirects]]
from = "/old/:year/:month"
to = "/new/:month-:year"
[[redirects]]
from = "/old/*"
to = "/older/:splat"
status = 302
[[redirects]]
from = "/jump/*"
to = "/:splat"
[[redirects]]
from = "/store"
to = "/item/:id"
status = 307
query = {id = ":id"}
[[redirects]]
from = "/forced.html"
to = "/page.html"
status = 200
force = true
[[redirects]]
from = "/kept.html"
to = "/page.html"
status = 200
[[redirects]]
from = "/gone/*"
to = "/page.html"
status = 404
[[redirects]]
from = "/away/*"
to = "https://other.example/:splat"
status = 301
[[redirects]]
from = "/proxied/*"
to = "${elsewhere.url}/.netlify/functions/there"
status = 200
headers = {X-Key = "of the rule"}
[[redirects]]
from = "/unreachable"
to = "http://127.0.0.1:1/"
status = 200
[[redirects]]
from = "/hallo"
to = "/deutsch"
status = 302
conditions = {Language = ["de"]}
[[redirects]]
from = "/hallo"
to = "/bekannt"
status = 302
conditions = {Cookie = ["known"]}
[[redirects]]
from = "/hallo"
to = "/amerika"
status = 302
conditions = {Country = ["us"]}
[[redirects]]
from = "/hallo"
to = "/others"
status = 302
[[redirects]]
to = "/no-from"
[[headers]]
for = "/*"
  [headers.values]
  X-All = "all"
  Content-Security-Policy = "default-src 'self'"
[[headers]]
for = "/page*"
  [headers.values]
  X-All = "page"
  Basic-Auth = "somebody:secret"
`;
const site = await serve(toml);
await mkdir(join(publishFolder, 'item'));
for (const name of ['page', 'kept', 'forced', 'item/7']) {
  await writeFile(join(publishFolder, `${name}.html`), name);
}
afterAll(async () => {
  for (const { close } of [site, elsewhere]) close();
  await rm(publishFolder, { recursive: true });
});

/** A site whose functions answer with what they were called with. */
async function serve(text: string): Promise<{ url: string; close: () => void }> {
  const { redirects, headers } = parseSiteConfig(text);
  const log = (line: string) => lines.push(line);
  const answer = openSite({
    publishFolder,
    matchRedirect: await openRedirects(redirects, publishFolder, log),
    headersOf: await openStaticHeaders(headers, publishFolder, log),
    async callFunction(name, { url, method, headers: sent, body }) {
      const key = sent.find(([header]) => header === 'x-key')?.[1];
      const text = body && new TextDecoder().decode(body);
      const called = { name, path: url.pathname + url.search, method, key, text };
      return errorAnswer(200, 'CALLED', 'none', called);
    },
  });
  const server = await serveHttp(answer, 0);
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const get = (path: string, init: RequestInit = {}) =>
  fetch(`${site.url}${path}`, { redirect: 'manual', ...init });

describe('a redirect', () => {
  test.each([
    ['/api/health?deep=1', { name: 'health', path: '/api/health?deep=1' }],
    ['/api/health/more', { name: 'health', path: '/api/health/more' }],
    ['/job/7', { name: 'sync-status', path: '/job/7?jobId=7' }],
  ])('of %s calls the function, which sees the path that was asked for', async (path, called) => {
    expect(await (await get(path)).json()).toMatchObject(called);
  });

  test.each([
    ['/old/2024/05', 301, '/new/05-2024'],
    ['/old/2024/05/?a=1&b=2', 301, '/new/05-2024?a=1&b=2'],
    ['/old/a/b/c', 302, '/older/a/b/c'],
    ['/store?id=8', 307, '/item/8?id=8'],
    ['/away/x/y?z=1', 301, 'https://other.example/x/y?z=1'],
    ['/jump//other.example', 301, '/other.example'],
  ])('of %s answers %i with %s', async (path, status, location) => {
    const response = await get(path);
    expect([response.status, response.headers.get('location')]).toEqual([status, location]);
  });

  test.each([
    ['/kept.html', 200, 'kept'],
    ['/forced.html', 200, 'page'],
    ['/gone/for/good', 404, 'page'],
    ['/store', 404, 'Not Found\n'],
  ])('of %s answers %i with %j', async (path, status, text) => {
    const response = await get(path);
    expect([response.status, await response.text()]).toEqual([status, text]);
  });

  test('to another site with status 200 has that one answer', async () => {
    const response = await get('/proxied/x?a=1', { method: 'POST', body: 'sent' });
    expect(await response.json()).toMatchObject({
      ...{ name: 'there', path: '/.netlify/functions/there?a=1', method: 'POST' },
      ...{ key: 'of the rule', text: 'sent' },
    });
  });

  test('to a site that is away answers 502 and names it', async () => {
    const response = await get('/unreachable');
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({
      error: expect.stringContaining('http://127.0.0.1:1 cannot be reached'),
    });
  });

  test.each<[Record<string, string>, string]>([
    [{ 'accept-language': 'de-CH' }, '/deutsch'],
    [{ 'accept-language': 'fr', cookie: 'known=1' }, '/bekannt'],
    [{ 'accept-language': 'fr', cookie: 'nf_country=us' }, '/amerika'],
    [{ 'accept-language': 'fr' }, '/others'],
  ])('with conditions applies where they hold: %j', async (headers, location) => {
    expect((await get('/hallo', { headers })).headers.get('location')).toBe(location);
  });

  test('whose condition nothing here can tell, or that is wrong, is named in the log', () => {
    expect(lines).toContain(
      'The redirect from /hallo asks for Country: here it applies to callers with the cookie nf_country only.',
    );
    expect(lines.join('\n')).toMatch(/A redirect is left out: .*\n.*\n?.*Missing "from" field/);
  });
});

describe('headers', () => {
  const headersOf = async (path: string) => Object.fromEntries((await get(path)).headers);

  test('are those of all rules for the path, the later rule deciding', async () => {
    const policy = { 'content-security-policy': "default-src 'self'" };
    expect(await headersOf('/kept.html')).toMatchObject({ 'x-all': 'all', ...policy });
    expect(await headersOf('/page.html')).toMatchObject({ 'x-all': 'page', ...policy });
  });

  test('are not those of a function', async () => {
    expect(await headersOf('/api/health')).not.toHaveProperty('x-all');
  });

  test('hold no password of Basic-Auth, which the log says', async () => {
    expect(await headersOf('/page.html')).not.toHaveProperty('basic-auth');
    expect(lines.join('\n')).toContain('Basic-Auth of /page* is left out');
  });
});

test('Nothing else under /.netlify is anything', async () => {
  expect((await get('/.netlify/identity')).status).toBe(404);
});
