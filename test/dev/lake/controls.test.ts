import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lake, startLake } from '../../../dev/lake/index.js';

const OBJECT = 'CSWMS_wmwhse_RECEIPT';
let lake: Lake;
beforeAll(async () => {
  lake = await startLake({ rows: 100 });
});
afterAll(() => lake.close());

async function control(name: string, body: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${lake.url}/_control/${name}`, { method: 'POST', body });
  return { status: response.status, text: await response.text() };
}

describe('a control that is called with wrong arguments', () => {
  it.each([
    ['advance', '["soon"]', 'ms: '],
    ['advance', '[]', 'ms: '],
    ['advance', '[null]', 'ms: '],
    ['advance', '[1e300]', 'ms: '],
    ['advance', '[1.5]', 'ms: '],
    ['advance', '[1, 2]', 'advance takes ms.'],
    ['now', '[1]', 'now takes no arguments.'],
    ['configure', '[{"queryMs": "10"}]', 'settings.queryMs: '],
    ['configure', '[{"pageLatency": 10}]', 'settings: Unrecognized key: \\"pageLatency\\"'],
    ['configure', '[{"maxPageRows": 0}]', 'settings.maxPageRows: '],
    ['edit', `["${OBJECT}", {"STATUS": "0"}]`, 'changes: '],
    ['edit', `["${OBJECT}", 7, {"STATUS": "0"}]`, 'where: must be an object of columns'],
    ['insert', `["${OBJECT}", {"STATUS": "0"}]`, 'rows: '],
    ['delete', `["${OBJECT}", {}, {"at": "yesterday"}]`, 'options.at: must be an ISO 8601 time'],
    ['fault', '[{"kind": "earthquake"}]', 'fault.kind: '],
    ['fault', '[{"kind": "500", "sql": "("}]', 'fault.sql: must be a regular expression'],
    ['rows', '[]', 'object: '],
    ['edit', '["NO_SUCH_OBJECT", {}, {}]', 'NO_SUCH_OBJECT'],
    ['advance', '{"ms": 1}', 'The body must be the array of arguments.'],
    ['advance', '[1', 'The body is no JSON.'],
  ])('%s %s is refused, and says why', async (name, body, reason) => {
    const before = lake.now();
    const { status, text } = await control(name, body);
    expect(status).toBe(400);
    expect(text).toContain(reason);
    expect(lake.now()).toEqual(before);
    expect(lake.faults()).toEqual([]);
  });

  it.each(['nope', 'toString', '__proto__', 'constructor'])('%s is no control', async (name) => {
    expect((await control(name, '[]')).status).toBe(404);
  });
});

describe('the clock', () => {
  it('stays as it is where it cannot be moved', () => {
    const before = lake.now();
    expect(() => lake.advance(Number.NaN)).toThrow('cannot be moved');
    expect(() => lake.advance(1e300)).toThrow(RangeError);
    // Step by step, too: an index time of five digits is none that the lake can write.
    const thousandYears = 1_000 * 365 * 86_400_000;
    expect(() => {
      for (let steps = 0; steps < 9; steps++) lake.advance(thousandYears);
    }).toThrow('cannot be moved');
    expect(lake.now().getUTCFullYear()).toBeLessThan(10_000);
    lake.advance(before.getTime() - lake.now().getTime());
    expect(lake.now()).toEqual(before);
  });

  it('runs where it is to, and can be moved too', async () => {
    const running = await startLake({ rows: 0, now: '2026-01-15T08:00:00Z', clockRuns: true });
    try {
      const first = running.now().getTime();
      await expect.poll(() => running.now().getTime()).toBeGreaterThan(first);
      const moved = running.advance(60_000).getTime();
      expect(moved).toBeGreaterThanOrEqual(first + 60_000);
      await expect.poll(() => running.now().getTime()).toBeGreaterThan(moved);
    } finally {
      await running.close();
    }
  });
});
