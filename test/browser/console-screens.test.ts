import { readFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { setBackAbsences } from '../../dev/demo/absences.js';
import { RECEIPTDETAIL } from '../../dev/lake/wms/objects.js';
import { rejectReceipts } from '../../dev/story/parts.js';
import { startBackend } from '../support/backend.js';
import { startBrowser } from './chromium.js';
import { expectAccessible, respond, serveConsole } from './console-site.js';

const TOKEN = 'test-token-that-is-no-secret';
const READ_TOKEN = 'test-read-token-that-is-no-secret';
const HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>\u202egnp.exe';
const LONG = 'x'.repeat(10_000);

const backend = await startBackend({ rows: 200 }, { API_READ_TOKEN: READ_TOKEN });
await backend.call('init-sync-config', { body: {} });
const scene = {
  ...backend,
  async sync(tableId: string, options = {}) {
    await backend.sync(tableId, options);
  },
  call: () => Promise.reject(new Error('No part that is used here calls it.')),
};
await rejectReceipts(scene);
await holdDeletes();

/** The lake has lost all rows of Receipt Detail but one, which is more than the guard lets through. */
async function holdDeletes(): Promise<void> {
  const { lake, db, sync } = backend;
  const reconcile = { mode: 'reconcile', repair: true };
  await sync('receiptdetail');
  const [kept] = await lake.rows(RECEIPTDETAIL.name);
  await lake.hide(RECEIPTDETAIL.name, `SERIALKEY <> ${Number(kept?.SERIALKEY)}`);
  await sync('receiptdetail', reconcile);
  await setBackAbsences(db, 'receiptdetail');
  await sync('receiptdetail', reconcile);
}

/** What becomes of an answer before the page gets it. */
let change: ((body: string, name: string) => string) | undefined;
const site = await serveConsole(async (name, request) => {
  const answer = await respond(request);
  if (!change) return answer;
  return new Response(change(await answer.text(), name), answer);
});
const browser = await startBrowser();
const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin' });
await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: site });
const page = await context.newPage();
page.setDefaultTimeout(10_000);
const problems: string[] = [];
page.on('pageerror', ({ message }) => problems.push(message));
page.on('console', (message) => {
  const isAnswer = message.text().startsWith('Failed to load resource');
  if (message.type() === 'error' && !isAnswer) problems.push(message.text());
});

const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
const button = (name: string) => page.getByRole('button', { name });
const open = async (hash: string, title: string) => {
  await page.goto(`${site}/${hash}`);
  await heading(title);
};
async function openScreen(name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
  await heading(name);
}
async function signIn(token: string): Promise<void> {
  await page.getByLabel('Token').fill(token);
  await button('Sign in').click();
  await heading('Overview');
}

beforeEach(() => {
  problems.length = 0;
  change = undefined;
  return () => expect(problems).toEqual([]);
});

describe('the history', () => {
  it('lists the runs, and draws the rows and durations of thirty days', async () => {
    await page.goto(site);
    await signIn(TOKEN);
    await openScreen('History');
    await page.getByRole('table', { name: 'Runs' }).getByText('with rejected rows').waitFor();
    await page.getByText('The same as a table').click();
    await page.getByRole('table', { name: 'The last 30 days' }).getByText('4 runs').waitFor();
    await page.getByRole('img', { name: 'Rows read and durations' }).waitFor();
    await expectAccessible(page, 'history');
  });

  it('is filtered by table and outcome, and keeps the filter in the address', async () => {
    await page.getByLabel('Table').selectOption('receiptdetail');
    await page.getByText('3 runs in all').waitFor();
    await page.getByLabel('Outcome').selectOption('Failed');
    await page.getByText('No run matches the filter').waitFor();
    expect(page.url()).toContain('tableId=receiptdetail&status=failed');
    await page.getByLabel('Until').fill('2020-01-01');
    await page.getByRole('link', { name: 'Clear the filter' }).click();
    await page.getByText('4 runs in all').waitFor();
  });

  it('leads to a run, whose diagnostics are copied without a value of a row', async () => {
    await page.getByRole('table', { name: 'Runs' }).getByRole('link').last().click();
    await heading('Run of Receipt');
    await button('Copy diagnostics').click();
    await page.getByText('Copied.').waitFor();
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(JSON.parse(copied)).toMatchObject({
      ...{ tableId: 'receipt', outcome: 'with_rejects', counts: { rejected: 1, unreadable: 1 } },
      proof: { how: expect.any(String) },
    });
    expect(copied).not.toContain('12 kg');
  });
});

