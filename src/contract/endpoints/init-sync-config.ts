import { z } from 'zod';
import { initSyncConfig } from '../../api/init-sync-config.js';
import { DATABASE } from '../errors.js';
import type { EndpointContract } from '../operation.js';
import { configuration } from '../schemas/configuration.js';
import { count } from '../schemas/fields.js';

const existing = z
  .strictObject({ message: z.string(), existingCount: count })
  .meta({ id: 'ExistingConfigurations' });
const created = existing
  .extend({ count, configs: z.array(configuration) })
  .meta({ id: 'CreatedConfigurations' });

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
          body: z.union([existing, created]),
        },
      },
      errors: DATABASE,
    },
  },
};
