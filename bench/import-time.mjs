// Prints how many milliseconds this fresh process takes to import the modules that it is given.
import { pathToFileURL } from 'node:url';

// Netlify's entry point hands its handler to Lambda's runtime as it is imported.
globalThis.awslambda = { streamifyResponse: (handler) => handler };

const started = performance.now();
for (const path of process.argv.slice(2)) await import(pathToFileURL(path).href);
process.stdout.write(String(performance.now() - started));
process.exit(0);
