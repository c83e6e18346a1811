import fc from 'fast-check';
import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { foldedName, storableName } from '../../src/tables/column-name.js';

const SPECIAL = ['_id', '_lake', '__proto__', '_bsontype', '', '%', '%2E', '.', '$', 'a.b', '\0'];
const anyName = fc.oneof(
  fc.constantFrom(...SPECIAL),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.string({ unit: fc.constantFrom('%', '.', '$', '_', 'i', 'd', '\0', '\ud800', '2', 'E') }),
);

/** Undoes the escape, by rules of its own. */
function original(stored: string): string {
  if (stored === '%') return '';
  return stored.replace(/%u([0-9A-F]{4})|%([0-9A-F]{2})/g, (_, long, short) =>
    String.fromCharCode(Number.parseInt(long ?? short, 16)),
  );
}

describe('the name under which a column is stored', () => {
  it.each(['SKU', 'sku', 'a$b', '_ID', 'constructor', 'a b', 'Größe', '🚚', '0'])(
    'is its own where a document can have it: %s',
    (name) => {
      expect(storableName(name)).toBe(name);
    },
  );

  it.each([
    ['a.b', 'a%2Eb'],
    ['$x', '%24x'],
    ['a\0b', 'a%00b'],
    ['50%', '50%25'],
    ['', '%'],
    ['_id', '%5Fid'],
    ['_lake', '%5Flake'],
    ['__proto__', '%5F_proto__'],
    ['_bsontype', '%5Fbsontype'],
    ['x\udc00', 'x%uDC00'],
  ])('is escaped otherwise: %j is %s', (name, stored) => {
    expect(storableName(name)).toBe(stored);
  });

  it('can be had back, and MongoDB stores it as a field of its own', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const stored = storableName(name);
        expect(original(stored)).toBe(name);
        const document = mongo.BSON.deserialize(mongo.BSON.serialize({ _id: 1, [stored]: 2 }));
        expect(Object.keys(document)).toContain(stored);
        expect(stored).not.toMatch(/^$|^\$|[.\0]|^_id$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a folded name', () => {
  it('is that of every spelling in other letter case, and of no other name', () => {
    expect(foldedName('SerialKey')).toBe('SERIALKEY');
    expect(foldedName('straße')).toBe('STRAßE');
    expect(foldedName('ſku')).not.toBe('SKU');
  });
});
