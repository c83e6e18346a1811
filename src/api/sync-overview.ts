import type { Endpoint } from '../http/endpoint.js';
import { readOverview } from './overview.js';
import { method, type Services } from './services.js';

/** All tables at a glance, in one request. */
export const syncOverview: Endpoint<Services> = {
  name: 'sync-overview',
  methods: {
    GET: method({
      access: 'read',
      async handle({ services, settings, siteUrl, caller }) {
        return { body: await readOverview(await services(), { settings, siteUrl, caller }) };
      },
    }),
  },
};
