/** `npm run test:contract`: schemathesis against the local runtime; see schemathesis.toml. */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { serve } from '../serve/index.js';
import { findSchemathesis, runSchemathesis } from './schemathesis.js';

const entrySchema = z.object({ _id: z.string() });
const runSchema = z.object({ jobId: z.string() });
const CONFIG = fileURLToPath(new URL('schemathesis.toml', import.meta.url));

async function main(): Promise<number> {
  const program = findSchemathesis(process.env.SCHEMATHESIS);
  const { url, token, db, close } = await serve({ rows: 50, logLevel: 'fatal' });
  try {
    // Many requests start a run.
    await db.collection('settings').insertOne({ key: 'startsPerMinute', value: null });
    const authorization = `Bearer ${token}`;
    const headers = { authorization, 'content-type': 'application/json' };
    const post = async (name: string, body: object) => {
      const request = { method: 'POST', headers, body: JSON.stringify(body) };
      const response = await fetch(`${url}/api/${name}`, request);
      if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
      return response.json();
    };
    await post('init-sync-config', {});
    const run = { tableId: 'orders', tableName: 'Orders', syncJobId: 'a'.repeat(24) };
    const { _id: entry } = entrySchema.parse(await post('sync-history', run));
    const comparison = { tableId: 'orders', mode: 'reconcile', wait: 45 };
    const { jobId } = runSchema.parse(await post('sync-table', comparison));
    return await runSchemathesis(program, {
      ...{ schema: `${url}/api/openapi`, url: `${url}/api`, token, config: CONFIG },
      variables: { CONTRACT_HISTORY_ID: entry, CONTRACT_JOB_ID: jobId },
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
