/** `npm run mongodb`: one server until Ctrl-C; its connection string goes to standard output. */
import { startMongo } from './index.js';

const DEFAULT_PORT = 27_017;

const log = (line: string): void => console.error(line);
const port = Number(process.argv[2] ?? DEFAULT_PORT);

try {
  const server = await startMongo({ port, log });
  log(`Runs: ${server.chose}. Its data go with it. Ctrl-C ends it.`);
  console.log(server.uri);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void server.stop().finally(() => process.exit(0)));
  }
  // A server that is somebody else's holds nothing open here.
  setInterval(() => {}, 2 ** 30);
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
