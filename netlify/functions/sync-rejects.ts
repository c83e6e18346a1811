import { syncRejects } from '../../src/api/sync-rejects.js';
import { app } from '../../src/app.js';
import { serve } from '../../src/http/serve.js';

export default serve(syncRejects, () => app());
