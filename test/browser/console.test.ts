import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';
import { startBrowser } from './chromium.js';
import { expectAccessible, serveConsole } from './console-site.js';

const TOKEN = 'test-token-that-is-no-secret';
const READ_TOKEN = 'test-read-token-that-is-no-secret';

const backend = await startBackend({ rows: 60 }, { API_READ_TOKEN: READ_TOKEN });
const site = await serveConsole();
const browser = await startBrowser();
const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin' });
const page = await context.newPage();
page.setDefaultTimeout(10_000);
const problems: string[] = [];
page.on('pageerror', ({ message }) => problems.push(message));
page.on('console', (message) => {
  // The browser notes each answer that is an error; these are told to the user, and are looked at there.
  const isAnswer = message.text().startsWith('Failed to load resource');
  if (message.type() === 'error' && !isAnswer) problems.push(message.text());
});

describe('signing in', () => {
  it('asks for a token, and says that one is unknown', async () => {
    await page.goto(site);
    const field = page.getByLabel('Token');
    await field.waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await field.fill('a-token-that-nobody-knows');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('does not know this token').waitFor();
    await expectAccessible(page, 'sign-in');
  });

  it('shows the overview', async () => {
    await page.getByLabel('Token').fill(TOKEN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await expectAccessible(page, 'not-configured');
    await page.getByRole('button', { name: 'Create the configurations' }).click();
    await page.getByText('No table has been synced yet').waitFor();
    await expectAccessible(page, 'overview-new');
    for (const tableId of ['orders', 'taskdetail']) {
      await backend.sync(tableId);
      await backend.sync(tableId);
      await backend.sync(tableId, { mode: 'reconcile' });
    }
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('tables equal the lake').waitFor();
    await expectAccessible(page, 'overview');
    expect(problems).toEqual([]);
  });
});
