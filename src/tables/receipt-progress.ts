import { localDay, NOT_DELETED, ratio, type ViewDefinition, withLines } from './view.js';

export const receiptProgress: ViewDefinition = {
  name: 'wms_receipt_progress',
  question: 'How much of each receipt has arrived?',
  pipeline: (timeZone) => [
    { $match: NOT_DELETED },
    ...withLines(
      { collection: 'receiptdetails', key: 'RECEIPTKEY' },
      {
        count: { $sum: 1 },
        expected: { $sum: '$QTYEXPECTED' },
        received: { $sum: '$QTYRECEIVED' },
        rejected: { $sum: '$QTYREJECTED' },
        lastReceived: { $max: '$DATERECEIVED' },
      },
    ),
    {
      $project: {
        WHSEID: 1,
        RECEIPTKEY: 1,
        EXTERNRECEIPTKEY: 1,
        STORERKEY: 1,
        STATUS: 1,
        RECEIPTDATE: 1,
        day: localDay('$RECEIPTDATE', timeZone),
        lines: { $ifNull: ['$lines.count', 0] },
        expected: { $ifNull: ['$lines.expected', 0] },
        received: { $ifNull: ['$lines.received', 0] },
        rejected: { $ifNull: ['$lines.rejected', 0] },
        lastReceived: '$lines.lastReceived',
        progress: ratio('$lines.received', '$lines.expected'),
      },
    },
  ],
};
