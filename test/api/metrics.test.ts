import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { METRICS } from '../../src/api/metric-families.js';
import { openMetricsText } from '../../src/api/openmetrics.js';
import { systemClock } from '../../src/clock.js';
import { TABLES } from '../../src/tables/registry.js';
import { startBackend } from '../support/backend.js';
import { findPython, parseByPython, parseOpenMetrics } from '../support/openmetrics.js';

/** The clock of the app, which tests put forward. */
let ahead = 0;
const clock = { ...systemClock, now: () => Date.now() + ahead };
const { call, config, db, sync } = await startBackend({ rows: 60 }, {}, { clock });

/** The metrics, not those that the instance has in hand. */
async function fresh() {
  ahead += 31_000;
  const { status, headers, body } = await call('metrics');
  expect(status).toBe(200);
  const text = String(body);
  return { text, headers, families: parseOpenMetrics(text) };
}
const sample = ({ families }: Awaited<ReturnType<typeof fresh>>, name: string, labels = '') =>
  families
    .get(`datalake_sync_${name.replace(/_(total|sum|count)$/, '')}`)
    ?.samples.get(`datalake_sync_${name}${labels}`);
const of = (table: string, rest = '') => `{table="${table}"${rest}}`;
const now = () => Date.now() / 1000;

