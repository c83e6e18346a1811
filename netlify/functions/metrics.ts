import { metrics } from '../../src/api/metrics.js';
import { app } from '../../src/app.js';
import { serve } from '../../src/http/serve.js';

export default serve(metrics, () => app());