describe('the rejects', () => {
  it('show reason and column, and the row on request', async () => {
    await openScreen('Rejects');
    const row = page.getByRole('row').filter({ hasText: 'EXT_WEIGHT' });
    await row.getByText('not a number').waitFor();
    await row.getByText('stored without the value').waitFor();
    await row.getByText('Show the row').click();
    await row.getByText('about 12 kg').first().waitFor();
    await expectAccessible(page, 'rejects');
  });

  it('are retried one by one, and all that the filter shows', async () => {
    const row = page.getByRole('row').filter({ hasText: 'EXT_WEIGHT' });
    await row.getByRole('checkbox').check();
    await button('Retry 1 selected').click();
    await page.getByText('Fetched again: 1 row arrived').waitFor();
    await row.waitFor({ state: 'detached' });
    await page.getByLabel('Reason').selectOption('no key');
    await button('Retry all matching').click();
    await page.getByText(/0 rows arrived.*1 row still rejected/).waitFor();
    await page.getByLabel('State').selectOption('Resolved');
    await page.getByText('No rejected row matches the filter').waitFor();
  });
});

describe('the certificate', () => {
  it('says what differs since when, and leads to the held deletes', async () => {
    await open('#/certificate/receiptdetail', 'Certificate of Receipt Detail');
    await page.getByText(/^Receipt Detail differs from the lake|^It is not proven/).waitFor();
    const list = page.getByRole('table', { name: 'Documents that differ' });
    await list.getByText('without a row in the lake').first().waitFor();
    await expectAccessible(page, 'certificate');
  });

  it('is saved as JSON with every open difference', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      button('Download (JSON)').click(),
    ]);
    const saved = JSON.parse(await readFile(await download.path(), 'utf8'));
    expect(saved.certificate).toMatchObject({ tableId: 'receiptdetail' });
    expect(saved.differences).toHaveLength(saved.certificate.remaining);
  });

  it('is printed without what can be pressed', async () => {
    await page.emulateMedia({ media: 'print' });
    expect(await button('Print').isVisible()).toBe(false);
    expect(await page.getByRole('navigation').isVisible()).toBe(false);
    await page.emulateMedia({ media: 'screen' });
  });

  it('is missing where a table has not been compared', async () => {
    await open('#/certificate/orders', 'Certificate of Orders');
    await page.getByText('Orders has not been compared with the lake yet.').waitFor();
  });
});

describe('held deletes', () => {
  it('are listed exactly, with the reasons', async () => {
    await open('#/deletes/receiptdetail', 'Held deletes of Receipt Detail');
    await page.getByText('They are more than half of the table.').waitFor();
    const { body } = await backend.call('sync-reconcile', {
      query: { tableId: 'receiptdetail', held: 'true' },
    });
    const { deletes } = body.heldDeletes as { deletes: number };
    const rows = page.getByRole('table', { name: 'Documents on the list' }).getByRole('rowheader');
    expect(await rows.count()).toBe(deletes);
    await expectAccessible(page, 'deletes');
  });

  it('are only confirmed by a button that names the table', async () => {
    await button('Confirm the deletes…').click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Delete .* from Receipt Detail$/ })
      .waitFor();
    await expectAccessible(page, 'deletes-confirm');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('are discarded, and nothing is deleted', async () => {
    await button('Discard the list…').click();
    await button('Discard the list of Receipt Detail').click();
    await page.getByText('The list is discarded; nothing was deleted.').waitFor();
    await page.getByText('No deletes of Receipt Detail are held.').waitFor();
  });
});