describe('metrics', () => {
  it('has each family before anything is configured, and no table but those of the code', async () => {
    const { families, text } = await fresh();
    expect([...families.keys()]).toEqual(METRICS.map(({ name }) => name));
    const named = new Set([...text.matchAll(/table="([^"]*)"/g)].map(([, table]) => table));
    expect(named).toEqual(new Set(TABLES.map(({ tableId }) => tableId)));
  });

  it('is never kept by a cache on its way, and needs a token', async () => {
    const { headers } = await fresh();
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toBe(
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    );
    expect((await call('metrics', { token: 'x'.repeat(30) })).status).toBe(401);
  });

  it('tells what runs did, and how far MongoDB follows the lake', async () => {
    await call('init-sync-config', { body: {} });
    await sync('orders');
    await sync('orders');
    await call('sync-run-due', { body: {} });
    const found = await fresh();
    const stored = await db.collection('orders').countDocuments();
    const orders = (name: string, rest?: string) => sample(found, name, of('orders', rest));
    expect(orders('rows_total', ',result="created"')).toBe(stored);
    expect(orders('runs_total', ',outcome="complete"')).toBeGreaterThanOrEqual(1);
    expect(orders('runs_total', ',outcome="canceled"')).toBe(0);
    expect(orders('run_duration_seconds_count')).toBeGreaterThanOrEqual(2);
    expect(orders('run_duration_seconds_sum')).toBeGreaterThan(0);
    expect(orders('lake_queries_total')).toBeGreaterThanOrEqual(4);
    expect(orders('function_seconds_total')).toBeGreaterThan(0);
    expect(orders('leases_lost_total')).toBe(0);
    expect(orders('open_rejects')).toBe(0);
    expect(orders('enabled')).toBe(1);
    expect(Number(orders('last_success_timestamp_seconds'))).toBeGreaterThan(now() - 60);
    const { watermark } = await config('orders');
    expect(orders('source_timestamp_seconds')).toBe(Number(watermark) / 1000);
    const lag = Number(orders('lag_seconds'));
    expect(lag).toBeGreaterThanOrEqual(ahead / 1000 - 1);
    expect(lag).toBeLessThan(ahead / 1000 + 60);
    expect(Number(sample(found, 'last_pass_timestamp_seconds'))).toBeGreaterThan(now() - 60);
    expect(sample(found, 'tokens_requested_total')).toBe(1);
  });

  it('counts a failed run, rejects, and what reconciles found', async () => {
    const run = { tableName: 'Orders', syncJobId: 'a'.repeat(24), startTime: '2026-01-02T00:00Z' };
    const failed = { tableId: 'receipt', ...run, status: 'failed', duration: 3 };
    const { body } = await call('sync-history', { body: failed });
    const before = await fresh();
    const outcome = (one: string) => of('receipt', `,outcome="${one}"`);
    expect(sample(before, 'runs_total', outcome('failed'))).toBe(1);
    const correction = {
      method: 'PUT',
      query: { id: String(body._id) },
      body: { status: 'completed' },
    };
    expect((await call('update-sync-history', correction)).status).toBe(200);
    const at = new Date('2026-02-01T00:00:00Z');
    const certificate = { tableId: 'orders', remaining: 0, endedAt: at, asOf: at, exceptions: [] };
    await db.collection('synccertificates').insertMany([
      { ...certificate, verdict: 'equal' },
      { ...certificate, verdict: 'different', remaining: 7, endedAt: new Date() },
    ]);
    await db.collection('syncdeletelists').insertOne({
      ...{ tableId: 'orders', state: 'held', createdAt: new Date(Date.now() + ahead) },
      ...{ hash: 'a1', deletes: 12, reasons: [] },
    });
    await db.collection('syncrejects').insertOne({ tableId: 'orders', identity: '1', open: true });
    const found = await fresh();
    expect(sample(found, 'runs_total', outcome('failed'))).toBe(0);
    const complete = Number(sample(before, 'runs_total', outcome('complete')));
    expect(sample(found, 'runs_total', outcome('complete'))).toBe(complete + 1);
    expect(sample(found, 'differences', of('orders'))).toBe(7);
    expect(sample(found, 'last_equal_timestamp_seconds', of('orders'))).toBe(at.getTime() / 1000);
    expect(sample(found, 'deletes_held', of('orders'))).toBe(12);
    expect(sample(found, 'open_rejects', of('orders'))).toBe(1);
  });

  it('reads at most once in 30 seconds', async () => {
    const { text } = await fresh();
    await db.collection('syncrejects').insertOne({ tableId: 'orders', identity: '2', open: true });
    expect(String((await call('metrics')).body)).toBe(text);
    expect((await fresh()).text).not.toBe(text);
  });
});

describe('the format', () => {
  it('escapes what stands in a label or a help text', () => {
    const text = openMetricsText([
      {
        family: { name: 'x', type: 'gauge', help: 'a "b"\nc\\' },
        samples: [{ labels: { a: '1"\n\\' }, value: 1.5 }],
      },
    ]);
    expect(text).toBe(
      '# TYPE x gauge\n# HELP x a \\"b\\"\\nc\\\\\nx{a="1\\"\\n\\\\"} 1.5\n# EOF\n',
    );
    expect(parseOpenMetrics(text).get('x')?.samples.size).toBe(1);
  });

  it.each([
    ['no end', '# TYPE x gauge\n# HELP x y\nx 1\n'],
    ['no type', '# HELP x y\nx 1\n# EOF\n'],
    ['a counter without suffix', '# TYPE x counter\n# HELP x y\nx 1\n# EOF\n'],
    ['a sample twice', '# TYPE x gauge\n# HELP x y\nx 1\nx 1\n# EOF\n'],
    ['a unit that the name lacks', '# TYPE x gauge\n# UNIT x seconds\n# HELP x y\n# EOF\n'],
    ['no number', '# TYPE x gauge\n# HELP x y\nx NaN\n# EOF\n'],
  ])('is refused with %s', (_what, text) => {
    expect(() => parseOpenMetrics(text)).toThrow();
  });

  const python = findPython();
  it.skipIf(!python)('is what the official parser reads', async () => {
    const { text, families } = await fresh();
    expect(parseByPython(String(python), text)).toEqual([...families.keys()]);
  });
});

describe('docs/monitoring', () => {
  const file = (name: string) => readFile(`docs/monitoring/${name}`, 'utf8');
  const suffixes = { counter: ['_total'], gauge: [''], summary: ['_sum', '_count'] } as const;
  const rendered = new Set(
    METRICS.flatMap(({ name, type }) => suffixes[type].map((suffix) => `${name}${suffix}`)),
  );
  const namesIn = (text: string) => text.match(/datalake_sync_\w+/g) ?? [];

  it('has alert rules for metrics that there are', async () => {
    const { groups } = parseYaml(await file('alerts.yml')) as {
      groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(5);
    for (const { alert, expr, annotations } of rules) {
      expect(namesIn(expr), alert).not.toEqual([]);
      for (const name of namesIn(expr)) expect([...rendered], alert).toContain(name);
      expect(annotations.summary, alert).toMatch(/\w/);
    }
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  it('has a dashboard of every metric, and of no other', async () => {
    const { panels, templating } = JSON.parse(await file('dashboard.json')) as {
      panels: { title: string; targets: { expr: string }[] }[];
      templating: { list: { query: string }[] };
    };
    const texts = [
      ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
      ...templating.list.map(({ query }) => query),
    ];
    expect(new Set(texts.flatMap(namesIn))).toEqual(rendered);
  });
});
