import { commonColumns, lottables, ownUse } from './common-columns.js';
import { changedSince } from './query-index.js';
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
  queryIndexes: [
    {
      name: 'lines_of_a_receipt',
      question: 'Which lines does a receipt have?',
      keys: { RECEIPTKEY: 1, WHSEID: 1 },
    },
    {
      name: 'by_sku_and_status',
      question: 'Which receipt lines of a SKU have this status?',
      keys: { WHSEID: 1, SKU: 1, STATUS: 1 },
    },
    changedSince,
  ],
});
