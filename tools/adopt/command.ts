import { parseArgs } from 'node:util';
import { systemClock } from '../../src/clock.js';
import { readSettings } from '../../src/config/environment.js';
import type { Environment } from '../../src/config/variables.js';
import { toAppError } from '../../src/errors/app-error.js';
import { entryOf } from '../../src/errors/codes.js';
import { createDatabase } from '../../src/store/connection.js';
import { TABLES } from '../../src/tables/registry.js';
import { adopt, planAdoption } from './adopt.js';
import { presentConfig } from './present-config.js';

const HELP = `Lets a database of an earlier version go on: its rows are set aside in <name>_before,
configurations, jobs and history get the present form. Nothing is deleted, and running it
again does no harm. Stop the earlier version first.

  npm run db:adopt -- [--dry-run]

  MONGODB_URI  the database, from the environment or .env
  --dry-run    only says what would be done`;

interface Screen {
  line(text: string): void;
  problem(text: string): void;
}

/** @returns the exit status */
export async function runAdopt(
  args: readonly string[],
  env: Environment,
  screen: Screen,
): Promise<0 | 1> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { 'dry-run': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) screen.line(HELP);
    else await adoptDatabase(env, screen, values['dry-run'] === true);
    return 0;
  } catch (thrown) {
    if (thrown instanceof TypeError && 'code' in thrown) screen.problem(`✗ ${thrown.message}`);
    else explain(thrown, screen);
    return 1;
  }
}

async function adoptDatabase(env: Environment, screen: Screen, dryRun: boolean): Promise<void> {
  const database = createDatabase(readSettings(env).mongodbUri(), TABLES, { tool: true });
  try {
    const scope = { clock: systemClock, deadline: Number.POSITIVE_INFINITY };
    const models = await database.models();
    const adoption = { models, tables: TABLES, configOf: presentConfig, scope };
    const plan = await planAdoption(adoption);
    if (dryRun) for (const { what } of plan.steps) screen.line(`would do  ${what}`);
    else await adopt(adoption, plan, (what) => screen.line(`✓ ${what}`));
    for (const note of plan.notes) screen.line(`! ${note}`);
    screen.line(summary(plan.steps.length, dryRun));
  } finally {
    await database.close();
  }
}

function summary(steps: number, dryRun: boolean): string {
  if (steps === 0) return 'Nothing to do: the database is in the present form.';
  if (dryRun) return 'Nothing was changed. Without --dry-run, this is done.';
  return 'Done. Next: npm run db:indexes, then a sync of each table; the first one is a full run.';
}

function explain(thrown: unknown, screen: Screen): void {
  const { code, message, details } = toAppError(thrown);
  screen.problem(`✗ ${code}: ${message}`);
  for (const detail of details) screen.problem(`  ${detail.message}`);
  screen.problem(`→ ${entryOf(code).action}`);
}
