import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { integerOf, takeTotals } from '../../src/datafabric/result-totals.js';

const row = (key: unknown, rows: unknown = '3', sum: unknown = '6') => ({
  SERIALKEY: key,
  LAKE_MODIFIED: 'now',
  LAKE_ROWS: rows,
  LAKE_KEY_SUM: sum,
});

describe('the totals of a page', () => {
  test('are taken out of its rows, whose keys are added up', () => {
    const page = takeTotals([row('1'), row('2')]);
    expect(page).toMatchObject({ stated: { rows: 3, keySum: '6' }, keySum: 3n, oddKeys: 0 });
    expect(page.rows).toEqual([
      { SERIALKEY: '1', LAKE_MODIFIED: 'now' },
      { SERIALKEY: '2', LAKE_MODIFIED: 'now' },
    ]);
  });

  test('may come in any spelling, as numbers, and with zero decimals', () => {
    const page = takeTotals([{ serialkey: 7, lake_rows: 1, lake_key_sum: '7.000000000000000' }]);
    expect(page).toMatchObject({ stated: { rows: 1, keySum: '7' }, keySum: 7n });
    expect(page.rows).toEqual([{ serialkey: 7 }]);
  });

  test('may come in another spelling with each row', () => {
    const page = takeTotals([row('1'), { SerialKey: '2', lake_rows: '3', Lake_Key_Sum: '6' }]);
    expect(page).toMatchObject({ contradictory: false, keySum: 3n });
    expect(page.rows[1]).toEqual({ SerialKey: '2' });
  });

  test.each<[string, readonly Record<string, unknown>[], object]>([
    ['no row', [], { contradictory: false, keySum: 0n }],
    ['no totals', [{ SERIALKEY: '1' }], { contradictory: false, keySum: 1n }],
    ['a total that is no number', [row('1', 'many')], { contradictory: false }],
    ['a total below zero', [row('1', '-1')], { contradictory: false }],
  ])('are unknown where there is %s', (_name, rows, expected) => {
    const page = takeTotals(rows);
    expect(page).toMatchObject(expected);
    expect(page.stated).toBeUndefined();
  });

  test('without a key sum are the count alone', () => {
    const { LAKE_KEY_SUM: _, ...without } = row(null);
    expect(takeTotals([without]).stated).toEqual({ rows: 3 });
  });

  test.each<[string, object, object]>([
    ['another count', row('1'), row('2', '4')],
    ['another sum', row('1'), row('2', '3', '7')],
    ['none', row('1'), { SERIALKEY: '2' }],
  ])('contradict each other where one row states %s', (_name, a, b) => {
    expect(takeTotals([{ ...a }, { ...b }]).contradictory).toBe(true);
  });

  test('count keys that are no integers, which the lake may have summed in its own way', () => {
    const page = takeTotals([row('1.5'), row('abc'), row('1e3'), row(''), row(null), row('4')]);
    expect(page).toMatchObject({ keySum: 4n, oddKeys: 4 });
  });

  test('say nothing of a row that is no JSON, which counts as a key that can not be read', () => {
    const unparsable = { LAKE_UNPARSABLE: '{"SERIALKEY":' };
    const page = takeTotals([unparsable, row('1'), row('2')]);
    expect(page).toMatchObject({
      stated: { rows: 3 },
      contradictory: false,
      keySum: 3n,
      oddKeys: 1,
    });
    expect(page.rows).toHaveLength(3);
    expect(takeTotals([unparsable])).toMatchObject({ contradictory: false, oddKeys: 1 });
  });

  test.each(['{"A":x,"LAKE_ROWS":"3","LAKE_KEY_SUM":"6"}', '{"A":x, "lake_rows": 3}'])(
    'are taken out of a row that is no JSON, too: %s',
    (text) => {
      const { rows } = takeTotals([{ LAKE_UNPARSABLE: text }]);
      expect(rows).toEqual([{ LAKE_UNPARSABLE: '{"A":x}' }]);
    },
  );

  test('add up exactly, however large the keys are', () => {
    const key = fc.bigInt(-(10n ** 37n), 10n ** 37n);
    fc.assert(
      fc.property(fc.array(key), (keys) => {
        const sum = keys.reduce((a, b) => a + b, 0n);
        expect(takeTotals(keys.map((one) => row(String(one)))).keySum).toBe(sum);
        expect(takeTotals(keys.map((one) => row(`${one}.00000`))).keySum).toBe(sum);
      }),
    );
  });

  test.each<[unknown, bigint | undefined]>([
    ['12', 12n],
    [' 12 ', 12n],
    ['+3', 3n],
    [5, 5n],
    [5.5, undefined],
    [null, undefined],
    ['12.01', undefined],
    ['0x10', undefined],
  ])('take %j for the integer %s', (value, integer) => {
    expect(integerOf(value)).toBe(integer);
  });
});
