import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.js';
import type { PageOptions } from '../../src/datafabric/compass-calls.js';
import { readPage } from '../../src/datafabric/result-pages.js';
import { failureOf } from '../ion/credentials.js';

/** A lake that answers in turn, the last answer again and again. */
function reader(...pages: object[][]) {
  const asked: PageOptions[] = [];
  const compass = {
    page: async (_queryId: string, options: PageOptions) => {
      asked.push(options);
      return pages[Math.min(asked.length, pages.length) - 1] as Record<string, unknown>[];
    },
  };
  return { asked, from: { compass, clock: systemClock, emptyPagePauseMs: 1 } };
}

const ROW = { SERIALKEY: '1' };

describe('a page', () => {
  test('that has rows is taken at once', async () => {
    const { asked, from } = reader([ROW]);
    expect(await readPage(from, 'q', { offset: 0, limit: 5, total: 9 })).toEqual([ROW]);
    expect(asked).toHaveLength(1);
  });

  test.each([
    [{ messageCode: '401', messageCategory: 'ERROR', message: 'unknown property' }],
    [{ MESSAGECODE: '401', LOCALIZEDMESSAGE: 'unknown property', queryId: 'q' }],
  ])('that is an error table means that the query failed: %j', async (table) => {
    const { from } = reader([table]);
    const error = await failureOf(readPage(from, 'q', { offset: 0, limit: 5, total: 9 }));
    expect(error.code).toBe('LAKE_QUERY_FAILED');
  });

  test.each([
    [{ messageCode: '1', message: 'x', LAKE_MODIFIED: 'now' }],
    [{ messageCode: '1', SERIALKEY: '1' }],
  ])('of an object with such columns is none: %j', async (row) => {
    const { from } = reader([row]);
    expect(await readPage(from, 'q', { offset: 0, limit: 5, total: 9 })).toEqual([row]);
  });

  test('within a known total is asked for again where it is empty', async () => {
    const { from } = reader([], [ROW]);
    expect(await readPage(from, 'q', { offset: 5, limit: 5, total: 9 })).toEqual([ROW]);
  });

  test('within a known total that stays empty means that the result is lost', async () => {
    const { asked, from } = reader([]);
    const error = await failureOf(readPage(from, 'q', { offset: 5, limit: 5, total: 9 }));
    expect(error.code).toBe('LAKE_RESULT_LOST');
    expect(asked).toHaveLength(2);
  });

  test('after the last row is the end where the row before is still there', async () => {
    const { asked, from } = reader([], [], [ROW]);
    expect(await readPage(from, 'q', { offset: 5, limit: 5 })).toEqual([]);
    expect(asked.map(({ offset, limit }) => [offset, limit])).toEqual([
      [5, 5],
      [5, 5],
      [4, 1],
    ]);
  });

  test('is no end where the row before is gone too', async () => {
    const { from } = reader([]);
    const error = await failureOf(readPage(from, 'q', { offset: 5, limit: 5 }));
    expect(error.code).toBe('LAKE_RESULT_LOST');
  });

  test('that is empty is not believed by a slice that has no time to ask again', async () => {
    const { from } = reader([]);
    const deadline = Date.now() + 50;
    const slow = { ...from, emptyPagePauseMs: 1_000 };
    const error = await failureOf(readPage(slow, 'q', { offset: 0, limit: 5, deadline }));
    expect(error.code).toBe('OUT_OF_TIME');
  });
});
