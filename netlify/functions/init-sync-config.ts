import { initSyncConfig } from '../../src/api/init-sync-config.js';
import { app } from '../../src/app.js';
import { serve } from '../../src/http/serve.js';

export default serve(initSyncConfig, () => app());
