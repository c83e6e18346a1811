/**
 * The whole backend on this machine: MongoDB, a lake and Netlify's local runtime.
 *
 *     const backend = await serve({ rows: 500 });
 *     await fetch(`${backend.url}/api/health`);
 *     await backend.close();
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { mongo } from 'mongoose';
import { type IonApiFile, ionVariables, type Lake, startLake } from '../lake/index.js';
import { databaseUri, startMongo } from '../mongodb/index.js';
import { type Runtime, startRuntime } from '../runtime/index.js';
import { Closers } from './closers.js';
import { hearStopSignals, type StopSignals } from './stop-signals.js';

export { Stopped } from './stop-signals.js';

/** Makes what the site serves of `src/client`. */
const BUILD = fileURLToPath(new URL('../../tools/build.mjs', import.meta.url));

/** Accepted by a backend on this machine only, which nobody else can reach. */
const TOKEN = 'local-test-token-that-is-no-secret';

export interface ServeOptions {
  /** Rows of TASKDETAIL in the lake; the other tables in proportion. */
  readonly rows: number;
  /** Default: any free one, for both. */
  readonly port?: number;
  readonly lakePort?: number;
  /** Where the lake's clock starts: `now`, and it runs; by default at a fixed time, and it stands. */
  readonly lakeClock?: 'now';
  /** Requests need no token. They have to name this machine as their host. */
  readonly open?: boolean;
  /** What the functions log at least: pino's levels. Default `warn`. */
  readonly logLevel?: string;
  /** What the functions print, a line at a time. */
  readonly log?: (line: string) => void;
  /** Told what takes long, and then of each part that is up. */
  readonly onWait?: (line: string) => void;
  readonly onPart?: (part: 'MongoDB' | 'lake' | 'runtime', description: string) => void;
}

export interface LocalBackend {
  /** Of the site: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** What requests have to carry as their bearer token, unless they need none. */
  readonly token: string;
  readonly lake: Lake;
  /** The functions' MONGODB_URI. */
  readonly mongodbUri: string;
  readonly db: mongo.Db;
  readonly runtime: Runtime;
  /** Aborted by Ctrl-C or SIGTERM, its reason being a `Stopped`; whoever hears it closes. */
  readonly stopped: AbortSignal;
  /** Ends every part and removes what it kept. */
  close(): Promise<void>;
}

/** @throws Error where a part does not start, those that had being ended; Stopped by Ctrl-C. */
export async function serve(options: ServeOptions): Promise<LocalBackend> {
  const { onWait = () => {}, onPart = () => {} } = options;
  const closers = new Closers();
  let stop: StopSignals | undefined;
  try {
    const server = await startMongo({ log: onWait });
    closers.add(server.stop);
    onPart('MongoDB', server.name);
    // Not earlier: until here Ctrl-C ends the process at once, a download included.
    stop = hearStopSignals();
    closers.add(stop.forget);

    const name = `datalake_local_${randomBytes(3).toString('hex')}`;
    const mongodbUri = databaseUri(server.uri, name);
    const client = new mongo.MongoClient(mongodbUri, { serverSelectionTimeoutMS: 5_000 });
    closers.add(() => client.close());
    const db = client.db(name);
    // A server of our own goes with its data; on somebody else's the database would stay.
    if (!server.kill) closers.add(() => db.dropDatabase());

    const lake = await startLake({
      rows: options.rows,
      port: options.lakePort ?? 0,
      ...(options.lakeClock && { now: new Date().toISOString(), clockRuns: true }),
    });
    closers.add(lake.close);
    onPart('lake', lake.url);

    await promisify(execFile)(process.execPath, [BUILD]);
    const runtime = await startRuntime({
      env: environment(mongodbUri, lake.credentials, options),
      port: options.port ?? 0,
      ownHostsOnly: options.open ?? false,
      ...(options.log && { log: options.log }),
    });
    closers.add(runtime.close);
    onPart('runtime', runtime.url);
    stop.signal.throwIfAborted();

    const { url } = runtime;
    const { signal: stopped } = stop;
    return {
      ...{ url, token: TOKEN, lake, mongodbUri, db, runtime, stopped },
      close: closers.close,
    };
  } catch (error) {
    await closers.close();
    stop?.signal.throwIfAborted();
    throw error;
  }
}

function environment(
  mongodbUri: string,
  credentials: IonApiFile,
  { open = false, logLevel = 'warn' }: ServeOptions,
): Record<string, string> {
  return {
    MONGODB_URI: mongodbUri,
    ...(open ? { API_AUTH: 'none' } : { API_TOKEN: TOKEN }),
    LOG_LEVEL: logLevel,
    ...ionVariables({ credentials }),
  };
}
