import { z } from 'zod';
import type { Endpoint } from '../http/endpoint.js';
import { VERSION } from '../version.js';
import { method, type Services } from './services.js';

const query = z.strictObject({
  /** 1: asks database and lake, too. */
  deep: z.enum(['0', '1'], { error: 'must be 0 or 1' }).default('0'),
});

/** Imports nothing heavy: it answers while everything else is wrong. */
export const health: Endpoint<Services> = {
  name: 'health',
  anySettings: true,
  methods: {
    GET: method({
      access: ({ deep }) => (deep === '1' ? 'read' : 'none'),
      query,
      async handle({ query: { deep }, services, log, siteUrl, settings, caller }) {
        const timestamp = new Date().toISOString();
        const common = { version: VERSION, timestamp };
        if (deep === '0') return { body: { status: 'ok', ...common } };
        const { deepHealth } = await import('./deep-health.js');
        const { state, checks } = await deepHealth(await services(), { log, siteUrl, settings });
        const ok = state !== 'failing';
        return {
          status: ok ? 200 : 503,
          body: { status: ok ? 'ok' : 'failing', state, ...common, caller, checks },
        };
      },
    }),
  },
};
