import { NOT_DELETED, type ViewDefinition } from './view.js';

/** Completed and canceled. What else a tenant's statuses mean, only the tenant knows. */
const CLOSED = ['9', 'X'];

export const openTasks: ViewDefinition = {
  name: 'wms_open_tasks',
  question: 'How many tasks are open, by warehouse, type and user?',
  pipeline: () => [
    { $match: { STATUS: { $nin: CLOSED }, ...NOT_DELETED } },
    {
      $group: {
        _id: { WHSEID: '$WHSEID', TASKTYPE: '$TASKTYPE', USERKEY: '$USERKEY' },
        tasks: { $sum: 1 },
        quantity: { $sum: '$QTY' },
        oldest: { $min: '$ADDDATE' },
      },
    },
    {
      $project: {
        _id: 0,
        WHSEID: '$_id.WHSEID',
        TASKTYPE: '$_id.TASKTYPE',
        USERKEY: '$_id.USERKEY',
        tasks: 1,
        quantity: 1,
        oldest: 1,
      },
    },
  ],
};
