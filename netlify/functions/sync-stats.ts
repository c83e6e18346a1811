import { syncStats } from '../../src/api/sync-stats.js';
import { app } from '../../src/app.js';
import { serve } from '../../src/http/serve.js';

export default serve(syncStats, () => app());
