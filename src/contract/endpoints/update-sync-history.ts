import { withoutBlanks } from '../../api/forgiving.js';
import { correctable, updateSyncHistory } from '../../api/update-sync-history.js';
import { DATABASE } from '../errors.js';
import type { EndpointContract } from '../operation.js';
import { historyEntry } from '../schemas/history-entry.js';

export const updateSyncHistoryContract: EndpointContract = {
  endpoint: updateSyncHistory,
  operations: {
    PUT: {
      summary: 'Correct an entry of the history',
      description:
        'An entry that was read may be edited and sent back: unchanged fields have no effect. `null` or an empty text removes `endTime`, `duration`, `durationMs`, `error`, `errorCode` or `errorDetails`, and leaves any other field unchanged.',
      requestBody: withoutBlanks(correctable),
      answers: { 200: { description: 'The corrected entry', body: historyEntry } },
      errors: [...DATABASE, 'HISTORY_NOT_FOUND'],
    },
  },
};
