import { syncWorkerBackground } from '../../src/api/sync-worker-background.js';
import { app } from '../../src/app.js';
import { serve } from '../../src/http/serve.js';

export default serve(syncWorkerBackground, () => app());
