import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMs, epochMsFloor } from '../../src/tables/date.js';

describe('epochMs', () => {
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
  ])('reads %s as %s', (text, iso) => {
    expect(new Date(Number(epochMs(text))).toISOString()).toBe(iso);
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
  ])('says that %j is no date', (text) => {
    expect(epochMs(text)).toBe('date_invalid');
  });

  it('refuses to cut a time that is finer than a millisecond', () => {
    expect(epochMs('2025-06-01T10:20:30.123456Z')).toBe('date_too_fine');
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
        expect(epochMs(date.toISOString())).toBe(date.getTime());
      }),
    );
  });
});
