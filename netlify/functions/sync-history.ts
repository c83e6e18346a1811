import { syncHistory } from '../../src/api/sync-history.js';
import { app } from '../../src/app.js';
import { serve } from '../../src/http/serve.js';

export default serve(syncHistory, () => app());
