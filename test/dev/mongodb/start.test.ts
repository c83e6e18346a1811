import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import { afterAll, expect, inject, test, vi } from 'vitest';
import { databaseUri, startMongo } from '../../../dev/mongodb/index.js';

const scratch = await mkdtemp(join(tmpdir(), 'datalake-sync-test-'));
afterAll(() => rm(scratch, { recursive: true }));

/** What a machine has without an address of a server that somebody else runs. */
const { TEST_MONGODB_URI: _, ...ownEnv } = process.env;

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const dataFolders = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('datalake-sync-mongodb-'));

async function insertOne(uri: string): Promise<number> {
  const client = new mongo.MongoClient(databaseUri(uri, 'start'));
  try {
    await client.db().collection('rows').insertOne({ at: new Date() });
    return await client.db().collection('rows').countDocuments();
  } finally {
    await client.close();
  }
}

test('The server of this machine answers, and leaves neither process nor folder', async ({
  skip,
}) => {
  const before = new Set(dataFolders());
  const server = await startMongo({ env: ownEnv });
  const made = dataFolders().filter((name) => !before.has(name));
  expect(await insertOne(server.uri)).toBe(1);
  await server.stop();
  expect(made.some((name) => existsSync(join(tmpdir(), name)))).toBe(false);
  if (server.pid === undefined) return skip('mongodb-memory-server keeps its process to itself');
  expect(isAlive(server.pid)).toBe(false);
});

test('What it acknowledged survives a kill when commits are synced', async ({ skip }) => {
  const options = { env: ownEnv, syncOnCommit: true, storagePath: join(scratch, 'kept') };
  const first = await startMongo(options);
  await insertOne(first.uri);
  if (!first.kill) {
    await first.stop();
    return skip('mongodb-memory-server keeps its process to itself');
  }
  await first.kill();
  const second = await startMongo(options);
  expect(await insertOne(second.uri)).toBe(2);
  await second.stop();
  expect(existsSync(options.storagePath)).toBe(true);
});

test.runIf(process.platform === 'linux')('It ends with a process that is killed', async () => {
  const index = new URL('../../../dev/mongodb/index.ts', import.meta.url).href;
  const code = `const { startMongo } = await import('${index}');
    const { pid } = await startMongo();
    console.log(pid ?? 0);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    env: { ...ownEnv, TMPDIR: scratch },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(parent.stdout, 'data');
  const pid = Number(String(line));
  parent.kill('SIGKILL');
  // 0: the server is not a child of the killed process.
  await vi.waitFor(() => expect(pid !== 0 && isAlive(pid)).toBe(false), 10_000);
});

test('TEST_MONGODB_URI is used as it is, and not stopped', async () => {
  const env = { TEST_MONGODB_URI: inject('mongodbUri') };
  const server = await startMongo({ env });
  expect(server).toMatchObject({
    uri: inject('mongodbUri'),
    chose: 'the server that TEST_MONGODB_URI names',
  });
  await server.stop();
  await (await startMongo({ env })).stop();
});

test('A TEST_MONGODB_URI that does not answer is an error, not passed over', async () => {
  const env = { ...ownEnv, TEST_MONGODB_URI: 'mongodb://127.0.0.1:1' };
  await expect(startMongo({ env })).rejects.toThrow('TEST_MONGODB_URI names does not answer');
});

test('A mongod on the PATH is run with a port, a data folder and as a replica set', async () => {
  const bin = await mkdtemp(join(scratch, 'bin-'));
  const said = join(bin, 'arguments');
  // A process of mongod's name and habits that serves with the server of this very run.
  const relay = `
    const [host, port] = '${new mongo.MongoClient(inject('mongodbUri')).options.hosts[0]}'.split(':');
    const args = process.argv.slice(2);
    require('node:fs').writeFileSync('${said}', args.join(' '));
    const own = args[args.indexOf('--port') + 1];
    require('node:net').createServer((socket) => {
      const peer = require('node:net').connect(port, host);
      socket.pipe(peer).pipe(socket);
      for (const end of [socket, peer]) end.on('error', () => {});
    }).listen(own, '127.0.0.1', () => console.log('{"msg":"Waiting for connections"}'));`;
  await writeFile(join(bin, 'mongod'), `#!${process.execPath}\n${relay}`);
  await chmod(join(bin, 'mongod'), 0o755);

  const server = await startMongo({ env: { PATH: bin } });
  expect(server.chose).toBe(`mongod at ${join(bin, 'mongod')} (TEST_MONGODB_URI is not set)`);
  expect(await insertOne(`${server.uri}/?directConnection=true`)).toBeGreaterThan(0);
  expect(readFileSync(said, 'utf8')).toMatch(
    /^--port \d+ --dbpath \S+ --bind_ip 127\.0\.0\.1 --replSet rs0$/,
  );
  await server.stop();
  expect(isAlive(server.pid ?? 0)).toBe(false);
});

test('A mongod that ends at once is passed over, with what it said', async () => {
  const bin = await mkdtemp(join(scratch, 'bin-'));
  await writeFile(join(bin, 'mongod'), '#!/bin/sh\necho no space left >&2\nexit 1\n');
  await chmod(join(bin, 'mongod'), 0o755);
  const env = { ...ownEnv, PATH: `${bin}:${process.env.PATH}` };
  const server = await startMongo({ env });
  expect(server.chose).toContain('does not start');
  expect(server.chose).toContain('no space left');
  await server.stop();
});
