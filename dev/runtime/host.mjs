// Plain JavaScript because it is what makes TypeScript loadable: registered here, tsx
// serves this thread alone. By --import it would also start in every function's worker,
// at a tenth of a second a call.
import { register } from 'tsx/esm/api';

register();
// biome-ignore lint/correctness/useImportExtensions: a module that is not TypeScript names the file itself.
await import('./host.ts');
