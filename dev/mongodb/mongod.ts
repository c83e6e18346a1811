import { setTimeout as delay } from 'node:timers/promises';
import { mongo } from 'mongoose';
import type { Candidate } from './candidate.js';
import { dataFolder } from './data-folder.js';
import { findProgram } from './find-program.js';
import { freePort } from './free-port.js';
import { oneLine } from './one-line.js';
import { startProcess } from './server-process.js';

const START_MS = 30_000;

/** A real MongoDB that is installed here, as a replica set of one: transactions need one. */
export const mongod: Candidate = {
  remedy: 'install MongoDB so that `mongod` is on the PATH',
  async attempt({ env, port: wanted, storagePath }) {
    const program = await findProgram('mongod', env);
    if (!program) return { absent: 'no mongod on the PATH' };
    const port = wanted || (await freePort());
    const folder = await dataFolder(storagePath);
    const server = await startProcess(
      program,
      ['--port', `${port}`, '--dbpath', folder.path, '--bind_ip', '127.0.0.1', '--replSet', 'rs0'],
      folder,
    );
    const uri = `mongodb://127.0.0.1:${port}`;
    try {
      await server.seen(/Waiting for connections/, START_MS);
      await becomePrimary(uri, port);
    } catch (error) {
      await server.stop();
      return { absent: `${program} does not start: ${oneLine(error)}` };
    }
    const { pid, stop, kill } = server;
    return { server: { uri, pid, stop, kill }, what: `mongod at ${program}` };
  },
};

/** Waits until the server answers, makes it a replica set where it is none yet, and waits for its election. */
async function becomePrimary(uri: string, port: number): Promise<void> {
  const client = new mongo.MongoClient(uri, {
    directConnection: true,
    serverSelectionTimeoutMS: START_MS,
  });
  try {
    const admin = client.db('admin');
    const first = await admin.command({ hello: 1 });
    if (!first.setName) {
      const members = [{ _id: 0, host: `127.0.0.1:${port}` }];
      await admin.command({ replSetInitiate: { _id: 'rs0', members } });
    }
    const until = Date.now() + START_MS;
    while (!(await admin.command({ hello: 1 })).isWritablePrimary) {
      if (Date.now() > until) throw new Error('the replica set has no primary');
      await delay(50);
    }
  } finally {
    await client.close();
  }
}
