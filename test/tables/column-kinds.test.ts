import { describe, expect, it } from 'vitest';
import { compileDecoder } from '../../src/rows/decoder.js';
import { shapeHash } from '../../src/rows/shape-hash.js';
import { columnKinds, kindOfDatatype, mergeListed } from '../../src/tables/column-kinds.js';
import { orderDetail } from '../../src/tables/order-detail.js';
import { orders } from '../../src/tables/orders.js';
import { receipt } from '../../src/tables/receipt.js';
import { receiptDetail } from '../../src/tables/receipt-detail.js';
import { TABLES } from '../../src/tables/registry.js';
import type { ColumnKind, TableDefinition } from '../../src/tables/table.js';
import { taskdetail } from '../../src/tables/taskdetail.js';

describe('the definition', () => {
  it.each<[TableDefinition, ColumnKind, string]>([
    [taskdetail, 'text', 'OPTTASKSEQUENCE STOP'],
    [orders, 'number', 'STOP TOTALQTY ORDERVALUE DESTINATIONNESTID TOTALPALLETESTIMATE'],
    [orders, 'date', 'EFFECTIVEDATE DELIVERYDATE2 DELIVER_DATE DEPDATETIME AUTODOCKASSIGNTIME'],
    [orderDetail, 'number', 'ORDERDETAILSYSID SHELFLIFE OKTOSUBSTITUTE EXTERNALSHIPREQUESTQTY'],
    [orderDetail, 'date', 'ACTUALSHIPDATE LASTSHIPPEDDATE LOTTABLE04 LOTTABLE12'],
    [receipt, 'number', 'BILLEDCONTAINERQTY GROSSWEIGHT TEMPERATURE FREIGHTCOSTAMOUNT'],
    [receipt, 'date', 'ARRIVALDATETIME ADVICEDATE VERIFIEDCLOSEDDATE ACTUALDEPARTUREDATE'],
    [receiptDetail, 'number', 'OTHERUNIT1 QCQTYREJECTED PACKINGSLIPQTY TEMPERATURE QTYTOINSPECT'],
    [receiptDetail, 'text', 'SUSR1 SUSR5'],
  ])('of $tableId has the right kind (%s) for %s', ({ columns }, kind, names) => {
    for (const name of names.split(' '))
      expect({ name, kind: columns[name] }).toEqual({ name, kind });
  });

  it.each(TABLES.map((table) => [table.tableId, table] as const))(
    'of %s has the columns for a tenant’s own use',
    (_id, { columns }) => {
      expect(columns).toMatchObject({
        SUSR1: 'text',
        EXT_UDF_STR20: 'text',
        EXT_UDF_DATE5: 'date',
        EXT_UDF_FLOAT1: 'number',
        EXT_UDF_LKUP10: 'text',
      });
    },
  );
});

describe('the kind of a column', () => {
  const listed = [
    { column: 'MYDATE', kind: 'date' },
    { column: 'MYQTY', kind: 'number' },
    { column: 'STATUS', kind: 'number' },
  ] as const;
  const configured = {
    myqty: 'text',
    NOTES: 'number',
    ORDERKEY: 'number',
    SERIALKEY: 'text',
  } as const;
  const kindOf = columnKinds(orders, { configured, listed });

  it.each([
    ['MyDate', 'date', 'lake'],
    ['MYQTY', 'text', 'configuration'],
    ['STATUS', 'text', 'table'],
    ['notes', 'number', 'configuration'],
    ['NOWHERE', 'unknown', 'guess'],
    // What identifies a row is not for a configuration to say.
    ['ORDERKEY', 'text', 'table'],
    ['SERIALKEY', 'number', 'table'],
  ])('%s is %s, by the %s', (name, kind, source) => {
    expect(kindOf(name)).toEqual({ kind, source });
  });

  it.each([
    ['Timestamp', 'date'],
    ['DATE', 'date'],
    ['datetime2(7)', 'date'],
    ['timestamp_ntz', 'date'],
    ['Integer', 'number'],
    ['Long', 'number'],
    ['bigint', 'number'],
    ['Decimal(22,5)', 'number'],
    ['Double', 'number'],
    ['Number', 'number'],
    ['String', 'text'],
    ['varchar(50)', 'text'],
    ['Time', 'text'],
    ['Interval', 'text'],
    ['Boolean', undefined],
    ['Struct<a>', undefined],
    ['', undefined],
    [null, undefined],
  ])('by the datatype %j is %s', (datatype, kind) => {
    expect(kindOfDatatype(datatype)).toBe(kind);
  });

  it('stays known while a list leaves it out, and follows a list that changes it', () => {
    const later = mergeListed([...listed], [{ column: 'MYQTY', kind: 'text' }]);
    expect(later).toEqual([
      { column: 'MYDATE', kind: 'date' },
      { column: 'MYQTY', kind: 'text' },
      { column: 'STATUS', kind: 'number' },
    ]);
  });
});

describe('the shape', () => {
  const plain = shapeHash(orders);
  const of = (kind: 'date' | 'number' | 'text', column = 'MYOWN') =>
    shapeHash(orders, { listed: [{ column, kind }] });

  it('differs with each kind that makes other documents', () => {
    const configured = shapeHash(orders, { configured: { NOTES: 'number' } });
    expect(new Set([plain, of('date'), of('number'), configured]).size).toBe(4);
  });

  it('is the same for a text of the lake, a listed column of the table, and what changes nothing', () => {
    expect([of('text'), of('number', 'STATUS')]).toEqual([plain, plain]);
    expect(shapeHash(orders, { configured: { status: 'text', ORDERKEY: 'number' } })).toBe(plain);
  });

  it('is the same for a kind that configuration and lake agree on', () => {
    expect(shapeHash(orders, { configured: { myOwn: 'date' } })).toBe(of('date'));
  });
});

it('a row is decoded by the kinds, and unknown columns keep their spelling', () => {
  const row = {
    SERIALKEY: '1',
    WHSEID: 'wmwhse1',
    ORDERKEY: '01',
    MyDate: '2999-12-31T00:00:00.0000001',
    OTHER: 7,
    NOTES: '1.50',
    LAKE_MODIFIED: '2026-01-01T00:00:00.000Z',
  };
  const kinds = {
    configured: { NOTES: 'number' },
    listed: [{ column: 'MYDATE', kind: 'date' }],
  } as const;
  const decoded = compileDecoder(orders, { kinds }).decode(row);
  expect(decoded.ok && decoded.row.document).toMatchObject({
    ORDERKEY: '01',
    MyDate: new Date('2999-12-31T00:00:00.000Z'),
    OTHER: 7,
    NOTES: 1.5,
  });
});
