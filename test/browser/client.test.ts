import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { ionVariables, startLake } from '../../dev/lake/index.js';
import { startRuntime } from '../../dev/runtime/index.js';
import { testDatabase } from '../support/database.js';
import { startBrowser } from './chromium.js';
import { serveLocally } from './serve.js';

/** The example, as a page on an origin of its own that takes the client from the site. */
const TOKEN = 'test-token-that-is-no-secret';
const HTML = `<!doctype html><title>Orders</title><button id="sync">Sync</button>
<p id="status"></p><p id="last-error"></p><script type="module" src="/page.js"></script>`;

const { code } = await transform(await readFile('examples/sync-button.ts', 'utf8'), {
  loader: 'ts',
});
let site = '';
const serveFrontend = () =>
  serveLocally(async ({ url }) => {
    const isScript = new URL(url).pathname === '/page.js';
    const type = isScript ? 'text/javascript' : 'text/html; charset=utf-8';
    const body = isScript
      ? code.replace('./datalake-sync.js', `${site}/client/datalake-sync.js`)
      : HTML;
    return new Response(body, { headers: { 'content-type': type } });
  });
/** As the platform answers for a private project, where the preflight is let through. */
const login = await serveLocally(async ({ method }) => {
  const headers = {
    'access-control-allow-origin': '*',
    'access-control-allow-headers': 'authorization, content-type, idempotency-key',
    location: 'https://login.invalid/',
  };
  return new Response(null, { status: method === 'OPTIONS' ? 204 : 302, headers });
});
const [allowed, refused] = await Promise.all([serveFrontend(), serveFrontend()]);

await promisify(execFile)(process.execPath, ['tools/build.mjs']);
const { uri } = await testDatabase();
const lake = await startLake({ rows: 60 });
const runtime = await startRuntime({
  env: {
    ...ionVariables(lake),
    MONGODB_URI: uri,
    API_TOKEN: TOKEN,
    ALLOWED_ORIGINS: allowed,
    LOG_LEVEL: 'silent',
  },
});
site = runtime.url;
afterAll(async () => {
  await runtime.close();
  await lake.close();
});
const page = await (await startBrowser()).newPage();
const problems: string[] = [];
page.on('pageerror', ({ message }) => problems.push(message));
await page.clock.install();

/** Presses the button of the page of an origin. @returns what it tells its user, at last */
async function press(origin: string, token: string, { minutesPass = false, backend = site } = {}) {
  problems.length = 0;
  await page.goto(`${origin}/?backend=${encodeURIComponent(backend)}`);
  await page.evaluate(`sessionStorage.setItem('token', '${token}')`);
  await page.click('#sync');
  const done = page.waitForSelector('body[data-done=sync]', { timeout: 25_000 });
  const pass = () => minutesPass && page.clock.runFor(30_000).catch(() => undefined);
  const ticks = setInterval(pass, 200);
  await done.finally(() => clearInterval(ticks));
  return { status: await page.textContent('#status'), problems: [...problems] };
}

describe('the client, in a browser, on another origin than the backend', () => {
  it('syncs a table and shows how it goes', { timeout: 40_000 }, async () => {
    const { status, problems } = await press(allowed, TOKEN);
    expect(status).toMatch(/^completed: [1-9]\d* new, 0 changed$/);
    expect(problems).toEqual([]);
  });

  it('says why a token is refused', async () => {
    const { status } = await press(allowed, 'a-token-that-nobody-knows');
    expect(status).toMatch(/^NOT_AUTHORIZED: /);
  });

  it('tells the redirect to a login from a lost connection', async () => {
    const { status } = await press(allowed, TOKEN, { backend: login });
    expect(status).toContain('If the Netlify project is private');
  });

  it('is refused where its origin is not allowed', { timeout: 40_000 }, async () => {
    // Its patience with a connection that never comes is ten minutes.
    const { status } = await press(refused, TOKEN, { minutesPass: true });
    expect(status).toMatch(/^ConnectionError: .* could not be reached/);
  });
});
