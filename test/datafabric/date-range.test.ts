import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dateRange } from '../../src/datafabric/date-range.js';
import { AppError } from '../../src/errors/app-error.js';

function fieldsAtFault(start?: string, end?: string): (string | undefined)[] {
  try {
    dateRange(start, end);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).toBe('VALIDATION_FAILED');
    return error.details.map(({ field }) => field);
  }
  return [];
}

describe('a start', () => {
  test.each([
    ['2025-01-01', '2025-01-01T00:00:00.000Z'],
    [' 2024-02-29 ', '2024-02-29T00:00:00.000Z'],
    ['2025-01-01T08:30', '2025-01-01T08:30:00.000Z'],
    ['2025-01-01 08:30:05', '2025-01-01T08:30:05.000Z'],
    ['2025-01-01T08:30:05.5Z', '2025-01-01T08:30:05.500Z'],
    ['2025-01-01T08:30:05.123999Z', '2025-01-01T08:30:05.123Z'],
    ['2025-01-01T00:00:00+02:00', '2024-12-31T22:00:00.000Z'],
    ['2025-01-01T00:00:00-0530', '2025-01-01T05:30:00.000Z'],
    ['2025-01-01t00:00:00+14', '2024-12-31T10:00:00.000Z'],
  ])('of %j is from %s on', (start, from) => {
    expect(dateRange(start)).toEqual({ from: new Date(from) });
  });
});

describe('an end has all of its last unit in it:', () => {
  test.each([
    ['2025-12-31', '2026-01-01T00:00:00.000Z'],
    ['2024-02-28', '2024-02-29T00:00:00.000Z'],
    ['2025-12-31T23:59', '2026-01-01T00:00:00.000Z'],
    ['2025-12-31T23:59:59', '2026-01-01T00:00:00.000Z'],
    ['2025-12-31T23:59:59.999Z', '2026-01-01T00:00:00.000Z'],
    ['2025-12-31T23:59:59.5Z', '2025-12-31T23:59:59.600Z'],
    ['2025-12-31T23:59:59.123456Z', '2025-12-31T23:59:59.124Z'],
    ['2025-12-31T22:00:00-02:00', '2026-01-01T00:00:01.000Z'],
  ])('%j is until %s', (end, until) => {
    expect(dateRange(undefined, end)).toEqual({ until: new Date(until) });
  });

  test('the end of time is one that a literal can say', () => {
    expect(dateRange('2025-01-01', '9999-12-31').until?.toISOString()).toBe(
      '9999-12-31T23:59:59.999Z',
    );
  });
});

describe('a range', () => {
  test('without start and end is open', () => {
    expect(dateRange()).toEqual({});
  });

  test('may be a single day or a single second', () => {
    expect(dateRange('2025-03-01', '2025-03-01')).toEqual({
      from: new Date('2025-03-01T00:00:00Z'),
      until: new Date('2025-03-02T00:00:00Z'),
    });
    expect(fieldsAtFault('2025-03-01T10:00:00', '2025-03-01T10:00:00')).toEqual([]);
    expect(fieldsAtFault('2025-03-01T10:00:00', '2025-03-01')).toEqual([]);
  });

  test.each([
    ['2025-02-30'],
    ['2025-02-29'],
    ['2025-13-01'],
    ['2025-00-10'],
    ['2025-01-00'],
    ['2025-1-1'],
    ['25-01-01'],
    ['0025-01-01'],
    ['01/02/2025'],
    ['2025-01-01T24:00'],
    ['2025-01-01T10:60'],
    ['2025-01-01T10:00:60'],
    ['2025-01-01T10'],
    ['2025-01-01T10:00:00+15:00'],
    ['2025-01-01T10:00:00+01:60'],
    ['2025-01-01Z'],
    ['9999-12-31T23:59:59-01:00'],
    ['yesterday'],
    [''],
    ["2025-01-01' OR 1=1 --"],
  ])('with %j is refused, at either end', (text) => {
    expect(fieldsAtFault(text)).toEqual(['startDate']);
    expect(fieldsAtFault(undefined, text)).toEqual(['endDate']);
    expect(fieldsAtFault(text, text)).toEqual(['startDate', 'endDate']);
  });

  test.each([
    ['2025-01-02', '2025-01-01'],
    ['2025-01-02T00:00', '2025-01-01'],
    ['2025-01-01T10:00:01', '2025-01-01T10:00:00'],
    ['2025-01-01T00:00:00-01:00', '2025-01-01T00:00:00Z'],
  ])('from %s to %s is refused', (start, end) => {
    expect(fieldsAtFault(start, end)).toEqual(['startDate']);
  });

  test('of days has every instant of its first and its last day in it, and no other', () => {
    const day = fc
      .date({
        min: new Date('1900-01-01T00:00:00Z'),
        max: new Date('9998-12-31T00:00:00Z'),
        noInvalidDate: true,
      })
      .map((date) => date.toISOString().slice(0, 10));
    fc.assert(
      fc.property(day, day, (a, b) => {
        const [start, end] = [a, b].sort();
        const { from, until } = dateRange(start, end);
        expect(from?.toISOString()).toBe(`${start}T00:00:00.000Z`);
        expect(new Date(Number(until) - 1).toISOString()).toBe(`${end}T23:59:59.999Z`);
      }),
    );
  });
});
