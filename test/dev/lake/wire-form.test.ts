import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lake, type LakeObject, startLake, type Value } from '../../../dev/lake/index.js';
import { bodyOf, CompassClient } from './compass-client.js';

const THINGS: LakeObject = {
  name: 'THINGS',
  identity: ['ID'],
  columns: [
    { name: 'ID', type: 'integer' },
    { name: 'NAME', type: 'text' },
    { name: 'AMOUNT', type: 'decimal' },
    { name: 'SEEN', type: 'timestamp' },
    { name: 'OPEN', type: 'boolean' },
  ],
};

let lake: Lake;
let client: CompassClient;
let nextId = 1;

beforeAll(async () => {
  lake = await startLake({
    rows: 0,
    objects: [THINGS, { ...THINGS, name: 'TYPED', wire: 'typed' }],
  });
  client = new CompassClient(lake);
});
afterAll(() => lake.close());

/** What a value looks like on the wire. */
async function onTheWire(column: string, value: Value): Promise<unknown> {
  const id = nextId++;
  await lake.insert('THINGS', [{ ID: id, [column]: value }]);
  const [row] = await client.rows(`SELECT ${column} FROM "THINGS" WHERE ID = ${id}`);
  return row?.[column];
}

describe('a value on the wire', () => {
  it('is text, an integer too', async () => {
    await lake.insert('THINGS', [{ ID: 4711 }]);
    const sql = 'SELECT ID, COUNT(*) AS n FROM "THINGS" WHERE ID = 4711 GROUP BY ID';
    expect(await client.rows(sql)).toEqual([{ ID: '4711', n: '1' }]);
  });

  it.each([
    ['2', '2.000000000000000'],
    ['-0.5', '-0.500000000000000'],
    ['1234.56789', '1234.567890000000000'],
    ['12345678901234567.12345', '12345678901234567.123450000000000'],
  ])('is %s as a decimal with 15 fraction digits', async (given, expected) => {
    expect(await onTheWire('AMOUNT', given)).toBe(expected);
  });

  it.each([
    ['2025-03-30T01:30:00.007Z', '2025-03-30T01:30:00.007Z'],
    ['2025-03-30', '2025-03-30T00:00:00.000Z'],
    ['1753-01-01T00:00:00.000Z', '1753-01-01T00:00:00.000Z'],
    ['0001-01-01T00:00:00.000Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('is %s as a timestamp in UTC with milliseconds', async (given, expected) => {
    expect(await onTheWire('SEEN', given)).toBe(expected);
  });

  it('is true or false as a boolean', async () => {
    expect(await onTheWire('OPEN', true)).toBe('true');
    expect(await onTheWire('OPEN', false)).toBe('false');
  });

  it.each([
    [''],
    [' '],
    ['000123 '],
    ['Grüße 東京 🚚'],
    ['a "quoted" \\ text'],
    ["it's"],
    ['two\nlines\r\n\tand a tab, and },\n{ what separates rows'],
    ['\u0001\u2028'],
  ])('is the text %j unchanged', async (text) => {
    expect(await onTheWire('NAME', text)).toBe(text);
  });

  it('is left out when it is NULL', async () => {
    await lake.insert('THINGS', [{ ID: 90_000 }]);
    expect(await client.rows('SELECT * FROM "THINGS" WHERE ID = 90000')).toEqual([{ ID: '90000' }]);
  });

  it('is a real number or boolean where the object is typed', async () => {
    await lake.insert('TYPED', [
      { ID: 1, NAME: '7', AMOUNT: '2.5', OPEN: true, SEEN: '2025-01-01T00:00:00.000Z' },
    ]);
    expect(await client.rows('SELECT * FROM "TYPED"')).toEqual([
      { ID: 1, NAME: '7', AMOUNT: 2.5, OPEN: true, SEEN: '2025-01-01T00:00:00.000Z' },
    ]);
  });
});

describe('a column on the wire', () => {
  it('has its own name in a SELECT *, whatever the case of the query', async () => {
    const queryId = await client.ended('SELECT * FROM "things"');
    const { columns } = await bodyOf(await client.status(queryId));
    expect(columns).toEqual([
      { name: 'ID', datatype: 'Integer' },
      { name: 'NAME', datatype: 'String' },
      { name: 'AMOUNT', datatype: 'Decimal' },
      { name: 'SEEN', datatype: 'Timestamp' },
      { name: 'OPEN', datatype: 'Boolean' },
    ]);
  });

  it('has the alias that the query gives it', async () => {
    const [row] = await client.rows('SELECT COUNT(*) AS "rowCount", MAX(id) AS Top FROM things');
    expect(Object.keys(row ?? {})).toEqual(['rowCount', 'Top']);
  });
});
