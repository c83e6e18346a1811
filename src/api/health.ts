import { z } from 'zod';
import type { Endpoint } from '../http/endpoint.js';
import { method, type Services } from './services.js';

/** Imports nothing heavy: it answers while everything else is wrong. */
export const health: Endpoint<Services> = {
  name: 'health',
  methods: {
    GET: method({
      access: 'none',
      query: z.strictObject({}),
      async handle() {
        return { body: { status: 'ok', timestamp: new Date().toISOString() } };
      },
    }),
  },
};
