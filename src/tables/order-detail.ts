import { commonColumns, lottables, ownUse } from './common-columns.js';
import { changedSince } from './query-index.js';
import { date, defineTable, number, text } from './table.js';

export const orderDetail = defineTable({
  tableId: 'orderdetail',
  tableName: 'Order Detail',
  description: 'Lines of outbound shipment orders',
  collection: 'orderdetails',
  object: 'CSWMS_wmwhse_ORDERDETAIL',
  key: ['ORDERKEY', 'ORDERLINENUMBER'],
  syncFrequency: 60,
  columns: {
    ...commonColumns,
    ...lottables,
    ...ownUse,
    ...text(`
      ORDERKEY ORDERLINENUMBER EXTERNORDERKEY EXTERNLINENO STORERKEY SKU
      MANUFACTURERSKU RETAILSKU ALTSKU UOM PACKKEY PICKCODE CARTONGROUP LOT ID STATUS
    `),
    ...number(`
      ORIGINALQTY OPENQTY SHIPPEDQTY ADJUSTEDQTY QTYPREALLOCATED QTYALLOCATED QTYPICKED
      UNITPRICE TAX01 TAX02 EXTENDEDPRICE ORDERDETAILSYSID SHELFLIFE PRODUCT_WEIGHT PRODUCT_CUBE
      ORIGCASEQTY ORIGPALLETQTY ORIGLAYERQTY OKTOSUBSTITUTE ISSUBSTITUTE CARTONQTYBREAK
      QTYINTRANSIT MINSHIPPERCENT COMPONENTQTY CUBICMETER HUNDREDWEIGHT FULFILLQTY CONVERTEDQTY
      PROCESSEDQTY QTYTOPROCESS SEQUENCE PALLETESTIMATE RUNINQTY RUNOUTQTY FGQTYRECEIVED
      EXTERNALSHIPREQUESTQTY
    `),
    ...date('EFFECTIVEDATE ACTUALSHIPDATE LASTSHIPPEDDATE'),
  },
  queryIndexes: [
    {
      name: 'lines_of_an_order',
      question: 'Which lines does an order have?',
      keys: { ORDERKEY: 1, WHSEID: 1 },
    },
    {
      name: 'by_sku_and_status',
      question: 'Which order lines of a SKU have this status?',
      keys: { WHSEID: 1, SKU: 1, STATUS: 1 },
    },
    changedSince,
  ],
});
