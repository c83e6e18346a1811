import { syncSettings } from '../../src/api/sync-settings.js';
import { app } from '../../src/app.js';
import { serve } from '../../src/http/serve.js';

export default serve(syncSettings, () => app());
