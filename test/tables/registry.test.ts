import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors/app-error.js';
import { shapeHash } from '../../src/rows/shape-hash.js';
import { createRegistry, scopeHash, TABLES } from '../../src/tables/registry.js';
import {
  date,
  defineTable,
  number,
  numbered,
  type TableDefinition,
  text,
} from '../../src/tables/table.js';

function table(changes: Partial<TableDefinition> = {}): TableDefinition {
  return {
    tableId: 'stock',
    tableName: 'Stock',
    description: '',
    collection: 'stocks',
    object: 'STOCK',
    key: ['LOC', 'SKU'],
    syncFrequency: 60,
    columns: { ...text('WHSEID LOC SKU NOTE'), ...number('SERIALKEY QTY'), ...date('ADDDATE') },
    ...changes,
  };
}

describe('the registry', () => {
  it('knows tables, each with an id, a collection and an object of its own', () => {
    expect(TABLES).not.toEqual([]);
    for (const name of ['tableId', 'collection', 'object'] as const) {
      expect(new Set(TABLES.map((one) => one[name].toLowerCase())).size).toBe(TABLES.length);
    }
  });

  it.each(['nope', '', 'TASKDETAIL', 'constructor', '__proto__', 'x'.repeat(1000)])(
    'refuses the table %j, and lists the known ones',
    (tableId) => {
      const refused = (() => {
        try {
          return createRegistry(TABLES).get(tableId);
        } catch (error) {
          return error;
        }
      })();
      expect(refused).toBeInstanceOf(AppError);
      expect(refused).toMatchObject({ code: 'UNKNOWN_TABLE', details: [{ field: 'tableId' }] });
      expect(String(refused).length).toBeLessThan(120);
    },
  );
});

describe('the hash of a shape', () => {
  const of = (changes: Partial<TableDefinition>) => shapeHash(table(changes));
  const { columns } = table();

  it.each<[string, Partial<TableDefinition>]>([
    ['a column of another kind', { columns: { ...columns, NOTE: 'number' } }],
    ['a further column', { columns: { ...columns, ...text('NEW') } }],
    ['a column less', { columns: Object.fromEntries(Object.entries(columns).slice(0, -1)) }],
    ['another key', { key: ['LOC'] }],
    ['the same key in another order', { key: ['SKU', 'LOC'] }],
  ])('differs for %s: the same row is another document', (_name, changes) => {
    expect(of(changes)).not.toBe(of({}));
  });

  it.each<[string, Partial<TableDefinition>]>([
    [
      'the columns in another order',
      { columns: Object.fromEntries(Object.entries(columns).reverse()) },
    ],
    ['another name', { tableName: 'Inventory' }],
    ['another description', { description: 'What lies where' }],
    ['another frequency', { syncFrequency: 5 }],
  ])('is the same for %s: nothing has to be read anew', (_name, changes) => {
    expect(of(changes)).toBe(of({}));
  });
});

describe('the hash of a scope', () => {
  it.each<[string[] | undefined, string[] | undefined]>([
    [undefined, ['a']],
    [['a'], ['b']],
    [['a'], ['A']],
    [['a'], ['a', 'b']],
    [['a', 'b'], ['ab']],
    [['a,b'], ['a', 'b']],
    [['all'], undefined],
  ])('tells %j from %j', (one, other) => {
    expect(scopeHash(one)).not.toBe(scopeHash(other));
  });

  it('does not mind the order, and changes no list', () => {
    const list = ['b', 'a'];
    expect(scopeHash(list)).toBe(scopeHash(['a', 'b']));
    expect(list).toEqual(['b', 'a']);
  });
});

describe('a definition', () => {
  it('that is sound is taken as it is', () => {
    const definition = table();
    expect(defineTable(definition)).toBe(definition);
  });

  it.each<[string, Partial<TableDefinition>, RegExp]>([
    ['has no key', { key: [] }, /stock has no key/],
    ['has a key column that it does not have', { key: ['LOT'] }, /LOT is not text/],
    ['has a key column that is a number', { key: ['QTY'] }, /QTY is not text/],
    ['has no warehouse', { columns: text('LOC SKU') }, /WHSEID is not text/],
    ['has the warehouse in its key, where it is anyway', { key: ['WHSEID', 'LOC'] }, /WHSEID/],
    ['spells a column in small letters', { columns: { ...table().columns, Note: 'text' } }, /Note/],
  ])('that %s fails as it is made', (_name, changes, message) => {
    expect(() => defineTable(table(changes))).toThrow(message);
  });

  it('lists columns by kind, and numbered ones by their range', () => {
    expect(text(' SKU\n LOT ')).toEqual({ SKU: 'text', LOT: 'text' });
    expect(number('')).toEqual({});
    expect(numbered('LOTTABLE', 9, 11, 2)).toBe('LOTTABLE09 LOTTABLE10 LOTTABLE11');
  });

  it.each(TABLES.map((one) => [one.tableId, one] as const))('of %s passes', (_id, definition) => {
    expect(defineTable(definition)).toBe(definition);
    expect(definition.columns.SERIALKEY).toBe('number');
    expect(definition.columns.ADDDATE).toBe('date');
  });
});
