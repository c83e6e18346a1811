import { expect, it } from 'vitest';
import { readDeleteFlag } from '../../src/rows/delete-flag.js';

it.each([true, 'true', 'TRUE', 'True', 't', 'T', 1, '1', 'y', 'Y', 'yes', 'Yes', 'deleted'])(
  'takes %j for deleted',
  (value) => {
    expect(readDeleteFlag(value)).toBe(true);
  },
);

it.each([false, 'false', 'FALSE', 'f', 0, '0', 'n', 'N', 'no', 'NO', '', ' '])(
  'takes %j for live',
  (value) => {
    expect(readDeleteFlag(value)).toBe(false);
  },
);

it.each(
  [2, -1, 'perhaps', 'null', '  ', 'true ', 'x', {}, [], ['true'], { toString: 1 }].map(
    (value) => ({
      value,
    }),
  ),
)('says nothing about $value, so that nothing is taken for live or deleted by mistake', (flag) => {
  expect(readDeleteFlag(flag.value)).toBeUndefined();
});
