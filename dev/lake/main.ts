import { parseArgs } from 'node:util';
import { startLake } from './index.js';

/** `npm run lake -- --port 4600 --rows 22000 --seed 1 --index-batch 1000` */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4600' },
    rows: { type: 'string', default: '22000' },
    seed: { type: 'string', default: '1' },
    'index-batch': { type: 'string', default: '1' },
  },
});

function wholeNumber(flag: keyof typeof values): number {
  const value = Number(values[flag]);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${flag} takes a whole number.`);
  return value;
}

async function run(): Promise<void> {
  const started = performance.now();
  const rows = wholeNumber('rows');
  const lake = await startLake({
    port: wholeNumber('port'),
    seed: wholeNumber('seed'),
    indexBatch: wholeNumber('index-batch'),
    rows,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`Lake at ${lake.url} with ${rows.toLocaleString('en')} tasks, made in ${seconds} s.`);
  console.log('It answers on this machine only, and its credentials work nowhere else.');
  console.log(`As an .ionapi file:\n${JSON.stringify(lake.credentials)}`);
  console.log(`Drive it with POST ${lake.url}/_control/<name> and a JSON array of arguments:`);
  console.log('advance, insert, edit, delete, revive, rows, fault, clearFaults, requests …');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void lake.close().then(() => process.exit(0)));
  }
}

run().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
