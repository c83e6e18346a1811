import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMsFloor, readDate } from '../../src/rows/date.js';

describe('readDate', () => {
  it.each([
    ['2025-06-01T10:20:30.123Z', '2025-06-01T10:20:30.123Z'],
    ['2025-06-01T10:20:30.123', '2025-06-01T10:20:30.123Z'],
    ['2025-06-01 10:20:30', '2025-06-01T10:20:30.000Z'],
    ['2025-06-01T10:20', '2025-06-01T10:20:00.000Z'],
    ['2025-06-01', '2025-06-01T00:00:00.000Z'],
    ['2025-06-01T10:20:30.1Z', '2025-06-01T10:20:30.100Z'],
    ['2025-06-01T10:20:30.123000000Z', '2025-06-01T10:20:30.123Z'],
    ['2025-06-01T01:20:30+02:00', '2025-05-31T23:20:30.000Z'],
    ['2025-06-01T01:20:30-0530', '2025-06-01T06:50:30.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['1753-01-01T00:00:00.000Z', '1753-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['0001-01-01T00:00:00.000Z', '0001-01-01T00:00:00.000Z'],
    ['0099-12-31', '0099-12-31T00:00:00.000Z'],
    ['2025-06-01T14:00:00+14:00', '2025-06-01T00:00:00.000Z'],
    ['2025-06-01T00:00:00-1200', '2025-06-01T12:00:00.000Z'],
  ])('reads %s as %s', (text, iso) => {
    expect(new Date(Number(readDate(text))).toISOString()).toBe(iso);
  });

  it.each([
    '2025-02-29T00:00:00Z',
    '2025-04-31',
    '2025-13-01',
    '2025-00-10',
    '2025-01-00',
    '2025-01-01T24:00:00Z',
    '2025-01-01T10:60:00Z',
    '01/02/2025',
    '',
    ' ',
    'today',
    '2025-01-01T10:00:00.Z',
    '2025-01-01T10:00:00+99:99',
    '2025-01-01T10:00:00+14:01',
    '2025-01-01T10:00:00-05:60',
  ])('says that %j is no date', (text) => {
    expect(readDate(text)).toBe('date_invalid');
  });

  it.each([
    ['2025-06-01T10:20:30.123456Z', '2025-06-01T10:20:30.123Z'],
    ['2025-06-01 10:20:30.9999999', '2025-06-01T10:20:30.999Z'],
    ['1969-12-31T23:59:59.999999999999', '1969-12-31T23:59:59.999Z'],
  ])('cuts %s, which is finer than a millisecond, and says so', (text, iso) => {
    expect(readDate(text)).toEqual({ cutMs: Date.parse(iso) });
  });

  it('cuts the index time, which only orders versions', () => {
    expect(epochMsFloor('2025-06-01T10:20:30.123999Z')).toBe(
      Date.parse('2025-06-01T10:20:30.123Z'),
    );
  });

  it('gives back every millisecond from the year 1 to 9999', () => {
    const anyDate = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(anyDate, (date) => {
        expect(readDate(date.toISOString())).toBe(date.getTime());
      }),
    );
  });
});
