import { syncOverview } from '../../src/api/sync-overview.js';
import { app } from '../../src/app.js';
import { serve } from '../../src/http/serve.js';

export default serve(syncOverview, () => app());
