import { describe, expect, it } from 'vitest';
import { idempotencyKey, keyOfCaller, requestHash } from '../../src/http/idempotency-key.js';

const keyOf = (header?: string) =>
  idempotencyKey(new Headers(header === undefined ? {} : { 'idempotency-key': header }));

describe('Idempotency-Key', () => {
  it.each([
    ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['"8e03978e"', '8e03978e'],
    ['!~$where{"a":1}', '!~$where{"a":1}'],
    ['"', '"'],
    ['x'.repeat(255), 'x'.repeat(255)],
    [undefined, undefined],
  ])('%j is the key %j', (header, key) => {
    expect(keyOf(header)).toBe(key);
  });

  it.each(['', ' ', '""', 'x'.repeat(256), 'a b', 'one, two', 'ü', '\u00a0', 'a\tb'])(
    '%j is refused by its name',
    (header) => {
      expect(() => keyOf(header)).toThrow(
        expect.objectContaining({
          code: 'VALIDATION_FAILED',
          details: [expect.objectContaining({ field: 'Idempotency-Key' })],
        }),
      );
    },
  );

  it('belongs to one caller and one endpoint', () => {
    const ops = { name: 'ops', may: 'write' } as const;
    const keys = [
      keyOfCaller('sync-table', ops, 'k'),
      keyOfCaller('sync-table', ops, 'l'),
      keyOfCaller('sync-control', ops, 'k'),
      keyOfCaller('sync-table', { ...ops, name: 'app' }, 'k'),
      keyOfCaller('sync-table', { ...ops, may: 'read' }, 'k'),
      keyOfCaller('sync-table', undefined, 'k'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOfCaller('sync-table', { ...ops }, 'k')).toBe(keys[0]);
  });
});

describe('the hash of a request', () => {
  it('does not depend on the order of fields, but on everything else', () => {
    const body = { a: 1, b: { c: [1, 2], d: null } };
    expect(requestHash({ b: { d: null, c: [1, 2] }, a: 1 })).toBe(requestHash(body));
    const others = [
      { a: '1', b: body.b },
      { a: 1 },
      { ...body, b: { c: [2, 1], d: null } },
      { ...body, b: { c: [1, 2] } },
      [body],
      {},
    ];
    expect(new Set([body, ...others].map(requestHash)).size).toBe(others.length + 1);
  });
});
