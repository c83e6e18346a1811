/** The process that functions run in: its environment is theirs, and it ends with its parent. */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { openFunctions } from './functions.js';
import { serveSite } from './http-server.js';
import type { HostMessage, HostOptions, TickRequest } from './messages.js';
import { openSite, type Site } from './site.js';
import { readSiteConfig } from './site-config.js';

function send(message: HostMessage): void {
  process.send?.(message);
}

async function start(options: HostOptions): Promise<{ site: Site; port: number }> {
  const { projectRoot } = options;
  const config = await readSiteConfig(projectRoot);
  const functions = await openFunctions({
    ...options,
    functionsDirectory: resolve(
      projectRoot,
      options.functionsDirectory ?? config.functionsDirectory,
    ),
    includedFiles: config.includedFiles,
  });
  const site = openSite({
    functions,
    publishFolder: resolve(projectRoot, config.publish),
    redirect: config.redirect,
    rerunPausesMs: options.rerunPausesMs,
    log: (line) => console.log(line),
  });
  const server = await serveSite(site, options.port);
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('No TCP port was given.');
  return { site, port: address.port };
}

async function tick(site: Site, { id, tick: name }: TickRequest): Promise<void> {
  try {
    const { status, body } = await site.tick(name);
    send({ kind: 'ticked', id, status, text: new TextDecoder().decode(body) });
  } catch (error) {
    send({ kind: 'ticked', id, status: 0, text: String(error) });
  }
}

// The parent is the only one who starts this, with these very types.
const options = JSON.parse(process.argv[2] ?? '') as HostOptions;

process.on('exit', () => rmSync(options.buildFolder, { recursive: true, force: true }));
process.on('disconnect', () => process.exit());
// Ctrl-C reaches the whole group; the parent decides when this ends, and is heard even when it dies.
process.on('SIGINT', () => {});

try {
  const { site, port } = await start(options);
  process.on('message', (request: TickRequest) => void tick(site, request));
  send({ kind: 'listening', port });
} catch (error) {
  send({ kind: 'failed', message: String(error) });
  process.exitCode = 1;
  process.disconnect();
}
