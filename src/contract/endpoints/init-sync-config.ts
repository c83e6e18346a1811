import { z } from 'zod';
import { initSyncConfig } from '../../api/init-sync-config.js';
import { DATABASE } from '../errors.js';
import type { EndpointContract } from '../operation.js';
import { configuration } from '../schemas/configuration.js';
import { count } from '../schemas/fields.js';

export const initSyncConfigContract: EndpointContract = {
  endpoint: initSyncConfig,
  operations: {
    POST: {
      summary: 'Create missing configurations',
      description:
        'With `force`, existing configurations are reset to the default settings; the state of their syncs is kept.',
      answers: {
        200: {
          description: 'All configurations, or only their number if none was missing',
          body: z.strictObject({
            message: z.string(),
            existingCount: count,
            count: count.optional(),
            configs: z.array(configuration).optional(),
          }),
        },
      },
      errors: DATABASE,
    },
  },
};
