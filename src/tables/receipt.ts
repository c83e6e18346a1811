import { commonColumns, userTexts } from './common-columns.js';
import { date, defineTable, number, text } from './table.js';

export const receipt = defineTable({
  tableId: 'receipt',
  tableName: 'Receipt',
  description: 'Inbound receipts (advance ship notices)',
  collection: 'receipts',
  object: 'CSWMS_wmwhse_RECEIPT',
  key: ['RECEIPTKEY'],
  syncFrequency: 120,
  columns: {
    ...commonColumns,
    ...userTexts,
    ...text(`
      RECEIPTKEY EXTERNRECEIPTKEY RECEIPTGROUP STORERKEY TYPE STATUS POKEY CARRIERKEY
      CARRIERNAME CARRIERADDRESS1 CARRIERADDRESS2 CARRIERCITY CARRIERSTATE CARRIERZIP
      CARRIERREFERENCE WAREHOUSEREFERENCE ORIGINCOUNTRY DESTINATIONCOUNTRY VEHICLENUMBER
      PLACEOFLOADING PLACEOFDISCHARGE PLACEOFDELIVERY TERMSNOTE CONTAINERKEY CONTAINERTYPE
      SIGNATORY TRAILERKEY DOOR NOTES
    `),
    ...number('CONTAINERQTY OPENQTY'),
    ...date(`
      STATUSDATE RECEIPTDATE EXPECTEDRECEIPTDATE SCHEDULEDARRIVALDATE ACTUALARRIVALDATE
      CLOSEDDATE VEHICLEDATE EFFECTIVEDATE
    `),
  },
});
