import { describe, expect, it } from 'vitest';
import { jsonText, rowText } from '../../src/rows/row-text.js';

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

describe('the text of a row', () => {
  it('is its JSON', () => {
    const row = { A: '1', ['__proto__']: null, B: [{ c: 2 }] };
    expect(rowText(row)).toBe(JSON.stringify(row));
  });

  it('keeps the beginning only of long values where a document could not hold all', () => {
    const text = rowText({ KEY: 'k', NOTES: '\udc80'.repeat(1_000_000) });
    expect(text.length).toBeLessThan(3_000);
    expect(JSON.parse(text)).toEqual({
      KEY: 'k',
      NOTES: expect.stringMatching(/^"\\udc80.* …$/),
    });
  });

  it('names a value that is nested too deeply', () => {
    const row = { KEY: 'k', VALUE: nested(100_000) };
    expect(JSON.parse(rowText(row))).toEqual({ KEY: 'k', VALUE: '(nested too deeply)' });
    expect(jsonText(row.VALUE)).toBe('"(nested too deeply)"');
  });
});
