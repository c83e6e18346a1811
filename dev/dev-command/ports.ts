import { once } from 'node:events';
import { createServer } from 'node:net';
import type { DevOptions } from './options.js';

/**
 * Looks before anything is started: MongoDB and the lake take seconds.
 * @throws Error where a port is taken, with what to pass instead
 */
export async function assertPortsFree({ port, lakePort }: DevOptions): Promise<void> {
  const wanted = [
    { flag: '--port', what: 'the site', port },
    { flag: '--lake-port', what: 'the lake', port: lakePort },
  ];
  const taken: typeof wanted = [];
  for (const one of wanted) if (!(await isFree(one.port))) taken.push(one);
  if (taken.length === 0) return;
  const ports = taken.map(({ what, port: number }) => `port ${number} (for ${what})`).join(' and ');
  const flags = taken.map(({ flag, port: number }) => `${flag} ${number + 1}`).join(' ');
  const verb = taken.length > 1 ? 'are' : 'is';
  throw new Error(
    [
      `${ports.charAt(0).toUpperCase()}${ports.slice(1)} ${verb} in use, perhaps by another \`npm run dev\`.`,
      `Stop that one, or pass others: npm run dev -- ${flags}`,
      '0 takes any free port.',
    ].join('\n'),
  );
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
