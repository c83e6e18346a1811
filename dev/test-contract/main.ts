/** `npm run test:contract`: schemathesis against the local runtime; see schemathesis.toml. */
import { fileURLToPath } from 'node:url';
import { serve } from '../serve/index.js';
import { findSchemathesis, runSchemathesis } from './schemathesis.js';

const CONFIG = fileURLToPath(new URL('schemathesis.toml', import.meta.url));

async function main(): Promise<number> {
  const program = findSchemathesis(process.env.SCHEMATHESIS);
  const { url, token, db, close } = await serve({ rows: 50, logLevel: 'fatal' });
  try {
    // Many requests start a run.
    await db.collection('settings').insertOne({ key: 'startsPerMinute', value: null });
    const authorization = `Bearer ${token}`;
    const headers = { authorization, 'content-type': 'application/json' };
    await fetch(`${url}/api/init-sync-config`, { method: 'POST', headers, body: '{}' });
    return await runSchemathesis(program, {
      ...{ schema: `${url}/api/openapi`, url: `${url}/api`, token, config: CONFIG },
      others: process.argv.slice(2),
    });
  } finally {
    await close();
  }
}

try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
