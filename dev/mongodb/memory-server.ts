import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DryMongoBinary, MongoBinary, MongoMemoryReplSet } from 'mongodb-memory-server';
import { cacheFolder } from './cache-folder.js';
import type { Candidate, StartOptions } from './candidate.js';
import { dataFolder } from './data-folder.js';
import { onExit } from './on-exit.js';
import { oneLine } from './one-line.js';

const DAY_MS = 24 * 3_600_000;

/** The binary of mongodb-memory-server: the path of one that is there already, and the download. */
export interface MongodDownload {
  locate(): Promise<string | undefined>;
  /** @throws Error where the network refuses it, after some seconds of attempts. */
  fetch(): Promise<string>;
}

const download: MongodDownload = {
  locate: async () => DryMongoBinary.locateBinary(await DryMongoBinary.generateOptions()),
  fetch: () => MongoBinary.getPath(),
};

export const memoryServer: Candidate = memoryServerWith(download);

/** A real MongoDB that the package downloads once. */
export function memoryServerWith({ locate, fetch }: MongodDownload): Candidate {
  return {
    remedy: 'allow the download of fastdl.mongodb.org that mongodb-memory-server makes once',
    async attempt(options) {
      const found = await locate();
      if (!found) {
        const refused = await refusal(options.env);
        if (refused) return { absent: refused };
        options.log('mongodb-memory-server: downloading a MongoDB (once) …');
        try {
          await fetch();
        } catch (error) {
          return { absent: await rememberRefusal(options.env, error) };
        }
      }
      await rm(refusalFile(options.env), { force: true });
      return start(options);
    },
  };
}

async function start({ port, storagePath }: StartOptions) {
  const folder = await dataFolder(storagePath);
  const server = await MongoMemoryReplSet.create({
    replSet: { count: 1 },
    instanceOpts: [{ dbPath: folder.path, storageEngine: 'wiredTiger', ...(port ? { port } : {}) }],
  });
  // The package has a process of its own that ends mongod when this one dies.
  const forget = onExit(() => folder.discard());
  const stop = async (): Promise<void> => {
    await server.stop({ doCleanup: false });
    forget();
    folder.discard();
  };
  const uri = server.getUri().replace(/\/\?.*$/, '');
  return { server: { uri, stop }, what: 'the MongoDB of mongodb-memory-server' };
}

function refusalFile(env: NodeJS.ProcessEnv): string {
  return join(cacheFolder(env), 'mongodb-download-refused.txt');
}

/** Why the download failed within the last day: the attempt takes 7 s, too long for each start. */
async function refusal(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const { mtimeMs } = await stat(refusalFile(env));
    if (Date.now() - mtimeMs > DAY_MS) return undefined;
    return (await readFile(refusalFile(env), 'utf8')).trim();
  } catch {
    return undefined;
  }
}

async function rememberRefusal(env: NodeJS.ProcessEnv, error: unknown): Promise<string> {
  const file = refusalFile(env);
  const reason = `mongodb-memory-server's download was refused: ${oneLine(error)}`;
  await mkdir(cacheFolder(env), { recursive: true });
  await writeFile(file, `${reason}, tried again a day later or without ${file}\n`);
  return reason;
}
