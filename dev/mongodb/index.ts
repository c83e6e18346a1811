import type { Candidate, StartOptions } from './candidate.js';
import { type ChosenServer, choose } from './choose.js';
import { givenUri } from './given-uri.js';
import { memoryServer } from './memory-server.js';
import { mongod } from './mongod.js';
import { secantus } from './secantus.js';

export { databaseUri } from './uri.js';

/** Real MongoDBs first; the stand-in only where none can be had. */
const CANDIDATES: readonly Candidate[] = [givenUri, mongod, memoryServer, secantus];

/**
 * Starts a MongoDB for tests or the demo.
 * @throws Error where there is none, with what to do about it.
 */
export function startMongo(options: Partial<StartOptions> = {}): Promise<ChosenServer> {
  return choose(CANDIDATES, {
    syncOnCommit: false,
    port: 0,
    storagePath: undefined,
    env: process.env,
    log: () => {},
    ...options,
  });
}
