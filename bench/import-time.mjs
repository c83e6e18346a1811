// Prints how many milliseconds this fresh process takes to import the modules that it is given.
import { pathToFileURL } from 'node:url';

const started = performance.now();
for (const path of process.argv.slice(2)) await import(pathToFileURL(path).href);
process.stdout.write(String(performance.now() - started));
process.exit(0);
