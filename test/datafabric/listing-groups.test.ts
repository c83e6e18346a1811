import { describe, expect, it } from 'vitest';
import { GroupReader } from '../../src/datafabric/listing-groups.js';

const ROW = {
  WHSEID: 'wmwhse1',
  LAKE_MODIFIED: '2026-01-01T00:00:00.000Z',
  GROUP_ROWS: '2',
  GROUP_SERIALS: '2',
  GROUP_SERIAL_SUM: '9',
  LAKE_ROWS: '3',
  LAKE_KEY_SUM: '6',
};

describe('a reader of listed groups', () => {
  it('reads every row in its own spelling, and NULL as not there', () => {
    const reader = new GroupReader();
    const lower = Object.fromEntries(
      Object.entries(ROW).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const { WHSEID: _, ...unnamed } = ROW;
    const whseids = [ROW, lower, unnamed, ROW].map((row) => reader.read(row)?.group.whseid);
    expect(whseids).toEqual(['wmwhse1', 'wmwhse1', undefined, 'wmwhse1']);
  });

  it.each<[unknown, unknown]>([
    ['123', 123],
    [7, 7],
    ['-5', -5],
    ['12.000', 12],
    ['9007199254740991', 9_007_199_254_740_991],
    ['9007199254740992', 9_007_199_254_740_992n],
    ['1.5', undefined],
    [null, undefined],
  ])('reads the sum %s as %s', (GROUP_SERIAL_SUM, sum) => {
    expect(new GroupReader().read({ ...ROW, GROUP_SERIAL_SUM })?.group.serialSum).toBe(sum);
  });

  it('notices totals that change', () => {
    const reader = new GroupReader();
    const totals = [ROW, { ...ROW, LAKE_ROWS: '4' }, ROW].map((row) => reader.read(row)?.totals);
    expect(totals).toEqual([3, 4, 3].map((groups) => ({ groups, rows: 6n })));
  });

  it.each(['GROUP_ROWS', 'LAKE_ROWS', 'LAKE_KEY_SUM'])(
    'makes nothing of a row without %s',
    (name) => {
      expect(new GroupReader().read({ ...ROW, [name]: undefined })).toBeUndefined();
    },
  );
});
