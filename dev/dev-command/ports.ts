import { once } from 'node:events';
import { createServer } from 'node:net';
import { type DevOptions, HIGHEST_PORT } from './options.js';

/**
 * Looks before anything is started: MongoDB and the lake take seconds.
 * @throws Error where a port is taken, with what to pass instead
 */
export async function assertPortsFree({
  port,
  lakePort,
}: Pick<DevOptions, 'port' | 'lakePort'>): Promise<void> {
  if (port === lakePort && port !== 0) {
    throw new Error(
      `--port and --lake-port are both ${port}: the site and the lake need one each.`,
    );
  }
  const wanted = [
    { flag: '--port', what: 'the site', port },
    { flag: '--lake-port', what: 'the lake', port: lakePort },
  ];
  const taken: typeof wanted = [];
  for (const one of wanted) if (!(await isFree(one.port))) taken.push(one);
  if (taken.length === 0) return;
  const others = new Set(wanted.map((one) => one.port));
  const ports = taken.map(({ what, port: number }) => `port ${number} (for ${what})`).join(' and ');
  const free: string[] = [];
  for (const { flag, port: number } of taken) {
    const next = await nextFree(number, others);
    others.add(next);
    free.push(`${flag} ${next}`);
  }
  const flags = free.join(' ');
  const verb = taken.length > 1 ? 'are' : 'is';
  throw new Error(
    [
      `${ports.charAt(0).toUpperCase()}${ports.slice(1)} ${verb} in use, perhaps by another \`npm run dev\`.`,
      `Stop that one, or pass others: npm run dev -- ${flags}`,
      '0 takes any free port.',
    ].join('\n'),
  );
}

/** The next one that can be had; 0, which takes any, where none is near. */
async function nextFree(port: number, taken: ReadonlySet<number>): Promise<number> {
  for (let next = port + 1; next <= Math.min(port + 20, HIGHEST_PORT); next++) {
    if (!taken.has(next) && (await isFree(next))) return next;
  }
  return 0;
}

/** @throws Error where it can't be had for another reason, as one below 1024 */
async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw new Error(
      `Port ${port} cannot be opened: ${error instanceof Error ? error.message : error}.`,
    );
  } finally {
    server.close();
  }
}
