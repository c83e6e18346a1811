import type { Endpoint } from '../http/endpoint.js';
import { method, type Services } from './services.js';

/** The contract of all endpoints. It is no secret, and needs neither database nor lake. */
export const openapi: Endpoint<Services> = {
  name: 'openapi',
  anySettings: true,
  methods: {
    GET: method({
      access: 'none',
      async handle() {
        // Here, so that `npm run docs` can make the file. It stays a file of its own in the archive.
        // biome-ignore lint/correctness/useImportExtensions: it is JSON
        const json = await import('../../docs/openapi.json', { with: { type: 'json' } });
        return { body: json.default };
      },
    }),
  },
};
