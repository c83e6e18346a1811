import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';
import { startBrowser } from './chromium.js';
import { respondWithFunction, serveLocally } from './serve.js';

/** An existing frontend, which sends no token, on another origin than the backend. */
const { db } = await startBackend({ rows: 120 }, { API_AUTH: 'none' });
const html = await readFile('test/browser/earlier-frontend.html', 'utf8');
const tokens: (string | null)[] = [];
const api = await serveLocally(async (request) => {
  if (request.method !== 'OPTIONS') tokens.push(request.headers.get('authorization'));
  return respondWithFunction(request);
});
const frontend = await serveLocally(
  async () => new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } }),
);
const browser = await startBrowser();
const page = await browser.newPage();
const problems: string[] = [];
page.on('pageerror', (error) => problems.push(error.message));
await page.goto(`${frontend}/?api=${encodeURIComponent(api)}`);

/** Presses a button and waits for what it does. @returns what the page tells its user */
async function press(id: string) {
  await page.evaluate("document.body.removeAttribute('data-done')");
  await page.click(`#${id}`);
  await page.waitForSelector(`body[data-done=${id}]`, { timeout: 25_000 });
  expect(problems).toEqual([]);
  const text = (element: string) => page.locator(`#${element}`).textContent();
  return { message: await text('message'), error: await text('error') };
}
const items = (id: string) => page.locator(`#${id} li`).allTextContents();

describe('an existing frontend, in a browser, from another origin', () => {
  it('creates the configurations, and lists them', async () => {
    expect(await press('init')).toEqual({ message: 'Configurations created: 5', error: '' });
    expect(await items('configs')).toContain('Task Detail, every 60 minutes');
    const again = await press('init');
    expect(again).toEqual({ message: 'The configurations exist already: 5', error: '' });
  });

  it('edits a configuration and gets its warehouse back as a text', async () => {
    expect(await press('save')).toEqual({ message: '45, WMWHSE1', error: '' });
  });

  it('syncs with each click what the one before has left, and sees it completed', async () => {
    const rows = () => db.collection('taskdetails').countDocuments();
    const counts = [0];
    for (let clicks = 0; clicks < 4 && counts.at(-1) !== counts.at(-2); clicks++) {
      expect((await press('start')).error).toBe('');
      expect(await page.textContent('#job')).toMatch(
        /^completed: \d+ of \d+ new, \d+\.\d{3} seconds$/,
      );
      counts.push(await rows());
    }
    expect(counts.slice(0, 2)).toEqual([0, 15]);
    expect(counts.at(-1)).toBeGreaterThan(15);
  });

  it('tells its user why a sync can not be started', async () => {
    await db.collection('taskdetails').insertOne({ TASKDETAILKEY: 'of the earlier version' });
    expect(await press('start')).toEqual({
      message: '',
      error: expect.stringContaining('Run `npm run db:adopt`'),
    });
  });

  it('shows history and statistics, failed runs among them, in seconds', async () => {
    expect((await press('reload')).error).toContain('db:adopt');
    const history = await items('history');
    expect(history[0]).toMatch(/^Task Detail failed, 0 rows, 0\.000 s: .*db:adopt/);
    expect(history.at(-1)).toMatch(/^Task Detail completed, 15 rows, \d{1,2}\.\d{3} s$/);
    expect(await page.textContent('#pages')).toBe('page 1 of 1');
    const stats = await items('stats');
    expect(stats).toContain('Receipt never, 0 rows, 0.000 s');
    expect(stats.find((line) => line.startsWith('Task'))).toMatch(
      /^Task Detail failed 20\d\d, [1-9]\d* rows, \d{1,2}\.\d{3} s$/,
    );
    expect(stats.at(-1)).toMatch(/^\d+ runs, \d+ rows$/);
  });

  it('is held to the rules for other origins, as its browser is', async () => {
    const send = (headers: Record<string, string>) =>
      page.evaluate(
        ([url, sent]) => fetch(url, { headers: sent }).then(({ status }) => status, String),
        [`${api}/.netlify/functions/sync-stats`, headers] as const,
      );
    expect(await send({ 'X-Request-Id': 'of-the-page-1' })).toBe(200);
    expect(await send({ 'X-Nobody-Allows': '1' })).toContain('TypeError');
  });
});

describe('the four lines of the upgrade guide', () => {
  it('send the token that the user has typed to the backend, and nowhere else', async () => {
    const guide = await readFile('docs/upgrade.md', 'utf8');
    const lines = /```js\n(const backend = [\s\S]*?)```/.exec(guide)?.[1] ?? '';
    expect(lines.trim().split('\n')).toHaveLength(4);
    const other: (string | null)[] = [];
    const elsewhere = await serveLocally(async ({ headers }) => {
      other.push(headers.get('authorization'));
      return new Response('', { headers: { 'access-control-allow-origin': '*' } });
    });
    const { origin } = new URL(frontend);
    const patched = await browser.newPage();
    patched.on('dialog', (dialog) => dialog.accept('as-typed'));
    await patched.addInitScript(lines.replace('https://site.example', api));
    await patched.goto(`${origin}/?api=${encodeURIComponent(api)}`);
    tokens.length = 0;
    await patched.click('#reload');
    await patched.waitForSelector('body[data-done=reload]');
    await patched.evaluate((url) => fetch(url).then(({ status }) => status), elsewhere);
    expect(tokens).toEqual(['Bearer as-typed', 'Bearer as-typed']);
    expect(other).toEqual([null]);
    // However a call states its headers, none of them is lost.
    const statuses = await patched.evaluate(async (functions) => {
      const post = {
        method: 'POST',
        headers: new Headers({ 'Content-Type': 'application/json' }),
        body: '{}',
      };
      const init = `${functions}init-sync-config`;
      const answers = [
        fetch(init, post),
        fetch(new Request(init, post)),
        fetch(new URL(init), post),
      ];
      return (await Promise.all(answers)).map(({ status }) => status);
    }, `${api}/.netlify/functions/`);
    expect(statuses).toEqual([200, 200, 200]);
    expect(tokens.slice(2)).toEqual(['Bearer as-typed', 'Bearer as-typed', 'Bearer as-typed']);
  });
});
