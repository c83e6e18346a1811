import type { Config } from '@netlify/functions';
import { scheduledSync } from '../../src/api/scheduled-sync.js';
import { app } from '../../src/app.js';
import { serve } from '../../src/http/serve.js';

export default serve(scheduledSync, () => app());

/** Every five minutes, UTC. */
export const config: Config = { schedule: '*/5 * * * *' };
