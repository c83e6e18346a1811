import { type Expressions, padded } from './expressions.js';
import type { SeedPlan, TableSeed } from './plan.js';
import { headers, lines } from './source.js';
import { CARRIERS, CITIES, COMPANIES, COUNTRIES, NOTES, SKUS, STORERS } from './vocabulary.js';

/** From empty to cancelled, the finished ones more often. */
const STATUSES = '00 02 04 06 09 11 14 17 52 53 55 57 92 95 95 95 95 95 95 95 95 95 98 99'.split(
  ' ',
);

export function seedOrders(e: Expressions, plan: SeedPlan): TableSeed {
  return {
    source: headers(e, plan.orders, plan.nowMs),
    columns: {
      SERIALKEY: 'serial',
      WHSEID: 'WHSEID',
      ORDERKEY: padded('serial'),
      STORERKEY: 'storer',
      EXTERNORDERKEY: `'SO-' || ${padded('serial', 8)}`,
      TYPE: e.oneOf(['0', '0', '1', '20']),
      STATUS: e.oneOf(STATUSES),
      PRIORITY: "'5'",
      ORDERDATE: 'added',
      DELIVERYDATE: 'added + INTERVAL 3 DAY',
      REQUESTEDSHIPDATE: 'added + INTERVAL 2 DAY',
      SCHEDULEDSHIPDATE: e.mostly(60, 'added + INTERVAL 2 DAY', 'NULL'),
      ACTUALSHIPDATE: e.mostly(50, 'edited', 'NULL'),
      CONSIGNEEKEY: padded(e.dice(5000)),
      C_CONTACT1: "' '",
      C_COMPANY: e.oneOf(COMPANIES),
      C_ADDRESS1: `'Hafenstraße ' || (1 + ${e.dice(120)})`,
      C_ADDRESS2: "''",
      C_CITY: e.oneOf(CITIES),
      C_ZIP: padded(e.dice(99_999), 5),
      C_COUNTRY: e.oneOf(COUNTRIES),
      B_COMPANY: e.oneOf(COMPANIES),
      B_CITY: e.oneOf(CITIES),
      B_COUNTRY: e.oneOf(COUNTRIES),
      BUYERPO: `'BPO' || ${padded('serial', 7)}`,
      BILLTOKEY: e.oneOf(STORERS),
      INCOTERM: e.oneOf(['DAP', 'EXW', 'FCA']),
      OPENQTY: e.quantity(300),
      ORDERGROUP: "' '",
      DOOR: e.oneOf([' ', 'DOOR1', 'DOOR2']),
      ROUTE: e.oneOf([' ', 'R-NORTH', 'R-SOUTH']),
      STOP: e.oneOf(['1', '2', '10']),
      LOADID: e.mostly(40, padded('1 + serial // 12'), "''"),
      CARRIERCODE: e.oneOf(CARRIERS),
      CARRIERNAME: e.oneOf(CARRIERS),
      NOTES: e.mostly(30, e.oneOf(NOTES), 'NULL'),
      NOTES2: e.mostly(3, e.oneOf(NOTES), "''"),
      SUSR1: "' '",
      SUSR5: "''",
      ADDDATE: 'added',
      ADDWHO: e.user(),
      EDITDATE: 'edited',
      EDITWHO: e.user(),
      deleted: 'false',
    },
  };
}

export function seedOrderdetail(e: Expressions, plan: SeedPlan): TableSeed {
  const row = 'id';
  return {
    source: lines(e, headers(e, plan.orders, plan.nowMs)),
    columns: {
      SERIALKEY: 'lineSerial',
      WHSEID: 'WHSEID',
      ORDERKEY: padded('serial'),
      ORDERLINENUMBER: padded('line', 5),
      ORDERDETAILSYSID: padded('lineSerial'),
      EXTERNORDERKEY: `'SO-' || ${padded('serial', 8)}`,
      EXTERNLINENO: 'CAST(line * 10 AS VARCHAR)',
      STORERKEY: 'storer',
      SKU: e.oneOf(SKUS, row),
      MANUFACTURERSKU: "''",
      RETAILSKU: "' '",
      ALTSKU: "''",
      ORIGINALQTY: e.quantity(60, row),
      OPENQTY: e.quantity(60, row),
      SHIPPEDQTY: e.mostly(50, e.quantity(60, row), '0', row),
      ADJUSTEDQTY: '0',
      QTYPREALLOCATED: '0',
      QTYALLOCATED: e.mostly(30, e.quantity(60, row), '0', row),
      QTYPICKED: e.mostly(30, e.quantity(60, row), '0', row),
      UOM: e.oneOf(['EA', 'EA', 'CS'], row),
      PACKKEY: "'STD'",
      PICKCODE: "''",
      CARTONGROUP: "'STD'",
      LOT: "' '",
      ID: "''",
      STATUS: e.oneOf(STATUSES, row),
      UNITPRICE: e.amount(500, row),
      TAX01: '0',
      TAX02: '0',
      EXTENDEDPRICE: e.amount(9000, row),
      LOTTABLE01: "' '",
      LOTTABLE05: e.mostly(10, 'added + INTERVAL 365 DAY', 'NULL', row),
      EFFECTIVEDATE: 'added',
      SUSR1: "' '",
      ADDDATE: 'added',
      ADDWHO: e.user(row),
      EDITDATE: 'edited',
      EDITWHO: e.user(row),
      Deleted: "'N'",
    },
  };
}
