import { z } from 'zod';
import type { Endpoint } from '../http/endpoint.js';
import { answerRunDue } from './run-due.js';
import { method, type Services } from './services.js';

export const syncRunDue: Endpoint<Services> = {
  name: 'sync-run-due',
  methods: {
    POST: method({
      access: 'write',
      body: z.strictObject({}),
      async handle({ services, siteUrl }) {
        return answerRunDue(await services(), siteUrl);
      },
    }),
  },
};
