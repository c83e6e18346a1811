import { localDay, NOT_DELETED, ratio, type ViewDefinition, withLines } from './view.js';

export const orderFillRate: ViewDefinition = {
  name: 'wms_order_fill_rate',
  question: 'Which part of each order was shipped, and on which day was it requested?',
  pipeline: (timeZone) => [
    { $match: NOT_DELETED },
    ...withLines(
      { collection: 'orderdetails', key: 'ORDERKEY' },
      {
        count: { $sum: 1 },
        ordered: { $sum: '$ORIGINALQTY' },
        adjusted: { $sum: '$ADJUSTEDQTY' },
        picked: { $sum: '$QTYPICKED' },
        shipped: { $sum: '$SHIPPEDQTY' },
      },
    ),
    {
      $project: {
        WHSEID: 1,
        ORDERKEY: 1,
        EXTERNORDERKEY: 1,
        STORERKEY: 1,
        STATUS: 1,
        REQUESTEDSHIPDATE: 1,
        day: localDay('$REQUESTEDSHIPDATE', timeZone),
        lines: { $ifNull: ['$lines.count', 0] },
        ordered: { $ifNull: ['$lines.ordered', 0] },
        adjusted: { $ifNull: ['$lines.adjusted', 0] },
        picked: { $ifNull: ['$lines.picked', 0] },
        shipped: { $ifNull: ['$lines.shipped', 0] },
        fillRate: ratio('$lines.shipped', '$lines.ordered'),
      },
    },
  ],
};
