import { syncTable } from '../../src/api/sync-table.js';
import { app } from '../../src/app.js';
import { serve } from '../../src/http/serve.js';

export default serve(syncTable, () => app());
