import { z } from 'zod';
import { tableIdField } from '../../api/fields.js';
import { withoutBlanks } from '../../api/forgiving.js';
import { syncControl } from '../../api/sync-control.js';
import { REPEATED, RUN } from '../errors.js';
import type { EndpointContract } from '../operation.js';
import { count, hash, tableId } from '../schemas/fields.js';
import { job } from '../schemas/job.js';
import { runAnswer, runError } from '../schemas/run-answer.js';

const idInRequest = z.string().regex(/^[0-9a-fA-F]{24}$/);
const hashInRequest = z.string().regex(/^[0-9a-f]{64}$/);

const message = z.string();
const canceled = z.strictObject({ message, job }).meta({ id: 'CanceledRun' });
const ofTable = z
  .strictObject({
    message,
    tableId,
    setAside: z
      .string()
      .optional()
      .describe('Of confirm-source: the collection that the existing rows were moved to'),
  })
  .meta({ id: 'ChangedTable' });
const discarded = z
  .strictObject({ message, tableId, hash, deletes: count })
  .meta({ id: 'DiscardedDeletes' });

const given = {
  jobId: idInRequest.optional(),
  tableId: tableIdField.optional(),
  hash: hashInRequest.optional(),
};
const ofJob = z.strictObject({ ...given, action: z.literal('cancel'), jobId: idInRequest });
const ofOneTable = z.strictObject({
  ...given,
  action: z.enum(['pause', 'resume', 'confirm-source']),
  tableId: tableIdField,
});
const ofDeletes = z.strictObject({
  ...given,
  action: z.enum(['confirm-deletes', 'discard-deletes']),
  tableId: tableIdField,
  hash: hashInRequest,
});

export const syncControlContract: EndpointContract = {
  endpoint: syncControl,
  operations: {
    POST: {
      idempotent: true,
      summary: 'Cancel a run, pause or resume a table, decide on held deletes or another tenant',
      requestBody: z.union([
        withoutBlanks(ofJob),
        withoutBlanks(ofOneTable),
        withoutBlanks(ofDeletes),
      ]),
      answers: {
        200: {
          description:
            'By `action`: the canceled job, the table, the discarded list, or for `confirm-deletes` the run that has ended',
          body: z.union([canceled, ofTable, discarded, runAnswer]),
        },
        202: { description: 'For `confirm-deletes`: the run goes on', body: runAnswer },
      },
      errors: [...RUN, ...REPEATED, 'JOB_ENDED', 'DELETES_NOT_HELD'],
      error: runError,
    },
  },
};
