import { commonColumns, lottables, ownUse } from './common-columns.js';
import { date, defineTable, number, text } from './table.js';

export const receiptDetail = defineTable({
  tableId: 'receiptdetail',
  tableName: 'Receipt Detail',
  description: 'Lines of inbound receipts',
  collection: 'receiptdetails',
  object: 'CSWMS_wmwhse_RECEIPTDETAIL',
  key: ['RECEIPTKEY', 'RECEIPTLINENUMBER'],
  syncFrequency: 120,
  columns: {
    ...commonColumns,
    ...lottables,
    ...ownUse,
    ...text(`
      RECEIPTKEY RECEIPTLINENUMBER EXTERNRECEIPTKEY EXTERNLINENO STORERKEY POKEY SKU ALTSKU ID
      STATUS UOM PACKKEY TOLOC TOLOT TOID CONDITIONCODE NOTES
    `),
    ...number(`
      QTYEXPECTED QTYADJUSTED QTYRECEIVED QTYREJECTED CASECNT INNERPACK PALLET CUBE GROSSWGT
      NETWGT UNITPRICE EXTENDEDPRICE OTHERUNIT1 OTHERUNIT2 QCQTYINSPECTED QCQTYREJECTED
      PACKINGSLIPQTY CUBICMETER HUNDREDWEIGHT TAREWGT TEMPERATURE QTYTOINSPECT
    `),
    ...date('DATERECEIVED EFFECTIVEDATE'),
  },
});
