import { updateSyncHistory } from '../../src/api/update-sync-history.js';
import { app } from '../../src/app.js';
import { serve } from '../../src/http/serve.js';

export default serve(updateSyncHistory, () => app());
