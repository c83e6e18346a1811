import { z } from 'zod';
import { syncConfig } from '../../api/sync-config.js';
import { DATABASE } from '../errors.js';
import type { EndpointContract } from '../operation.js';
import { configuration } from '../schemas/configuration.js';
import { tableId } from '../schemas/fields.js';

export const syncConfigContract: EndpointContract = {
  endpoint: syncConfig,
  operations: {
    GET: {
      summary: 'All configurations, or that of one table',
      revision: 'shown',
      answers: {
        200: {
          description: 'With `tableId` one configuration, otherwise a list of all',
          body: z.union([configuration, z.array(configuration)]),
        },
      },
      errors: [...DATABASE, 'UNKNOWN_TABLE', 'CONFIG_NOT_FOUND'],
    },
    POST: {
      summary: 'Create the configuration of a table',
      revision: 'shown',
      description: 'Omitted fields get their defaults.',
      answers: { 201: { description: 'The new configuration', body: configuration } },
      errors: [...DATABASE, 'UNKNOWN_TABLE', 'CONFIG_EXISTS'],
    },
    PUT: {
      summary: 'Change the configuration of a table',
      revision: 'expected',
      description: 'Omitted fields stay as they are; `options` is replaced as a whole.',
      answers: { 200: { description: 'The changed configuration', body: configuration } },
      errors: [...DATABASE, 'UNKNOWN_TABLE', 'CONFIG_NOT_FOUND', 'REVISION_CHANGED'],
    },
    DELETE: {
      summary: 'Delete the configuration of a table',
      revision: 'expected',
      description: 'Rows, jobs and history are kept.',
      answers: {
        200: {
          description: 'The configuration is deleted',
          body: z.strictObject({ message: z.string(), tableId }),
        },
      },
      errors: [...DATABASE, 'UNKNOWN_TABLE', 'CONFIG_NOT_FOUND', 'REVISION_CHANGED'],
    },
  },
};
