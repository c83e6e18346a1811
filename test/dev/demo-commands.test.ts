import { once } from 'node:events';
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { devOptions } from '../../dev/dev-command/options.js';
import type { Overview } from '../../src/contract/endpoints/sync-overview.js';
import { entryOf } from '../../src/errors/codes.js';
import { testDatabase } from '../support/database.js';
import { runScript } from './demo-process.js';

const { uri, db } = await testDatabase();

describe('npm run dev', () => {
  const args = ['--rows', '500', '--port', '0', '--lake-port', '0'];
  const stopAfter = 'What the functions log:';
  /** Three processes start, one after the other; --story has runs that wait for a proof. */
  const LIMIT_MS = 180_000;

  it(
    'keeps the parts running, says how to call them, and ends well by Ctrl-C',
    async () => {
      const { code, text } = await runScript('dev.ts', args, {
        stopAfter,
        async meanwhile(printed) {
          const site = new URL(urlOf('Site', printed));
          const lake = new URL(urlOf('Lake', printed));
          const health = await fetch(new URL('/api/health', site));
          expect(health.status).toBe(200);
          expect((await fetch(new URL('/api/sync-config', site))).status).toBe(401);

          const now = await fetch(new URL('/_control/now', lake), { method: 'POST' });
          const { result } = (await now.json()) as { result: string };
          expect(Math.abs(Date.parse(result) - Date.now())).toBeLessThan(60_000);

          const taken = ['--port', site.port, '--lake-port', lake.port];
          const second = await runScript('dev.ts', taken);
          expect(second.text).toContain(`Port ${site.port} (for the site) and port ${lake.port} (`);
          const free = / --port (\d+) --lake-port (\d+)\n/.exec(second.text)?.slice(1).map(Number);
          expect(free?.[0]).toBeGreaterThan(Number(site.port));
          expect(free?.[1]).toBeGreaterThan(Number(lake.port));
          expect(second.code).toBe(1);
        },
      });
      expect(text).toMatch(/^Token +local-test-token-that-is-no-secret/m);
      expect(text).toMatch(/^ +curl "\$lake\/edit" -d/m);
      expect(text).toMatch(/^✓ MongoDB: .{1,80}$/m);
      expect(text).toMatch(
        /^\d\d:\d\d:\d\d\.\d{3} INFO {2}health: answered method=GET status=200 /m,
      );
      expect(code).toBe(0);
    },
    LIMIT_MS,
  );

  it(
    'asks for no token with --open, logs JSON with --json, and has something to see with --story',
    async () => {
      const { text } = await runScript('dev.ts', [...args, '--open', '--json', '--story'], {
        stopAfter,
        async meanwhile(printed) {
          const url = `${urlOf('Site', printed)}/api/sync-config`;
          const from = (origin: string) => fetch(url, { headers: { origin } });
          const local = await from('http://localhost:3000');
          expect(local.status).toBe(200);
          expect(local.headers.get('access-control-allow-origin')).toBe('http://localhost:3000');
          const foreign = await from('https://other.example');
          expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
          expect(await statusFor(url, 'other.example')).toBe(421);
          const overview = await fetch(`${urlOf('Site', printed)}/api/sync-overview`);
          const { environment, tables } = (await overview.json()) as Overview;
          expect(environment).toBe('local');
          expect(tables.map(({ tableId, verdict }) => [tableId, verdict.kind])).toEqual([
            ['taskdetail', 'never_run'],
            ['receipt', 'proven'],
            ['receiptdetail', 'held'],
            ['orders', 'proven'],
            ['orderdetail', 'different'],
          ]);
          expect(tables.map(({ openRejects }) => openRejects)).toEqual([0, 2, 0, 0, 0]);
          expect(tables[3]?.runs.map(({ outcome }) => outcome)).toContain('failed');
        },
      });
      expect(text).toContain('!! --open: requests are NOT authenticated.');
      expect(text).toMatch(/^ {2}Receipt Detail +the lake has lost \d+ rows/m);
      const entries = text.split('\n').filter((line) => line.startsWith('{'));
      expect(entries.map((line) => JSON.parse(line).msg)).toContain('answered');
    },
    LIMIT_MS,
  );

  it.each([
    [['--port', '70000'], /--port .*65535/],
    [['--rows', ''], '--rows'],
    [['--opne'], '--opne'],
  ])('refuses %j', (given, message) => {
    expect(() => devOptions(given)).toThrow(message);
  });
});

function urlOf(part: string, printed: string): string {
  return new RegExp(`^${part} +(http://127\\.0\\.0\\.1:\\d+)`, 'm').exec(printed)?.[1] ?? '';
}

/** The status of a GET that names another host than the URL's. */
async function statusFor(url: string, host: string): Promise<number | undefined> {
  const sent = request(url, { headers: { host } }).end();
  const [response] = await once(sent, 'response');
  response.resume();
  return response.statusCode;
}

describe('npm run db:indexes', () => {
  it('makes every index and names it', async () => {
    const { code, text } = await runScript('../tools/db-indexes.ts', [], {
      env: { MONGODB_URI: uri },
    });
    const named = text.split('\n').flatMap((line) => /^✓ (\S+)$/.exec(line)?.[1] ?? []);
    expect(code, text).toBe(0);
    expect(named).toContain('syncjobs.one_active_run_a_table');
    for (const index of named) {
      const [collection = '', name] = index.split('.');
      const present = await db.collection(collection).indexes();
      expect(present.map((one) => one.name)).toContain(name);
    }
  });

  it('says what is missing without a connection string', async () => {
    const { code, text } = await runScript('../tools/db-indexes.ts', [], {
      env: { MONGODB_URI: ' ' },
    });
    expect(text).toContain('MONGODB_URI_MISSING');
    expect(text.replaceAll(/\s+/g, ' ')).toContain(`→ ${entryOf('MONGODB_URI_MISSING').action}`);
    expect(code).toBe(1);
  });
});
