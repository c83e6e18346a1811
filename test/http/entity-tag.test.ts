import { describe, expect, it } from 'vitest';
import { entityTag, expectedRevisions } from '../../src/http/entity-tag.js';

const expected = (header?: string) =>
  expectedRevisions(new Headers(header === undefined ? {} : { 'if-match': header }));

describe('If-Match', () => {
  it.each<[string, readonly number[]]>([
    [entityTag(7), [7]],
    ['"7"', [7]],
    [' "7" ', [7]],
    ['W/"7"', [7]],
    ['w/"7"', [7]],
    ['"7-df"', [7]],
    ['W/"7-br"', [7]],
    ['"7;gzip"', [7]],
    ['"7--gzip"', [7]],
    ['"7", "8-df" ,W/"9"', [7, 8, 9]],
    [', "7",,', [7]],
    ['"abc", "7"', [7]],
    ['"a,b;c"', []],
    ['""', []],
    ['"07"', []],
    ['"-7"', []],
    ['"7.5"', []],
    ['"7a"', []],
    [`"${'9'.repeat(300)}"`, []],
    ['"ü"', []],
    ['"*"', []],
  ])('%j allows the revisions %j', (header, revisions) => {
    expect(expected(header)).toEqual(revisions);
  });

  it.each([undefined, '*', ' * '])('%j allows any', (header) => {
    expect(expected(header)).toBeUndefined();
  });

  it.each([
    '',
    ' ',
    ',',
    '7',
    '"7',
    '7"',
    '"7" "8"',
    '"7"8',
    '"7", *',
    "'7'",
    'W/7',
    `"7"${', "8"'.repeat(1_000)}`,
    `${' '.repeat(50)}${'" '.repeat(900)}`,
  ])('%j is refused by its name', (header) => {
    expect(() => expected(header)).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_FAILED',
        details: [expect.objectContaining({ field: 'If-Match' })],
      }),
    );
  });
});
