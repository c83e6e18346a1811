import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';
import { startBrowser } from './chromium.js';
import { expectAccessible, respond, serveConsole } from './console-site.js';

const TOKEN = 'test-token-that-is-no-secret';
const READ_TOKEN = 'test-read-token-that-is-no-secret';

const backend = await startBackend({ rows: 60 }, { API_READ_TOKEN: READ_TOKEN });
const { lake } = backend;
/** The endpoints that the page has called. */
const calls: string[] = [];
/** What is answered in place of the API. */
let instead: (() => Response) | undefined;
const site = await serveConsole(async (name, request) => {
  calls.push(name);
  return instead?.() ?? respond(request);
});
const browser = await startBrowser();
const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin' });
const problems: string[] = [];
const page = await openPage();

async function openPage(): Promise<Page> {
  const opened = await context.newPage();
  opened.setDefaultTimeout(10_000);
  opened.on('pageerror', ({ message }) => problems.push(message));
  opened.on('console', (message) => {
    // The browser notes each answer that is an error; these are told to the user, and looked at there.
    const isAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isAnswer) problems.push(message.text());
  });
  return opened;
}

async function signIn(token: string): Promise<void> {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();

beforeEach(() => {
  calls.length = 0;
  problems.length = 0;
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
    await page.getByRole('link', { name: 'Overview' }).click();
    await heading('Overview');
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('2 of 5 tables equal the lake').waitFor();
    await expectAccessible(page, 'overview');
  });
});
