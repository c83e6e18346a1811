import { AppError } from '../errors/app-error.js';
import { AnsweredError } from '../http/answered-error.js';
import type { Store } from '../store/store.js';
import type { Finding } from './health-check.js';

/** A ping needs no right: only a read of the database itself shows that the user may. */
export async function readCheck({ configs }: Store): Promise<Finding> {
  const database = configs.databaseName;
  const found = await configs.hasAny();
  const what = found ? 'can be read' : 'can be read and holds no configuration yet';
  return { sentence: `The database ${database} ${what}.`, facts: { database } };
}

/** A full cluster and a user without the right to write can be read all the same. */
export async function writeCheck({ health }: Store): Promise<Finding> {
  await health.probeWrite();
  return { sentence: 'The database can be written.' };
}

export async function indexCheck(store: Store): Promise<Finding> {
  const missing = await store.missingCriticalIndexes();
  if (missing.length > 0)
    throw new AnsweredError(new AppError('MONGODB_INDEX_MISSING'), { missing });
  return { sentence: 'The indexes that correctness depends on exist.', facts: { missing } };
}
