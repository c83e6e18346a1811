import { openapi } from '../../src/api/openapi.js';
import { serve } from '../../src/http/serve.js';

// Imported only when it is needed, which is never: the document is part of the function.
export default serve(openapi, async () => (await import('../../src/app.js')).app());
