import type { DeploySucceededEvent } from '@netlify/functions';
import { prepareDatabase } from '../../src/api/deploy-succeeded.js';
import { app } from '../../src/app.js';

export default {
  /** Repeating it changes nothing, so that it doesn't matter who sends the event. */
  async deploySucceeded({ deploy }: DeploySucceededEvent): Promise<void> {
    await prepareDatabase(deploy, app());
  },
  /** Without it a request to the function's URL would be an error of the function. */
  fetch: () => new Response(null, { status: 404 }),
};
