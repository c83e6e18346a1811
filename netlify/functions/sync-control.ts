import { syncControl } from '../../src/api/sync-control.js';
import { app } from '../../src/app.js';
import { serve } from '../../src/http/serve.js';

export default serve(syncControl, () => app());
