/** `npm run db:adopt -- [--dry-run]`: lets a database of an earlier version go on. */
import { existsSync } from 'node:fs';
import { runAdopt } from './adopt/command.js';

// As `netlify dev` does; what is set already stays as it is.
if (existsSync('.env')) process.loadEnvFile('.env');

process.exitCode = await runAdopt(process.argv.slice(2), process.env, {
  line: (text) => console.log(text),
  problem: (text) => console.error(text),
});
