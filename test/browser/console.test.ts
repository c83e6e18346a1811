import type { BrowserContext, Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Overview } from '../../console/state/shapes.js';
import { startBackend } from '../support/backend.js';
import { startBrowser } from './chromium.js';
import { expectAccessible, respond, serveConsole } from './console-site.js';

const TOKEN = 'test-token-that-is-no-secret';
const READ_TOKEN = 'test-read-token-that-is-no-secret';

const backend = await startBackend({ rows: 60 }, { API_READ_TOKEN: READ_TOKEN });
const { lake } = backend;
/** The endpoints that the page has called. */
const calls: string[] = [];
/** What becomes of an answer before the page gets it. */
let change: ((answer: Response, name: string) => Response | Promise<Response>) | undefined;
const site = await serveConsole(async (name, request) => {
  calls.push(name);
  const answer = await respond(request);
  return name.endsWith('-background') || !change ? answer : change(answer, name);
});
const browser = await startBrowser();
const openContext = () => browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin' });
const context = await openContext();
const problems: string[] = [];
const page = await openPage(context);

async function openPage(within: BrowserContext): Promise<Page> {
  const opened = await within.newPage();
  opened.setDefaultTimeout(10_000);
  opened.on('pageerror', ({ message }) => problems.push(message));
  opened.on('console', (message) => {
    // The browser notes each answer that is an error; these are told to the user, and looked at there.
    const isAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isAnswer) problems.push(message.text());
  });
  return opened;
}

async function signIn(token: string, to = page): Promise<void> {
  await to.getByLabel('Token').fill(token);
  await to.getByRole('button', { name: 'Sign in' }).click();
}

async function openScreen(name: string): Promise<void> {
  await page.getByRole('link', { name, exact: true }).click();
  await heading(name);
}

const MARKUP = '<img src=x onerror="alert(1)"><script>alert(2)</script>\u202egnp.exe';
const SINCE = '2026-01-15T07:54:44.321Z';
/** What takes the place of tables, one by one: markup, long texts, and verdicts that need somebody. */
const HOSTILE: readonly Partial<Overview['tables'][number]>[] = [
  { tableName: MARKUP },
  { tableName: 'x'.repeat(10_000), verdict: { kind: 'paused', by: 'failures', reason: MARKUP } },
  {
    verdict: {
      ...{ kind: 'failing', what: 'run', since: SINCE, failures: 3, historyId: null },
      ...{ error: 'z'.repeat(10_000), errorCode: 'LAKE_QUERY_FAILED' },
    },
    openRejects: 12_345,
  },
  {
    verdict: { kind: 'behind', reason: 'overdue', since: SINCE, limitMinutes: 150 },
    running: {
      ...{ jobId: '6b0586098f126685f5d11cf7', historyId: null, phase: 'reading', mode: 'full' },
      ...{ reconcile: false, startTime: SINCE, rowsRead: 450, rowsTotal: 1_000, percent: 45 },
      ...{ secondsLeft: 4_000, waitingFor: MARKUP, stalled: true },
    },
  },
];

const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();

beforeEach(() => {
  calls.length = 0;
  problems.length = 0;
  change = undefined;
  return () => expect(problems).toEqual([]);
});

describe('signing in', () => {
  it('asks for a token, and says that one is unknown', async () => {
    await page.goto(site);
    await page.getByLabel('Token').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await signIn('a-token-that-nobody-knows');
    await page.getByRole('alert').getByText('does not know this token').waitFor();
    await expectAccessible(page, 'sign-in');
  });

  it('creates what is not configured', async () => {
    await signIn(TOKEN);
    await heading('Overview');
    await expectAccessible(page, 'not-configured');
    await page.getByRole('button', { name: 'Create the configurations' }).click();
    await page.getByText('No table has been synced yet').waitFor();
  });
});

describe('a run', () => {
  it('is watched from the click to its end', async () => {
    lake.configure({ queryMs: 1_500, pageLatencyMs: 1_500 });
    await page.getByRole('link', { name: 'Sync Orders' }).click();
    await heading('Sync Orders');
    await page.getByText('Reads all rows of Orders').waitFor();
    await expectAccessible(page, 'start');
    await page.getByRole('button', { name: 'Start' }).click();
    await heading('Run of Orders');
    await page.getByText(/^Running: /).waitFor();
    await page.getByText(/^Waits for the lake/).waitFor();
    await expectAccessible(page, 'run-active');
    lake.configure({ queryMs: 0, pageLatencyMs: 0 });
    await page.getByText('Complete: everything up to the end').waitFor();
    await expectAccessible(page, 'run-complete');
  });
});

