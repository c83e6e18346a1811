import { commonColumns, userTexts } from './common-columns.js';
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
    ...userTexts,
    ...text(numbered('C_ADDRESS', 1, 6)),
    ...text(numbered('B_ADDRESS', 1, 6)),
    ...text(`
      ORDERKEY STORERKEY EXTERNORDERKEY TYPE STATUS PRIORITY CONSIGNEEKEY C_CONTACT1 C_COMPANY
      C_CITY C_STATE C_ZIP C_COUNTRY C_PHONE1 B_CONTACT1 B_COMPANY B_CITY B_STATE B_ZIP
      B_COUNTRY BUYERPO BILLTOKEY INCOTERM PMTTERM ORDERGROUP DOOR ROUTE STOP LOADID
      EXTERNALLOADID INTERMODALVEHICLE CARRIERCODE CARRIERNAME TRAILERNUMBER NOTES NOTES2
    `),
    ...number('OPENQTY'),
    ...date(`
      ORDERDATE DELIVERYDATE REQUESTEDSHIPDATE SCHEDULEDSHIPDATE ACTUALSHIPDATE
    `),
  },
});
