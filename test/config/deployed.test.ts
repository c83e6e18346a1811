import { readFileSync } from 'node:fs';
import { parse } from 'smol-toml';
import { afterAll, describe, expect, it } from 'vitest';
import { prepareDatabase } from '../../src/api/deploy-succeeded.js';
import { scheduledSync } from '../../src/api/scheduled-sync.js';
import { syncWorkerBackground } from '../../src/api/sync-worker-background.js';
import { createSender, SIGNATURE_HEADER } from '../../src/api/worker-orders.js';
import { createApp } from '../../src/app.js';
import { whyIdle } from '../../src/config/idle.js';
import { serve } from '../../src/http/serve.js';
import { testDatabase } from '../support/database.js';

const { db, uri } = await testDatabase();
const app = createApp({ MONGODB_URI: uri, LOG_LEVEL: 'silent' });
process.env.LOG_LEVEL = 'silent';
afterAll(() => app.close());

const preview = { context: 'deploy-preview', id: '1', published: false };
const deployed = { local: false, workOnPreviews: false };

describe('a deploy that is not the published one', () => {
  it.each([
    [preview, deployed, true],
    [{ context: 'branch-deploy', published: false }, deployed, true],
    // An earlier production deploy, at its own address.
    [{ context: 'production', published: false }, deployed, true],
    [{ context: 'production', published: true }, deployed, false],
    [preview, { ...deployed, workOnPreviews: true }, false],
    [preview, { ...deployed, local: true }, false],
    [{ context: 'dev', published: false }, deployed, false],
    [undefined, deployed, false],
  ])('%j with %j is idle: %s', (deploy, settings, isIdle) => {
    expect(whyIdle(deploy, settings) !== undefined).toBe(isIdle);
  });

  const post = (body: object, headers = {}) =>
    new Request('https://site.example/.netlify/functions/x', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  // The part of the platform's context that is read.
  const context = { deploy: preview } as unknown as Parameters<ReturnType<typeof serve>>[1];

  it('makes no pass of the schedule, and says why', async () => {
    const cron = post({ next_run: 'soon' }, { 'x-nf-event': 'schedule' });
    const answer = await serve(scheduledSync, () => app)(cron, context);
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 200,
      body: { message: expect.stringContaining('deploy-preview'), syncedTables: [], errors: [] },
    });
    expect(await db.collection('schedulestates').countDocuments()).toBe(0);
  });

  it('has no worker that works, and sends no order', async () => {
    const order = { jobId: '0'.repeat(24), slot: 0, sequence: 1 };
    const request = post(order, { [SIGNATURE_HEADER]: 'signed' });
    const services = { ...app, isOurs: () => true };
    const answer = await serve(syncWorkerBackground, () => services)(request, context);
    expect(await answer.json()).toMatchObject({ worked: 'ignored' });
    // Without credentials or a site: whatever it does before would throw.
    const parts = {} as Parameters<typeof createSender>[0];
    const outcome = await createSender(parts, 'https://site.example', 'a preview')(order, 0);
    expect(outcome).toEqual({ accepted: false, reason: 'a preview' });
  });
});

describe('deploySucceeded', () => {
  const production = { id: '1', context: 'production', publishedAt: null };
  const configs = db.collection('syncconfigs');

  it('does nothing for a preview', async () => {
    await prepareDatabase({ ...production, context: 'deploy-preview' }, app);
    expect(await db.listCollections().toArray()).toEqual([]);
  });

  it('creates indexes, and configurations only where there is none', async () => {
    await prepareDatabase(production, app);
    expect(await configs.countDocuments()).toBe(app.tables.all.length);
    const indexes = await db.collection('synchistories').indexes();
    expect(indexes.map(({ name }) => name)).toContain('newest_first');
    await configs.deleteMany({ tableId: { $ne: 'orders' } });
    await prepareDatabase(production, app);
    expect(await configs.countDocuments()).toBe(1);
  });

  it('logs a failure, and throws none', async () => {
    const broken = { ...app, ensureIndexes: () => Promise.reject(new Error('no database')) };
    await expect(prepareDatabase(production, broken)).resolves.toBeUndefined();
  });
});

/** The longest values that are usual; without ION_CREDENTIALS its seven parts take less. */
const LONGEST: Readonly<Record<string, number>> = {
  MONGODB_URI: 200,
  ION_CREDENTIALS: 700,
  API_TOKEN: 64,
  API_READ_TOKEN: 64,
  API_AUTH: 5,
  ALLOWED_ORIGINS: 120,
  ALERT_WEBHOOK_SECRET: 50,
  WORK_ON_PREVIEWS: 5,
  LOG_LEVEL: 6,
};

describe('the variables of a site', () => {
  const known = [...readFileSync('.env.example', 'utf8').matchAll(/^([A-Z_]+)=/gm)].map(
    ([, name = '']) => name,
  );

  it('take less than 1.5 KB of the 4 KB that all variables of a function may take', () => {
    const wanted = known.filter((name) => !/^ION_(?!CREDENTIALS)/.test(name));
    expect(Object.keys(LONGEST).sort()).toEqual(wanted.sort());
    const bytes = Object.entries(LONGEST).map(([name, length]) => name.length + length + 2);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(1_500);
  });

  it('have labels in netlify.toml, and no value in the address of the deploy button', () => {
    const toml = parse(readFileSync('netlify.toml', 'utf8')) as {
      template: { environment: Record<string, string> };
    };
    for (const name of Object.keys(toml.template.environment)) expect(known).toContain(name);
    const pages = ['README.md', 'docs/deploy.md'].map((file) => readFileSync(file, 'utf8')).join();
    const buttons = pages.match(/https:\/\/app\.netlify\.com\/start\/deploy\S*?(?=[)\s])/g) ?? [];
    expect(buttons).not.toEqual([]);
    for (const button of buttons) expect(button).toMatch(/\?repository=[^#&=]+$/);
  });
});
