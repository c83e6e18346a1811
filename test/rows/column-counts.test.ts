import { expect, test } from 'vitest';
import { noRows } from '../../src/models/row-counts.js';
import { addColumns, columnsOf, jobColumns } from '../../src/rows/column-counts.js';
import type { DecodedRow } from '../../src/rows/decoder.js';
import { createRejectLimit, MOST_REJECTS_PER_COLUMN } from '../../src/rows/reject-limit.js';
import { doneSegment } from '../../src/sync/segments.js';
import { decoded } from './rows.js';

const rowWithout = (...columns: string[]): DecodedRow => ({
  ...decoded({ at: 1 }),
  unreadable: columns.map((column) => ({ column, reason: 'number_invalid', value: 'x' })),
});
const counts = (column: string, unreadable: number, blank = 0, cut = 0) => ({
  column,
  unreadable,
  blank,
  cut,
});

test('a page counts unreadable values, blank ones and cut dates by column', () => {
  const rows = [rowWithout('QTY', 'DATE'), rowWithout('QTY'), rowWithout()];
  const counted = [
    { column: 'SEQNO', blank: 2, cut: 0 },
    { column: 'DATE', blank: 0, cut: 3 },
  ];
  expect(columnsOf(rows, counted)).toEqual([
    counts('DATE', 1, 0, 3),
    counts('QTY', 2),
    counts('SEQNO', 0, 2),
  ]);
});

test('a job adds up its segments and the queries before', () => {
  const segment = { ...doneSegment(0), columns: [counts('QTY', 1)] };
  const split = { ranges: [], index: 1, counts: noRows(), columns: [counts('QTY', 2, 5)] };
  expect(jobColumns({ segments: [segment, doneSegment(0), segment], split })).toEqual([
    counts('QTY', 4, 5),
  ]);
  expect(addColumns([], [])).toEqual([]);
});

test('rejects of a column are kept up to the limit, over the workers of a run', () => {
  const keeps = createRejectLimit([counts('QTY', MOST_REJECTS_PER_COLUMN - 1)]);
  expect(keeps(rowWithout('QTY'))).toBe(true);
  expect(keeps(rowWithout('QTY'))).toBe(false);
  expect(keeps(rowWithout('QTY', 'DATE'))).toBe(true);
});
