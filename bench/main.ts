import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { connectLake } from '../dev/lake/index.js';
import { startMongo } from '../dev/mongodb/index.js';
import { type Figure, functionFigures, isMet, measuredOf, syncFigures } from './figures.js';
import { measureFunctions } from './functions.js';
import { startLakeProcess } from './lake-process.js';
import { type Options, readOptions } from './options.js';
import { figureTable, functionTable, measuredTable } from './report.js';
import { measureRound, type Round } from './rounds.js';

/**
 * Measures the sync against what its parts cost at least. Times say something of this
 * machine only; what is expected is therefore a ratio, taken within one round.
 *
 * @example npm run bench -- --rows 1000000 --rounds 3 --json bench.json
 */
async function bench(options: Options): Promise<void> {
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
  const figures: Figure[] = [];
  const report: Record<string, unknown> = { at: new Date().toISOString(), machine };

  if (options.only !== 'functions') {
    const { rounds, mongodb } = await measureSync(options);
    const measured = measuredOf(rounds);
    const ratios = syncFigures(rounds);
    const title = `${options.rows.toLocaleString('en')} rows, medians of ${rounds.length} rounds (min–max)`;
    console.log(`\n${title}\n${measuredTable(measured)}\n\n${figureTable(ratios)}`);
    figures.push(...ratios);
    Object.assign(report, { rows: options.rows, mongodb, rounds, measured });
  }
  if (options.only !== 'sync') {
    console.error('Building the functions …');
    const functions = await measureFunctions(Math.max(options.rounds, 5));
    const ratios = functionFigures(functions);
    console.log(`\nImport of the built functions\n${functionTable(functions)}\n`);
    console.log(figureTable(ratios));
    figures.push(...ratios);
    Object.assign(report, { functions });
  }
  if (options.json !== undefined) {
    const judged = figures.map((figure) => ({ ...figure, met: isMet(figure) }));
    await writeFile(options.json, `${JSON.stringify({ ...report, figures: judged }, null, 2)}\n`);
  }
}

async function measureSync({
  rows,
  rounds,
}: Options): Promise<{ rounds: Round[]; mongodb: string }> {
  const mongo = await startMongo({ log: (line) => console.error(line) });
  try {
    console.error(`MongoDB: ${mongo.chose}`);
    const lake = await startLakeProcess(rows);
    try {
      const place = {
        lakeUrl: lake.url,
        credentials: await connectLake(lake.url).credentials(),
        mongodbUri: mongo.uri,
      };
      const measured: Round[] = [];
      for (let number = 1; number <= rounds; number++) {
        console.error(`Round ${number} of ${rounds} …`);
        measured.push(await measureRound(place, number));
      }
      return { rounds: measured, mongodb: mongo.chose };
    } finally {
      await lake.stop();
    }
  } finally {
    await mongo.stop();
  }
}

await bench(readOptions(process.argv.slice(2)));
