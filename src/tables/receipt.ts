import { commonColumns, ownUse } from './common-columns.js';
import { changedSince } from './query-index.js';
import { receiptProgress } from './receipt-progress.js';
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
    ...ownUse,
    ...text(`
      RECEIPTKEY EXTERNRECEIPTKEY RECEIPTGROUP STORERKEY TYPE STATUS POKEY CARRIERKEY
      CARRIERNAME CARRIERADDRESS1 CARRIERADDRESS2 CARRIERCITY CARRIERSTATE CARRIERZIP
      CARRIERREFERENCE WAREHOUSEREFERENCE ORIGINCOUNTRY DESTINATIONCOUNTRY VEHICLENUMBER
      PLACEOFLOADING PLACEOFDISCHARGE PLACEOFDELIVERY TERMSNOTE CONTAINERKEY CONTAINERTYPE
      SIGNATORY TRAILERKEY DOOR NOTES
    `),
    ...number(`
      CONTAINERQTY OPENQTY BILLEDCONTAINERQTY GROSSWEIGHT TOTALVOLUME TEMPERATURE
      FREIGHTCHARGEBASEAMOUNT FREIGHTCHARGEAMOUNT FREIGHTCOSTBASEAMOUNT FREIGHTCOSTAMOUNT
    `),
    ...date(`
      STATUSDATE RECEIPTDATE EXPECTEDRECEIPTDATE SCHEDULEDARRIVALDATE ACTUALARRIVALDATE
      CLOSEDDATE VEHICLEDATE EFFECTIVEDATE ARRIVALDATETIME ADVICEDATE SCHEDULEDSHIPDATE
      ACTUALSHIPDATE EARLIESTSHIPDATE REQUIREDSHIPDATE PROMISEDSHIPDATE PLANNEDSHIPDATE
      EARLIESTDELIVERYDATE REQUIREDDELIVERYDATE PROMISEDDELIVERYDATE PLANNEDDELIVERYDATE
      VERIFIEDCLOSEDDATE ACTUALDEPARTUREDATE
    `),
  },
  queryIndexes: [
    {
      name: 'by_status_and_date',
      question: 'Which receipts have this status, by receipt date?',
      keys: { WHSEID: 1, STATUS: 1, RECEIPTDATE: 1 },
    },
    changedSince,
  ],
  views: [receiptProgress],
});
