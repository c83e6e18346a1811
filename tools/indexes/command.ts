import { parseArgs } from 'node:util';
import { systemClock } from '../../src/clock.js';
import { readSettings } from '../../src/config/environment.js';
import type { Environment } from '../../src/config/variables.js';
import { toAppError } from '../../src/errors/app-error.js';
import { entryOf } from '../../src/errors/codes.js';
import { createDatabase } from '../../src/store/connection.js';
import { ensureAllIndexes } from '../../src/store/indexes.js';
import { TABLES } from '../../src/tables/registry.js';
import { ensureProfile, type Made } from './profile.js';

const HELP = `Creates every index of the database that does not exist yet. Can be repeated.

  npm run db:indexes -- [--profile wms [--time-zone ZONE]]

  MONGODB_URI    the database, from the environment or .env
  --profile wms  also the indexes and views for frontends that read the rows (docs/queries.md);
                 every index makes syncs more expensive
  --time-zone    where the days of the views begin, e.g. America/Chicago; by default as before,
                 and UTC the first time`;

interface Screen {
  line(text: string): void;
  problem(text: string): void;
}

/** A flag that can't be used. */
class UsageError extends Error {}

/** @returns the exit status: 1 also if something of the profile conflicts with what exists */
export async function runIndexes(
  args: readonly string[],
  env: Environment,
  screen: Screen,
): Promise<0 | 1> {
  try {
    const options = optionsOf(args);
    if (options === 'help') screen.line(HELP);
    else if (!(await makeIndexes(env, screen, options))) return 1;
    return 0;
  } catch (thrown) {
    const isUsage =
      thrown instanceof UsageError || (thrown instanceof TypeError && 'code' in thrown);
    if (isUsage) screen.problem(`✗ ${thrown.message}`);
    else explain(thrown, screen);
    return 1;
  }
}

interface Options {
  readonly withProfile: boolean;
  readonly timeZone: string | undefined;
}

/** @throws UsageError, TypeError naming the flag */
function optionsOf(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      profile: { type: 'string' },
      'time-zone': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const { profile, 'time-zone': timeZone } = values;
  if (values.help) return 'help';
  if (profile !== undefined && profile !== 'wms') throw new UsageError('--profile takes wms.');
  if (timeZone === undefined) return { withProfile: profile === 'wms', timeZone };
  if (profile === undefined) throw new UsageError('--time-zone needs --profile wms.');
  if (!isTimeZone(timeZone)) {
    throw new UsageError('--time-zone takes the name of a time zone, such as America/Chicago.');
  }
  return { withProfile: true, timeZone };
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }) !== undefined;
  } catch {
    return false;
  }
}

/** @returns whether nothing conflicts */
async function makeIndexes(
  env: Environment,
  screen: Screen,
  { withProfile, timeZone }: Options,
): Promise<boolean> {
  const database = createDatabase(readSettings(env).mongodbUri(), TABLES, { tool: true });
  try {
    const scope = { clock: systemClock, deadline: Number.POSITIVE_INFINITY };
    const models = await database.models();
    const tableIds = TABLES.map(({ tableId }) => tableId);
    const indexes = await ensureAllIndexes(models, tableIds, scope);
    for (const index of indexes) screen.line(`✓ ${index}`);
    screen.line(`${indexes.length} indexes are in place.`);
    if (!withProfile) return true;
    const made = await ensureProfile(models, TABLES, scope, timeZone);
    for (const one of made) {
      if (one.state === 'conflicts') screen.problem(lineOf(one));
      else screen.line(lineOf(one));
    }
    return !made.some(({ state }) => state === 'conflicts');
  } finally {
    await database.close();
  }
}

function lineOf(made: Made): string {
  const { name, question } = made;
  if (made.state !== 'conflicts') return `✓ ${made.state}  ${name}  ${question}`;
  return `✗ conflicts  ${name}: ${made.reason}. Drop or rename it, and run this again.`;
}

function explain(thrown: unknown, screen: Screen): void {
  const { code, message, details } = toAppError(thrown);
  screen.problem(`✗ ${code}: ${message}`);
  for (const detail of details) screen.problem(`  ${JSON.stringify(detail)}`);
  screen.problem(`→ ${entryOf(code).action}`);
}
