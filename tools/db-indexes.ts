/** `npm run db:indexes -- [--profile wms]`: makes every index of the database that MONGODB_URI names. */
import { existsSync } from 'node:fs';
import { runIndexes } from './indexes/command.js';

// As `netlify dev` does; what is set already stays as it is.
if (existsSync('.env')) process.loadEnvFile('.env');

process.exitCode = await runIndexes(process.argv.slice(2), process.env, {
  line: (text) => console.log(text),
  problem: (text) => console.error(text),
});
