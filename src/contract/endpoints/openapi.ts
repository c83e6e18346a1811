import { z } from 'zod';
import { openapi } from '../../api/openapi.js';
import type { EndpointContract } from '../operation.js';
import { anything } from '../schemas/fields.js';

export const openapiContract: EndpointContract = {
  endpoint: openapi,
  operations: {
    GET: {
      summary: 'This document',
      description: 'Without a token: the OpenAPI 3.1 document of all endpoints.',
      answers: {
        200: {
          description: 'The document',
          body: z
            .looseObject({ openapi: z.string(), info: anything, paths: anything })
            .meta({ id: 'OpenapiDocument' }),
        },
      },
    },
  },
};
