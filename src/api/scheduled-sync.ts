import { z } from 'zod';
import type { Call, Endpoint } from '../http/endpoint.js';
import { limitStarts } from './limit-starts.js';
import { answerRunDue } from './run-due.js';
import { method, type Services } from './services.js';

export const scheduledSync: Endpoint<Services> = {
  name: 'scheduled-sync',
  methods: {
    POST: method({
      // A deployed scheduled function has no URL: what reaches it is the platform's cron.
      access: async (_query, request) => ((await isCron(request)) ? 'none' : 'write'),
      body: z.strictObject({ next_run: z.string().optional() }),
      async handle(call) {
        if (call.idle !== undefined) return idleAnswer(call, call.idle);
        if (call.caller) await limitStarts(call);
        return answerRunDue(call);
      },
    }),
  },
};

async function idleAnswer({ services, log }: Call<Services, unknown, unknown>, reason: string) {
  const { clock } = await services();
  log.info({ reason }, 'no pass');
  const timestamp = new Date(clock.now());
  return { body: { message: `No pass: ${reason}`, timestamp, syncedTables: [], errors: [] } };
}

async function isCron(request: Request): Promise<boolean> {
  if (request.headers.get('x-nf-event') === 'schedule') return true;
  return (await request.text()).includes('"next_run"');
}
