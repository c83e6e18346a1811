import { expect, it } from 'vitest';
import { runScript } from './demo-process.js';

const LIMIT_MS = 240_000;
const TABLES = ['taskdetail', 'receipt', 'receiptdetail', 'orders', 'orderdetail'];

it(
  'goes the whole way, finds both sides equal, and leaves nothing behind',
  async () => {
    const { code, text } = await runScript('demo.ts', ['--rows', '500']);
    expect(text).not.toContain('✗');
    expect(code, text).toBe(0);
    for (const name of [...TABLES, 'all']) {
      // Once for each of the two syncs.
      expect(text.match(new RegExp(`^${name} +\\d.* yes$`, 'gm')), name).toHaveLength(2);
    }
    const [, changed, moved] =
      /(\d+) rows had changed in the lake, and (\d+) moved/.exec(text) ?? [];
    expect(Number(moved)).toBeGreaterThan(0);
    expect(moved).toBe(changed);
    // What reconciles have found, in their order.
    expect(text.replace(/\n {30,}/g, ' ')).toMatch(
      /tampered.* different; .*1 missing.*1 stale.*1 extra[\s\S]*absent twice.* repaired;[\s\S]*deletes are held[\s\S]*visible again.* equal;/,
    );
    expect(text).toMatch(/^Certificate of receiptdetail[\s\S]*^ {2}verdict +EQUAL$/m);
    expect(text).toContain('both sides are equal, and every row read is accounted for');
  },
  LIMIT_MS,
);

it('ends by Ctrl-C, and leaves nothing behind', async () => {
  const { code, text } = await runScript('demo.ts', ['--rows', '500'], {
    stopAfter: "Netlify's runtime",
  });
  expect(text).toContain('Stopped.');
  expect(code).toBe(130);
});

it('refuses an argument that it does not know', async () => {
  const { code, text } = await runScript('demo.ts', ['--rows', 'many']);
  expect(text).toContain('--rows');
  expect(code).toBe(1);
});
