/** `npm run db:indexes`: makes every index of the database that MONGODB_URI names. */
import { existsSync } from 'node:fs';
import { systemClock } from '../src/clock.js';
import { readSettings } from '../src/config/environment.js';
import { toAppError } from '../src/errors/app-error.js';
import { entryOf } from '../src/errors/codes.js';
import { createDatabase } from '../src/store/connection.js';
import { ensureAllIndexes } from '../src/store/indexes.js';
import { TABLES } from '../src/tables/registry.js';

// As `netlify dev` does; what is set already stays as it is.
if (existsSync('.env')) process.loadEnvFile('.env');

async function makeIndexes(): Promise<string[]> {
  const database = createDatabase(readSettings().mongodbUri(), TABLES, { tool: true });
  try {
    const tableIds = TABLES.map(({ tableId }) => tableId);
    return await ensureAllIndexes(await database.models(), tableIds, {
      clock: systemClock,
      deadline: Number.POSITIVE_INFINITY,
    });
  } finally {
    await database.close();
  }
}

try {
  const indexes = await makeIndexes();
  console.log(indexes.map((index) => `✓ ${index}`).join('\n'));
  console.log(`${indexes.length} indexes are in place.`);
} catch (thrown) {
  const { code, message, details } = toAppError(thrown);
  console.error(`✗ ${code}: ${message}`);
  for (const detail of details) console.error(`  ${JSON.stringify(detail)}`);
  console.error(`→ ${entryOf(code).action}`);
  process.exitCode = 1;
}
