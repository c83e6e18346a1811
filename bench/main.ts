import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { connectLake } from '../dev/lake/index.js';
import { startMongo } from '../dev/mongodb/index.js';
import {
  type Figure,
  functionFigures,
  isMet,
  longRunFigures,
  lookingFigures,
  measuredOf,
  profileFigures,
  reconcileFigures,
  runtimeFigures,
  syncFigures,
} from './figures.js';
import { measureFunctions } from './functions.js';
import { startLakeProcess } from './lake-process.js';
import { measureLooking } from './looking.js';
import { type Options, readOptions } from './options.js';
import { measureProfile } from './profile.js';
import { measureReconciles } from './reconciles.js';
import {
  figureTable,
  functionTable,
  lookingText,
  measuredTable,
  reconcileText,
  runtimeText,
} from './report.js';
import { measureLongRun, measureRound, type Round } from './rounds.js';
import { measureRuntime } from './runtime.js';
import type { Place } from './settings.js';

/** Rows that share an index time: as replication writes them, or none. */
const INDEX_TIMES = { batched: 1_000, distinct: 1 };

/**
 * Measures the sync against what its parts cost at least. Times say something of this
 * machine only; what is expected is therefore a ratio, taken within one round.
 *
 * @example npm run bench -- --rows 1000000 --rounds 3 --json bench.json
 * @example npm run bench -- --rows 5000000 --only long
 */
async function bench(options: Options): Promise<void> {
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
  const figures: Figure[] = [];
  const report: Record<string, unknown> = { at: new Date().toISOString(), machine };

  if (options.only === 'long') {
    const { result, mongodb } = await withParts(options.rows, measureLongRun);
    const measured = longRunFigures(result);
    console.log(`\n${options.rows.toLocaleString('en')} rows, one run\n${figureTable(measured)}`);
    figures.push(...measured);
    Object.assign(report, { rows: options.rows, mongodb, ...result });
  }
  if (options.only === undefined || options.only === 'sync') {
    const { result: rounds, mongodb } = await withParts(options.rows, async (place) => {
      const measured: Round[] = [];
      for (let number = 1; number <= options.rounds; number++) {
        console.error(`Round ${number} of ${options.rounds} …`);
        measured.push(await measureRound(place, number));
      }
      return measured;
    });
    const measured = measuredOf(rounds);
    const ratios = syncFigures(rounds);
    const title = `${options.rows.toLocaleString('en')} rows, medians of ${rounds.length} rounds (min–max)`;
    console.log(`\n${title}\n${measuredTable(measured)}\n\n${figureTable(ratios)}`);
    figures.push(...ratios);
    Object.assign(report, { rows: options.rows, mongodb, rounds, measured });
  }
  if (options.only === undefined || options.only === 'functions') {
    console.error('Building the functions …');
    const functions = await measureFunctions(Math.max(options.rounds, 5));
    const ratios = functionFigures(functions);
    console.log(`\nImport of the built functions\n${functionTable(functions)}\n`);
    console.log(figureTable(ratios));
    figures.push(...ratios);
    Object.assign(report, { functions });
  }
  if (options.only === undefined || options.only === 'runtime') {
    const runtime = await measureRuntime(options.rounds);
    const measured = runtimeFigures(runtime);
    console.log(`\nsync-status in the local runtime\n${runtimeText(runtime)}\n`);
    console.log(figureTable(measured));
    figures.push(...measured);
    Object.assign(report, { runtime });
  }
  if (options.only === undefined || options.only === 'looking') {
    const looking = await measureLooking();
    const measured = lookingFigures(looking);
    console.log(`\nLooking at 100 runs and at 200,000\n${lookingText(looking)}\n`);
    console.log(figureTable(measured));
    figures.push(...measured);
    Object.assign(report, { looking });
  }
  if (options.only === undefined || options.only === 'reconcile') {
    const rows = options.rows.toLocaleString('en');
    for (const [name, indexBatch] of Object.entries(INDEX_TIMES)) {
      const { result } = await withParts(
        options.rows,
        (place) => measureReconciles(place, `bench_reconcile_${name}`),
        indexBatch,
      );
      const ratios = reconcileFigures(name, result);
      console.log(`\n${rows} rows reconciled, index times ${name}\n${reconcileText(result)}\n`);
      console.log(figureTable(ratios));
      figures.push(...ratios);
      Object.assign(report, { [`reconcile_${name}`]: result });
    }
  }
  if (options.only === undefined || options.only === 'profile') {
    const { result } = await withParts(options.rows, (place) =>
      measureProfile(place, options.rounds),
    );
    const ratios = profileFigures(result);
    const rows = options.rows.toLocaleString('en');
    console.log(`\n${rows} tasks with the indexes of the profile wms\n${figureTable(ratios)}`);
    figures.push(...ratios);
    Object.assign(report, { profile: result });
  }
  if (options.json !== undefined) {
    const judged = figures.map((figure) => ({ ...figure, met: isMet(figure) }));
    await writeFile(options.json, `${JSON.stringify({ ...report, figures: judged }, null, 2)}\n`);
  }
}

/** MongoDB and a lake with so many tasks, each a process of its own, as long as the work takes. */
async function withParts<T>(
  rows: number,
  work: (place: Omit<Place, 'database'>) => Promise<T>,
  indexBatch?: number,
): Promise<{ result: T; mongodb: string }> {
  const mongo = await startMongo({ log: (line) => console.error(line) });
  try {
    console.error(`MongoDB: ${mongo.chose}`);
    const lake = await startLakeProcess(rows, indexBatch);
    try {
      const credentials = await connectLake(lake.url).credentials();
      const place = { lakeUrl: lake.url, credentials, mongodbUri: mongo.uri };
      return { result: await work(place), mongodb: mongo.chose };
    } finally {
      await lake.stop();
    }
  } finally {
    await mongo.stop();
  }
}

await bench(readOptions(process.argv.slice(2)));
