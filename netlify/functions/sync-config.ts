import { syncConfig } from '../../src/api/sync-config.js';
import { app } from '../../src/app.js';
import { serve } from '../../src/http/serve.js';

export default serve(syncConfig, () => app());
