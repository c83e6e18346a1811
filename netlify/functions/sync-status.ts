import { syncStatus } from '../../src/api/sync-status.js';
import { app } from '../../src/app.js';
import { serve } from '../../src/http/serve.js';

export default serve(syncStatus, () => app());
