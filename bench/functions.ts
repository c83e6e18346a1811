import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildFunctions } from '../test/support/built-functions.js';
import { type Spread, spreadOf } from './statistics.js';

const IMPORT_TIME = fileURLToPath(new URL('import-time.mjs', import.meta.url));
const MONGOOSE = fileURLToPath(import.meta.resolve('mongoose'));

export interface MeasuredFunction {
  readonly name: string;
  readonly zipBytes: number;
  readonly importMs: Spread;
}

export interface MeasuredFunctions {
  /** What any function with a database has to import. */
  readonly mongooseMs: Spread;
  readonly functions: readonly MeasuredFunction[];
}

/**
 * Builds the functions as a deploy does and imports each in fresh processes: Netlify's entry
 * point and what that one imports at the first call. The times of one round belong together.
 */
export async function measureFunctions(rounds: number): Promise<MeasuredFunctions> {
  const { functions, remove } = await buildFunctions();
  try {
    const bare: number[] = [];
    const built = functions.map(({ name, zipBytes, folder }) => ({
      name,
      zipBytes,
      modules: ['___netlify-entry-point.mjs', `netlify/functions/${name}.cjs`].map((file) =>
        join(folder, file),
      ),
      times: [] as number[],
    }));
    for (let round = 0; round < rounds; round++) {
      bare.push(await importMs([MONGOOSE]));
      for (const { modules, times } of built) times.push(await importMs(modules));
    }
    return {
      mongooseMs: spreadOf(bare),
      functions: built.map(({ name, zipBytes, times }) => ({
        name,
        zipBytes,
        importMs: spreadOf(times),
      })),
    };
  } finally {
    await remove();
  }
}

async function importMs(modules: readonly string[]): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [IMPORT_TIME, ...modules], {
    env: {},
  });
  return Number(stdout);
}
