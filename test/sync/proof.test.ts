import { describe, expect, it } from 'vitest';
import type { RunProof } from '../../src/models/reading.js';
import { addProofs, type Evidence, proveRange, proveResult } from '../../src/sync/proof.js';

const evidence = (changes: Partial<Evidence> = {}): Evidence => ({
  received: { rows: 3, keySum: '6', oddKeys: 0 },
  stated: { rows: 3, keySum: '6' },
  told: undefined,
  limited: false,
  repeated: false,
  empty: undefined,
  ...changes,
});
const received = (rows: number, keySum: string, oddKeys = 0) => ({ rows, keySum, oddKeys });

describe('a result', () => {
  it('is proven by its own row count and key sum', () => {
    expect(proveResult(evidence())).toEqual({
      proof: { how: 'result', read: 3, stated: 3, sums: { stated: '6', read: '6' } },
    });
  });

  it.each<[string, Partial<Evidence>, Partial<RunProof>]>([
    ['by its count alone where it states no key sum', { stated: { rows: 3 } }, { how: 'count' }],
    [
      'by its count alone where a key that is no integer makes the sums differ',
      { received: received(3, '5', 1) },
      { how: 'count' },
    ],
    [
      'by both although a key is no integer, where the sums agree all the same',
      { received: received(3, '6', 1) },
      { how: 'result' },
    ],
    [
      'by nothing where the run was limited',
      { limited: true, received: received(2, '3') },
      { how: 'limited' },
    ],
    ['by the counts around it where it states nothing', { stated: undefined }, { how: 'bounded' }],
    ['and agrees with what its status told', { told: 3 }, { how: 'result', told: 3 }],
    [
      'of nothing, which states nothing, by the counts around it',
      { stated: undefined, received: received(0, '0') },
      { how: 'bounded', read: 0 },
    ],
  ])('is proven %s', (_name, changes, proof) => {
    expect(proveResult(evidence(changes))).toMatchObject({ proof });
  });

  it.each<[string, Partial<Evidence>]>([
    ['a row is missing', { received: received(2, '3') }],
    ['a row came twice', { received: received(4, '9') }],
    ['one row came instead of another', { received: received(3, '7') }],
    ['its status told another number', { told: 4 }],
    ['its status alone told a number, and it is another', { stated: undefined, told: 4 }],
    ['a page came under two offsets', { repeated: true }],
    ['a page came under two offsets of a limited run', { repeated: true, limited: true }],
  ])('is contradicted where %s', (_name, changes) => {
    expect(proveResult(evidence(changes))).toHaveProperty('contradiction');
  });
});

describe('a result without a row, which states no totals', () => {
  const empty = (counted: number | undefined) =>
    proveResult(evidence({ stated: undefined, received: received(0, '0'), empty: { counted } }));

  it('is counted, and proven or contradicted by that', () => {
    expect(empty(undefined)).toEqual({ need: 'part' });
    expect(empty(0)).toEqual({ proof: { how: 'empty', read: 0 } });
    expect(empty(2)).toHaveProperty('contradiction');
  });

  it('makes no proof of several weaker', () => {
    const proof: RunProof = { how: 'result', read: 2, stated: 2 };
    expect(addProofs(proof, { how: 'empty', read: 0 })).toMatchObject({ how: 'result', read: 2 });
  });
});

describe('what a run has read', () => {
  const proof = (read: number, how: RunProof['how'] = 'result'): RunProof => ({ how, read });
  it.each<[string, Parameters<typeof proveRange>[0], object]>([
    [
      'as many as counted',
      { proof: proof(3), counted: 3, recounted: undefined },
      { proof: { how: 'result', counted: 3 } },
    ],
    [
      'more: rows became visible late',
      { proof: proof(5), counted: 3, recounted: undefined },
      { proof: { how: 'result' } },
    ],
    [
      'fewer: they are counted again',
      { proof: proof(2), counted: 3, recounted: undefined },
      { need: 'recount' },
    ],
    [
      'fewer than at first, as many as now',
      { proof: proof(2), counted: 3, recounted: 2 },
      { proof: { recounted: 2 } },
    ],
    [
      'fewer than at either time',
      { proof: proof(1), counted: 3, recounted: 2 },
      { contradiction: expect.any(String) },
    ],
    [
      'bounded: always counted again',
      { proof: proof(3, 'bounded'), counted: 3, recounted: undefined },
      { need: 'recount' },
    ],
    [
      'bounded: between the counts',
      { proof: proof(3, 'bounded'), counted: 4, recounted: 2 },
      { proof: { how: 'bounded' } },
    ],
    [
      'bounded: below both',
      { proof: proof(1, 'bounded'), counted: 4, recounted: 2 },
      { contradiction: expect.any(String) },
    ],
    [
      'limited: the counts say nothing',
      { proof: proof(1, 'limited'), counted: 4, recounted: undefined },
      { proof: { how: 'limited' } },
    ],
  ])('is %s', (_name, range, verdict) => {
    expect(proveRange(range)).toMatchObject(verdict);
  });
});

describe('the proof of several queries', () => {
  it('is as good as the weakest of them, and adds up what all have read', () => {
    const sums = (n: string) => ({ stated: n, read: n });
    const a: RunProof = { how: 'result', read: 2, stated: 2, sums: sums('3') };
    const b: RunProof = { how: 'result', read: 1, stated: 1, sums: sums('9') };
    expect(addProofs(undefined, a)).toEqual(a);
    expect(addProofs(a, b)).toEqual({ how: 'result', read: 3, stated: 3, sums: sums('12') });
    expect(addProofs(a, { how: 'count', read: 1, stated: 1 })).toEqual({
      how: 'count',
      read: 3,
      stated: 3,
    });
    expect(addProofs({ how: 'bounded', read: 1 }, a)).toEqual({ how: 'bounded', read: 3 });
  });
});
