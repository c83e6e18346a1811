import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyText } from '../../src/ion/body-text.js';

/** The bytes that an escaped text stands for. */
function bytesOf(text: string): Buffer {
  return Buffer.concat(
    [...text].map((character) => {
      const code = character.charCodeAt(0);
      const isEscape = character.length === 1 && code >= 0xdc80 && code <= 0xdcff;
      return isEscape ? Buffer.from([code - 0xdc00]) : Buffer.from(character);
    }),
  );
}

describe('the text of a body', () => {
  it.each([
    ['', ''],
    ['47 72 c3 b6 c3 9f 65', 'Größe'],
    ['ef bb bf 5b 5d', '[]'],
    ['61 ff 62', 'a\udcffb'],
    ['f6', '\udcf6'],
    ['c3', '\udcc3'],
    ['e2 82 61', '\udce2\udc82a'],
    ['ed a0 80', '\udced\udca0\udc80'],
    ['c0 af', '\udcc0\udcaf'],
    ['f0 9f 9a 9a ff', '🚚\udcff'],
    ['f4 90 80 80', '\udcf4\udc90\udc80\udc80'],
  ])('of the bytes %s is %j', (hex, text) => {
    expect(bodyText(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toBe(text);
  });

  it('has the same bytes again, whatever they are, and none replaced', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array)),
      fc
        .tuple(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 2 }))
        .map(([text, rest]) => Buffer.concat([Buffer.from(text), rest, Buffer.from(text)])),
    );
    fc.assert(
      fc.property(bytes, (body) => {
        fc.pre(!body.subarray(0, 3).equals(Buffer.from('efbbbf', 'hex')));
        expect(bytesOf(bodyText(body)).equals(body)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
