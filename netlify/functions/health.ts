import { health } from '../../src/api/health.js';
import { serve } from '../../src/http/serve.js';

// Imported only when it is needed, so that health starts without database and lake.
export default serve(health, async () => (await import('../../src/app.js')).app());
