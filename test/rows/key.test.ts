import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { businessKey } from '../../src/rows/key.js';

describe('businessKey', () => {
  it('joins the parts', () => {
    expect(businessKey(['wmwhse1', '0000000042', '00001'])).toBe('wmwhse1|0000000042|00001');
  });

  it('escapes the separator and the escape', () => {
    expect(businessKey(['a|b', 'c\\d'])).toBe('a\\|b|c\\\\d');
  });

  it('keeps empty and blank parts apart', () => {
    expect(new Set([['', ' '], [' ', ''], ['', ''], ['']].map(businessKey)).size).toBe(4);
  });

  it('gives different keys different strings', () => {
    const part = fc.string({ unit: fc.constantFrom('|', '\\', 'a', 'A', ' '), maxLength: 4 });
    const key = fc.array(part, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(key, key, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(businessKey(a) === businessKey(b)).toBe(same);
      }),
      { numRuns: 5000 },
    );
  });
});