describe('the overview', () => {
  it('says which tables can be trusted', async () => {
    for (const tableId of ['orders', 'taskdetail']) {
      await backend.sync(tableId);
      await backend.sync(tableId, { mode: 'reconcile' });
    }
    await openScreen('Overview');
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('2 of 5 tables equal the lake').waitFor();
    await expectAccessible(page, 'overview');
  });

  it('keeps the focus where it is when it is refreshed, and asks with one request', async () => {
    calls.length = 0;
    const link = page.getByRole('link', { name: 'Sync Orders' });
    await link.focus();
    await page.evaluate("dispatchEvent(new Event('online'))");
    await expect.poll(() => calls).toEqual(['sync-overview']);
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Sync Orders…');
  });

  it('leads from bar to bar by the arrow keys, and to a run', async () => {
    const chart = page.getByRole('group', { name: 'Last runs of Orders' });
    const bars = chart.getByRole('link');
    await bars.last().focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await heading('Run of Orders');
    await page.goBack();
    await heading('Overview');
  });

  it('shows what the data say as text, whatever it is', async () => {
    change = async (answer, name) => {
      if (name !== 'sync-overview') return answer;
      const body: Overview = JSON.parse(await answer.text());
      const tables = body.tables.map((table, index) => ({ ...table, ...HOSTILE[index] }));
      return Response.json({ ...body, tables });
    };
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('rowheader').getByText(MARKUP).waitFor();
    await page
      .getByRole('rowheader')
      .getByText(/^x{80}…$/)
      .waitFor();
    expect(await page.locator('main img, main script').count()).toBe(0);
    await expectAccessible(page, 'hostile');
    await page.getByRole('button', { name: 'Show all 10,000 characters' }).click();
    await page.getByText('z'.repeat(10_000)).waitFor();
  });

  it('says that the site can not be reached, and keeps what it knew', async () => {
    await context.setOffline(true);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('alert').getByText('could not be reached').waitFor();
    await page.getByRole('rowheader').first().waitFor();
    await expectAccessible(page, 'offline');
    await context.setOffline(false);
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
  });

  it('asks for nothing while nobody sees it, and at once when somebody does', async () => {
    // A context of its own: all pages of one share its clock.
    const withClock = await openContext();
    const other = await openPage(withClock);
    await other.clock.install();
    await other.goto(site);
    await signIn(TOKEN, other);
    await other.getByRole('heading', { name: 'Overview' }).waitFor();
    calls.length = 0;
    const setHidden = (hidden: boolean) =>
      other.evaluate(
        `Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'))`,
      );
    await setHidden(true);
    await other.clock.runFor(600_000);
    expect(calls).toEqual([]);
    await setHidden(false);
    await other.clock.runFor(10);
    await expect.poll(() => calls).toEqual(['sync-overview']);
    // Closed with the browser, which in its one process would end with this context.
    await setHidden(true);
  });
});

describe('before a click', () => {
  it('asks whether everything is to be replaced, naming the table, and can be canceled', async () => {
    await page.goto(`${site}/#/start/orders`);
    await heading('Sync Orders');
    await page.getByLabel('Read everything').check();
    await page.getByLabel('Replace every stored version').check();
    calls.length = 0;
    await page.getByRole('button', { name: 'Start' }).click();
    const dialog = page.getByRole('dialog', { name: 'Read everything: Orders?' });
    await dialog.getByText('replaces every stored document').waitFor();
    await expectAccessible(page, 'confirm');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(calls).toEqual([]);
    expect(await page.locator(':focus').textContent()).toBe('Start');
  });
});

describe('a run that fails', () => {
  it('says why, with the code', async () => {
    lake.fault({ kind: 'failed', every: 1, word: 'Object was <b>not</b> found' });
    await page.goto(`${site}/#/start/receipt`);
    await heading('Sync Receipt');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText('Failed.').waitFor();
    await page.getByText('Object was <b>not</b> found').waitFor();
    await page.getByText('LAKE_QUERY_FAILED').waitFor();
    lake.clearFaults();
    await expectAccessible(page, 'run-failed');
  });
});

describe('health, settings and audit', () => {
  it('lists every check, with what to do about those that fail', async () => {
    await openScreen('Health');
    await page.getByRole('rowheader', { name: 'Database, reading' }).waitFor();
    await expectAccessible(page, 'health');
  });

  it('saves a setting, and says so if somebody else was faster', async () => {
    await openScreen('Settings');
    const field = page.getByLabel('Freshness limit, in minutes');
    await field.fill('5');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('must be at least 10 minutes', { exact: true }).waitFor();
    await field.fill('180');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await backend.call('sync-settings', {
      ...{ method: 'PUT', body: { key: 'freshnessLimitMinutes', value: 240 } },
    });
    await field.fill('200');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody else has saved a change').waitFor();
    await expectAccessible(page, 'settings-lost-update');
    await page.getByRole('button', { name: 'Reload theirs' }).click();
    await expect.poll(() => field.inputValue()).toBe('240');
  });

  it('lists who has changed what', async () => {
    await openScreen('Audit');
    await page.getByText('freshnessLimitMinutes').first().waitFor();
    await expectAccessible(page, 'audit');
    await page.getByLabel('Table').selectOption('orders');
    await expect.poll(() => page.getByText('freshnessLimitMinutes').count()).toBe(0);
  });
});

describe('what the token may', () => {
  it('offers no action with a token that may only read', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn(READ_TOKEN);
    await page.getByText('(may only read)').waitFor();
    expect(await page.getByRole('link', { name: 'Audit' }).count()).toBe(0);
    await openScreen('Overview');
    expect(await page.getByRole('link', { name: /^Sync / }).count()).toBe(0);
    await openScreen('Settings');
    expect(await page.getByRole('textbox').count()).toBe(0);
    await expectAccessible(page, 'settings-read');
  });

  it.each([
    [
      'a site without a token',
      () => Response.json({ error: 'No token.', code: 'API_TOKEN_UNSET' }, { status: 503 }),
      'The site has no token yet',
    ],
    [
      'a private project',
      () => new Response(null, { status: 302, headers: { Location: 'https://login.example/' } }),
      'Netlify asked for a login',
    ],
    [
      'a page of a proxy',
      () => new Response('<html>', { status: 403, headers: { 'Content-Type': 'text/html' } }),
      'Netlify asked for a login',
    ],
    [
      'a token that is refused what it asks for',
      () => Response.json({ error: 'No.', code: 'FORBIDDEN' }, { status: 403 }),
      'This token may only read.',
    ],
  ])('tells apart %s', async (_, answer, said) => {
    change = answer;
    await page.reload();
    await page.getByRole('alert').getByText(said).waitFor();
  });
});
