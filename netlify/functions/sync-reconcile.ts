import { syncReconcile } from '../../src/api/sync-reconcile.js';
import { app } from '../../src/app.js';
import { serve } from '../../src/http/serve.js';

export default serve(syncReconcile, () => app());
