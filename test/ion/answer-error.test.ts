import { describe, expect, test } from 'vitest';
import { answerError, retryAfterMs } from '../../src/ion/answer-error.js';

const NOW = Date.UTC(2025, 0, 1, 12, 0, 0);

describe('Retry-After', () => {
  test.each([
    ['30', 30_000],
    [' 5 ', 5_000],
    ['0.5', 500],
    ['Wed, 01 Jan 2025 12:00:10 GMT', 10_000],
    ['Wednesday, 01-Jan-25 12:01:00 GMT', 60_000],
    ['86400', 300_000],
    ['99999999999999999999', 300_000],
    ['Fri, 01 Jan 2100 00:00:00 GMT', 300_000],
  ])('%j asks for %i ms', (header, expected) => {
    expect(retryAfterMs(header, NOW)).toBe(expected);
  });

  test.each([
    undefined,
    '',
    '0',
    '-5',
    'soon',
    '5 apples',
    'NaN',
    '1e3',
    'Wed, 01 Jan 2025 11:59:00 GMT',
  ])('%j asks for nothing', (header) => {
    expect(retryAfterMs(header, NOW)).toBeUndefined();
  });
});

describe('a status', () => {
  test.each([
    [429, 'LAKE_QUOTA'],
    [408, 'LAKE_TIMEOUT'],
    [504, 'LAKE_TIMEOUT'],
    [500, 'LAKE_SERVER_ERROR'],
    [503, 'LAKE_SERVER_ERROR'],
    [206, 'LAKE_BAD_ANSWER'],
    [301, 'LAKE_REFUSED'],
    [400, 'LAKE_REFUSED'],
    [403, 'LAKE_REFUSED'],
    [404, 'LAKE_REFUSED'],
    [405, 'LAKE_REFUSED'],
  ])('%i is %s', (status, code) => {
    const answer = { status, headers: {}, body: 'ignored' };
    const error = answerError(answer, { host: 'h', now: NOW, text: 'why' });
    expect(error.code).toBe(code);
    expect(error.details).toEqual([{ message: 'why', status, host: 'h' }]);
  });

  test('that may pass keeps what Retry-After asks for', () => {
    const answer = { status: 503, headers: { 'retry-after': '3' }, body: '' };
    expect(answerError(answer, { host: 'h', now: NOW, text: '' }).retryAfterMs).toBe(3000);
  });
});