describe('the configuration', () => {
  it('says at a field what the API says of it', async () => {
    await openScreen('Configuration');
    await expectAccessible(page, 'configurations');
    await page.getByRole('link', { name: 'Orders', exact: true }).click();
    await heading('Configuration of Orders');
    await page.getByLabel('Rows per page').fill('0');
    await page.getByLabel('Kinds of columns').fill('MYDATE: time');
    await button('Save').click();
    await page.getByText('must be at least 1').first().waitFor();
    expect(await page.getByLabel('Rows per page').getAttribute('aria-invalid')).toBe('true');
    await page.getByText('MYDATE must be text, number, date', { exact: true }).waitFor();
    await expectAccessible(page, 'config-invalid');
    await page.getByLabel('Rows per page').fill('500');
    await page.getByLabel('Kinds of columns').fill('MYDATE: date');
    await button('Save').click();
    await page.getByText('Saved.').waitFor();
    const stored = await backend.config('orders');
    expect(stored).toMatchObject({ batchSize: 500, options: { columns: { MYDATE: 'date' } } });
  });

  it('that another operator has changed meanwhile is overwritten or loaded, as one decides', async () => {
    await backend.configure('orders', { syncFrequency: 15 });
    await page.getByLabel('Minutes between two syncs').fill('45');
    await button('Save').click();
    await page.getByRole('alert').getByText('Somebody else has saved a change').waitFor();
    expect(await backend.config('orders')).toMatchObject({ syncFrequency: 15 });
    await expectAccessible(page, 'config-lost-update');
    await button('Overwrite with mine').click();
    await page.getByText('Saved.').waitFor();
    expect(await backend.config('orders')).toMatchObject({ syncFrequency: 45 });

    await backend.configure('orders', { syncFrequency: 20 });
    await page.getByLabel('Minutes between two syncs').fill('50');
    await button('Save').click();
    await button('Reload theirs').click();
    await expect.poll(() => page.getByLabel('Minutes between two syncs').inputValue()).toBe('20');
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('keeps what is typed when its table is paused, and saves it after that', async () => {
    await page.getByLabel('Description').fill('Paused for the inventory');
    await button('Pause').click();
    await page.getByText(/^Paused: /).waitFor();
    await button('Save').click();
    await page.getByText('Saved.').waitFor();
    await button('Resume').click();
    await page.getByText(/^On the schedule/).waitFor();
    expect(await backend.config('orders')).toMatchObject({
      description: 'Paused for the inventory',
    });
  });

  it('is created where it is missing', async () => {
    await backend.call('sync-config', { method: 'DELETE', query: { tableId: 'orders' } });
    await openScreen('Configuration');
    await page.getByText('Not configured: Orders.').waitFor();
    await button('Create what is missing').click();
    await page.getByRole('link', { name: 'Orders', exact: true }).waitFor();
  });
});

describe('what the data say', () => {
  it('is text, whatever it is', async () => {
    change = (body) =>
      body
        .replaceAll('TASKDETAIL', LONG)
        .replace(
          /"(tableName|message|identity)":"[^"]*"/g,
          (_, name) => `"${name}":${JSON.stringify(HOSTILE + LONG)}`,
        );
    for (const [hash, title] of [
      ['#/history', 'History'],
      ['#/rejects', 'Rejects'],
      ['#/configurations', 'Configuration'],
    ] as const) {
      await open(hash, title);
      await page.getByText('<img src=x').first().waitFor();
      expect(await page.locator('main img, main script').count()).toBe(0);
      await expectAccessible(page, `hostile-${title.toLowerCase()}`);
    }
  });
});

describe('a token that may only read', () => {
  it('shows every screen, and no action', async () => {
    await button('Sign out').click();
    await page.goto(`${site}/#/`);
    await signIn(READ_TOKEN);
    for (const [hash, title] of [
      ['#/history', 'History'],
      ['#/rejects', 'Rejects'],
      ['#/certificate/receiptdetail', 'Certificate of Receipt Detail'],
      ['#/configurations', 'Configuration'],
      ['#/config/receipt', 'Configuration of Receipt'],
    ] as const) {
      await open(hash, title);
      await page.getByText('Loading…').waitFor({ state: 'detached' });
      const names = await page.locator('main').getByRole('button').allInnerTexts();
      expect(
        names.filter((name) => !/^(Download|Print)/.test(name)),
        title,
      ).toEqual([]);
      expect(await page.locator('main form').count(), title).toBe(0);
      expect(await page.locator('main').getByRole('checkbox').count(), title).toBe(0);
    }
    await expectAccessible(page, 'config-read');
  });
});
