import { commonColumns, ownUse } from './common-columns.js';
import { orderFillRate } from './order-fill-rate.js';
import { changedSince } from './query-index.js';
import { date, defineTable, number, numbered, text } from './table.js';

export const orders = defineTable({
  tableId: 'orders',
  tableName: 'Orders',
  description: 'Outbound shipment orders',
  collection: 'orders',
  object: 'CSWMS_wmwhse_ORDERS',
  key: ['ORDERKEY'],
  syncFrequency: 60,
  columns: {
    ...commonColumns,
    ...ownUse,
    ...text(numbered('C_ADDRESS', 1, 6)),
    ...text(numbered('B_ADDRESS', 1, 6)),
    ...text(`
      ORDERKEY STORERKEY EXTERNORDERKEY TYPE STATUS PRIORITY CONSIGNEEKEY C_CONTACT1 C_COMPANY
      C_CITY C_STATE C_ZIP C_COUNTRY C_PHONE1 B_CONTACT1 B_COMPANY B_CITY B_STATE B_ZIP
      B_COUNTRY BUYERPO BILLTOKEY INCOTERM PMTTERM ORDERGROUP DOOR ROUTE LOADID
      EXTERNALLOADID INTERMODALVEHICLE CARRIERCODE CARRIERNAME TRAILERNUMBER NOTES NOTES2
    `),
    ...number(`
      OPENQTY STOP CONTAINERQTY BILLEDCONTAINERQTY ITEM_NUMBER ORDERVALUE DESTINATIONNESTID
      FREIGHTCHARGEAMOUNT FREIGHTCOSTAMOUNT FREIGHTCHARGEBASEAMOUNT FREIGHTCOSTBASEAMOUNT
      ALLOWOVERPICK TOTALQTY TOTALGROSSWGT TOTALCUBE TOTALORDERLINES TOTALROUTES
      AUTODOCKASSIGNEDSTEP TOTALPALLETESTIMATE
    `),
    ...date(`
      ORDERDATE DELIVERYDATE REQUESTEDSHIPDATE SCHEDULEDSHIPDATE ACTUALSHIPDATE EFFECTIVEDATE
      DELIVERYDATE2 DELIVER_DATE DEPDATETIME PROMISEDSHIPDATE PLANNEDSHIPDATE PROMISEDDELVDATE
      PLANNEDDELVDATE SCHEDULEDDELVDATE ACTUALDELVDATE EARLIESTSHIPDATE EARLIESTDELIVERYDATE
      ACTUALARRIVALDATE AUTODOCKASSIGNTIME
    `),
  },
  queryIndexes: [
    {
      name: 'by_status_and_ship_date',
      question: 'Which orders of a status are to be shipped, by requested ship date?',
      keys: { WHSEID: 1, STATUS: 1, REQUESTEDSHIPDATE: 1 },
    },
    {
      name: 'by_external_key',
      question: 'Which order has this number in the system that placed it?',
      keys: { EXTERNORDERKEY: 1 },
    },
    {
      name: 'by_route',
      question: 'Which orders leave on a route, by requested ship date?',
      keys: { WHSEID: 1, ROUTE: 1, REQUESTEDSHIPDATE: 1 },
      unlessBlank: 'ROUTE',
    },
    changedSince,
  ],
  views: [orderFillRate],
});
