import { join } from 'node:path';
import { cacheFolder } from './cache-folder.js';
import type { Candidate } from './candidate.js';
import { dataFolder } from './data-folder.js';
import { findProgram, isExecutable } from './find-program.js';
import { oneLine } from './one-line.js';
import { buildSecantus, CRATE, VERSION } from './secantus-build.js';
import { startProcess } from './server-process.js';

const PROGRAM = 'secantusd-rs';
const START_MS = 30_000;

/**
 * A server that speaks MongoDB's protocol and can be built from a package registry: for
 * tests and the demo where no MongoDB can be had. `behaviour.test.ts` checks what we rely on.
 */
export const secantus: Candidate = {
  remedy: `install cargo (≥ 1.95) and cmake, with which ${CRATE} is built once in about 4 minutes`,
  async attempt({ env, port, storagePath, syncOnCommit, log }) {
    let program: string;
    try {
      program = await findSecantus(env, log);
    } catch (error) {
      return { absent: `no ${PROGRAM}: ${oneLine(error)}` };
    }
    const folder = await dataFolder(storagePath);
    const server = await startProcess(
      program,
      [
        ...['--port', `${port}`, '--storage-path', folder.path, '--cache-size', '256M'],
        ...(syncOnCommit ? ['--sync-on-commit'] : []),
      ],
      folder,
    );
    try {
      const listening = await server.seen(/listening on (\S+:\d+)/, START_MS);
      const { pid, stop, kill } = server;
      return {
        server: { uri: `mongodb://${listening[1]}`, pid, stop, kill },
        what: `${PROGRAM}, a stand-in for MongoDB, at ${program}`,
      };
    } catch (error) {
      await server.stop();
      return { absent: `${program} does not start: ${oneLine(error)}` };
    }
  },
};

async function findSecantus(env: NodeJS.ProcessEnv, log: (line: string) => void): Promise<string> {
  const onPath = await findProgram(PROGRAM, env);
  if (onPath) return onPath;
  const root = join(cacheFolder(env), `${CRATE}-${VERSION}`);
  const program = join(root, 'bin', PROGRAM);
  if (!(await isExecutable(program))) await buildSecantus(root, program, env, log);
  return program;
}
