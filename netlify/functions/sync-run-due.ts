import { syncRunDue } from '../../src/api/sync-run-due.js';
import { app } from '../../src/app.js';
import { serve } from '../../src/http/serve.js';

export default serve(syncRunDue, () => app());
