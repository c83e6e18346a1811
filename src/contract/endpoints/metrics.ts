import { z } from 'zod';
import { metrics } from '../../api/metrics.js';
import { OPENMETRICS_TYPE } from '../../api/openmetrics.js';
import { DATABASE } from '../errors.js';
import type { EndpointContract } from '../operation.js';

export const metricsContract: EndpointContract = {
  endpoint: metrics,
  operations: {
    GET: {
      summary: 'Metrics for Prometheus',
      description:
        'In the OpenMetrics format, from stored totals. An instance answers the same text for 30 seconds.',
      answers: {
        200: {
          description: 'The metrics',
          body: z.string().regex(/\n# EOF\n$/),
          type: OPENMETRICS_TYPE,
        },
      },
      errors: DATABASE,
    },
  },
};
