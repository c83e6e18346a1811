import { syncAudit } from '../../src/api/sync-audit.js';
import { app } from '../../src/app.js';
import { serve } from '../../src/http/serve.js';

export default serve(syncAudit, () => app());
