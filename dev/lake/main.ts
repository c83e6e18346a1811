import { parseArgs } from 'node:util';
import { startLake } from './index.js';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4600' },
    rows: { type: 'string', default: '22000' },
    seed: { type: 'string', default: '1' },
  },
});

const started = performance.now();
const rows = Number(values.rows);
const lake = await startLake({ port: Number(values.port), rows, seed: Number(values.seed) });
const seconds = ((performance.now() - started) / 1000).toFixed(1);

console.log(`Lake at ${lake.url} with ${rows.toLocaleString('en')} tasks, made in ${seconds} s.`);
console.log('It answers on this machine only, and its credentials work nowhere else.');
console.log(`As an .ionapi file:\n${JSON.stringify(lake.credentials)}`);
console.log(`Drive it with POST ${lake.url}/_control/<name>, e.g. edit, delete, advance.`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void lake.close().then(() => process.exit(0)));
}
