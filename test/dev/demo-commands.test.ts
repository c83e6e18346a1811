import { describe, expect, it } from 'vitest';
import { testDatabase } from '../support/database.js';
import { runScript } from './demo-process.js';
import { startSite } from './test-sync-api-site.js';

const { uri, db } = await testDatabase();

describe('npm run dev', () => {
  it('keeps the parts running, says how to call them, and ends well by Ctrl-C', async () => {
    const args = ['--rows', '100', '--port', '0', '--lake-port', '0'];
    const { code, text } = await runScript('dev.ts', args, { stopAfter: 'Ctrl-C ends' });
    expect(text).toMatch(/^Site +http:\/\/127\.0\.0\.1:\d+/m);
    expect(text).toMatch(/^Token +local-test-token-that-is-no-secret/m);
    expect(text).toMatch(/^ +curl "\$lake\/edit" -d/m);
    expect(code).toBe(0);
  });

  it('says which port is taken, and ends', async () => {
    const other = await startSite(() => undefined);
    const args = ['--rows', '100', '--port', '0', '--lake-port', new URL(other).port];
    const { code, text } = await runScript('dev.ts', args);
    expect(text).toContain(`EADDRINUSE: address already in use ${new URL(other).host}`);
    expect(code).toBe(1);
  });
});

describe('npm run db:indexes', () => {
  it('makes every index and names it', async () => {
    const { code, text } = await runScript('db-indexes.ts', [], { env: { MONGODB_URI: uri } });
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
    const { code, text } = await runScript('db-indexes.ts', [], { env: { MONGODB_URI: ' ' } });
    expect(text).toContain('MONGODB_URI_MISSING');
    expect(text).toContain('→ Set MONGODB_URI');
    expect(code).toBe(1);
  });
});
