import { z } from 'zod';
import type { Endpoint } from '../http/endpoint.js';
import { limitStarts } from './limit-starts.js';
import { answerRunDue } from './run-due.js';
import { method, type Services } from './services.js';

export const syncRunDue: Endpoint<Services> = {
  name: 'sync-run-due',
  methods: {
    POST: method({
      access: 'write',
      body: z.strictObject({}),
      async handle(call) {
        await limitStarts(call);
        return answerRunDue(call);
      },
    }),
  },
};
