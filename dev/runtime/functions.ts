import { FunctionsHandler } from '@netlify/functions-dev';
import { listFunctions } from '@netlify/zip-it-and-ship-it';
import { type Answer, plainAnswer } from './answer.js';
import { lastingBuildCache } from './build-cache.js';
import { observeCall } from './call.js';

/** How long a function may take, in seconds, as the platform states it. */
export interface Timeouts {
  readonly synchronous: number;
  readonly background: number;
}

export interface FunctionsOptions {
  readonly projectRoot: string;
  readonly functionsDirectory: string;
  readonly includedFiles: readonly string[];
  /** Where built functions go; never in the checkout. */
  readonly buildFolder: string;
  readonly timeouts: Timeouts;
}

export interface Functions {
  has(name: string): boolean;
  isScheduled(name: string): boolean;
  /** Never rejects: what fails is in `failure`, and the answer says so too. */
  invoke(name: string, request: Request): Promise<{ answer: Answer; failure?: Error }>;
}

type HandlerOptions = ConstructorParameters<typeof FunctionsHandler>[0];

/** The functions of a folder, each built when first called and run by Netlify's own local runner. */
export async function openFunctions(options: FunctionsOptions): Promise<Functions> {
  const { projectRoot, functionsDirectory, buildFolder, timeouts } = options;
  const listed = await listFunctions(functionsDirectory, { parseISC: true });
  const schedules = new Map(listed.map(({ name, schedule }) => [name, schedule]));
  const handler = new FunctionsHandler({
    config: configOf(options.includedFiles),
    destPath: buildFolder,
    projectRoot,
    settings: {},
    timeouts: { syncFunctions: timeouts.synchronous, backgroundFunctions: timeouts.background },
    geolocation: {},
    userFunctionsPath: functionsDirectory,
  });
  // biome-ignore lint/complexity/useLiteralKeys: private there; the only way to a build that outlives its call.
  handler['buildCache'] = lastingBuildCache();

  async function respond(name: string, request: Request): Promise<Answer> {
    const { origin } = new URL(request.url);
    // Found by its own path and called with the one that was asked for, as behind a rewrite.
    const match = await handler.match(new Request(`${origin}/.netlify/functions/${name}`));
    if (!match) throw new Error(`There is no function ${name}.`);
    const response = await match.handle(request);
    const body = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: [...response.headers], body };
  }

  return {
    has: (name) => schedules.has(name),
    isScheduled: (name) => schedules.get(name) !== undefined,
    async invoke(name, request) {
      try {
        const { value, failure } = await observeCall(() => respond(name, request));
        if (value) return { answer: value, ...(failure ? { failure } : {}) };
        throw failure;
      } catch (thrown) {
        const failure = thrown instanceof Error ? thrown : new Error(String(thrown));
        return { answer: plainAnswer(502, `${failure.message}\n`), failure };
      }
    },
  };
}

/** functions-dev asks for an object of a class it doesn't export, and calls `get` only. */
function configOf(includedFiles: readonly string[]): HandlerOptions['config'] {
  const site = { functions: { '*': { included_files: includedFiles } } };
  return { get: () => site } as unknown as HandlerOptions['config'];
}
