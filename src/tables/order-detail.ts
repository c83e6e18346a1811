import { commonColumns, lottables, userTexts } from './common-columns.js';
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
    ...userTexts,
    ...text(`
      ORDERKEY ORDERLINENUMBER ORDERDETAILSYSID EXTERNORDERKEY EXTERNLINENO STORERKEY SKU
      MANUFACTURERSKU RETAILSKU ALTSKU UOM PACKKEY PICKCODE CARTONGROUP LOT ID STATUS
    `),
    ...number(`
      ORIGINALQTY OPENQTY SHIPPEDQTY ADJUSTEDQTY QTYPREALLOCATED QTYALLOCATED QTYPICKED
      UNITPRICE TAX01 TAX02 EXTENDEDPRICE
    `),
    ...date('EFFECTIVEDATE'),
  },
});
