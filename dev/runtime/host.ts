/** The process that functions run in: its environment is theirs, and it ends with its parent. */
import { rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { resolve } from 'node:path';
import { emptyAnswer } from './answer.js';
import type { Functions } from './functions/functions.js';
import { openFunctions } from './functions/open.js';
import { type AnswerRequest, serveHttp } from './http-server.js';
import type { HostMessage, HostOptions, TickRequest } from './messages.js';
import { refuseOtherHosts } from './site/own-hosts.js';
import { openRedirects } from './site/redirects.js';
import { openSite } from './site/site.js';
import { readSiteConfig } from './site/site-config.js';
import { openStaticHeaders } from './site/static-headers.js';

const log = (line: string): void => console.log(line);

function send(message: HostMessage): void {
  process.send?.(message);
}

async function start(options: HostOptions): Promise<{ functions: Functions; port: number }> {
  const { projectRoot } = options;
  const config = await readSiteConfig(projectRoot);
  const publishFolder = resolve(projectRoot, config.publish);
  const matchRedirect = await openRedirects(config.redirects, publishFolder, log);
  const headersOf = await openStaticHeaders(config.headers, publishFolder, log);

  // The port is known when it is open, and what functions are told when it is known.
  let answer: AnswerRequest = async () => emptyAnswer(503);
  const server = await serveHttp((request) => answer(request), options.port);
  const port = portOf(server);
  const siteUrl = `http://127.0.0.1:${port}`;
  Object.assign(process.env, addressVariables(siteUrl), process.env);
  const functions = await openFunctions({
    ...options,
    ...{ siteUrl, log },
    functionsDirectory: resolve(
      projectRoot,
      options.functionsDirectory ?? config.functionsDirectory,
    ),
  });
  const callFunction: Functions['call'] = (name, request) => functions.call(name, request);
  const site = openSite({ callFunction, publishFolder, matchRedirect, headersOf });
  answer = options.ownHostsOnly ? refuseOtherHosts(site) : site;
  return { functions, port };
}

function portOf(server: Server): number {
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('No TCP port was given.');
  return address.port;
}

/** What a deploy knows of its own addresses. */
function addressVariables(url: string): Record<string, string> {
  return { URL: url, DEPLOY_URL: url, DEPLOY_PRIME_URL: url };
}

async function tick(functions: Functions, { id, tick: name }: TickRequest): Promise<void> {
  try {
    const { status, body } = await functions.tick(name);
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
  const { functions, port } = await start(options);
  process.on('message', (request: TickRequest) => void tick(functions, request));
  send({ kind: 'listening', port });
} catch (error) {
  send({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
  process.disconnect();
}
