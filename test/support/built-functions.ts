import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { zipFunctions } from '@netlify/zip-it-and-ship-it';
import { readSiteConfig } from '../../dev/runtime/site/site-config.js';
import { unzip } from './unzip.js';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const LAMBDA = fileURLToPath(new URL('lambda.mjs', import.meta.url));
/** What a deploy's checkout has of the project that can matter to a function. */
const DEPLOYED = [
  ...['.npmrc', 'package.json', 'package-lock.json', 'netlify.toml', 'netlify', 'src'],
  'console',
  'docs/openapi.json',
  'tools/build.mjs',
];
/** Stand where real secrets might; no archive may hold one. */
export const DECOYS = ['ION_Credentials/IONAPI_CREDENTIALS.ionapi', '.env'] as const;

export interface BuiltFunction {
  readonly name: string;
  readonly schedule: string | undefined;
  readonly zipBytes: number;
  /** The archive's files, relative to `folder`. */
  readonly files: readonly string[];
  /** Where it is unpacked. */
  readonly folder: string;
}

export interface BuiltFunctions {
  readonly functions: readonly BuiltFunction[];
  /** What `npm run build` has made for the site, with its content. */
  readonly siteFiles: ReadonlyMap<string, Buffer>;
  remove(): Promise<void>;
}

/**
 * Builds the functions of these names, or every one, as a deploy does: from a fresh copy with
 * production dependencies only, by Netlify's bundler, with the included files of netlify.toml;
 * then unpacks each.
 */
export async function buildFunctions(only?: readonly string[]): Promise<BuiltFunctions> {
  const root = await mkdtemp(join(tmpdir(), 'datalake-sync-build-'));
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true });
  try {
    const project = join(root, 'project');
    await copyProject(project);
    const { functionsDirectory, includedFiles } = await readSiteConfig(project);
    if (only) await keepFunctions(join(project, functionsDirectory), only);
    const results = await zipFunctions(join(project, functionsDirectory), join(root, 'zips'), {
      basePath: project,
      archiveFormat: 'zip',
      config: {
        '*': {
          nodeVersion: '22',
          includedFiles: [...includedFiles],
          includedFilesBasePath: project,
        },
      },
    });
    const functions: BuiltFunction[] = [];
    for (const { name, path, schedule, size } of results) {
      const folder = join(root, 'unpacked', name);
      const files = await unzip(path, folder);
      functions.push({ name, schedule, zipBytes: size ?? 0, files, folder });
    }
    return { functions, siteFiles: await filesIn(join(project, 'public')), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function keepFunctions(folder: string, names: readonly string[]): Promise<void> {
  for (const file of await readdir(folder)) {
    if (file.endsWith('.ts') && !names.includes(basename(file, '.ts')))
      await rm(join(folder, file));
  }
}

async function filesIn(folder: string): Promise<Map<string, Buffer>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = names.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  return new Map(
    await Promise.all(
      paths.map(async (path) => [relative(folder, path), await readFile(path)] as const),
    ),
  );
}

async function copyProject(project: string): Promise<void> {
  for (const path of DEPLOYED) {
    await cp(join(PROJECT, path), join(project, path), { recursive: true });
  }
  for (const path of DECOYS) {
    await mkdir(join(project, path, '..'), { recursive: true });
    await writeFile(join(project, path), 'NOT_A_REAL_SECRET=1\n');
  }
  const args = ['ci', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund'];
  await promisify(execFile)('npm', args, { cwd: project });
  await promisify(execFile)('npm', ['run', 'build'], { cwd: project });
}

export interface BuiltAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Calls a built function in a fresh process whose environment is `env` alone.
 * @throws Error with what the process printed if it ends without an answer.
 */
export async function callBuilt(
  { name, folder }: BuiltFunction,
  { method = 'GET', body = '' }: { method?: string; body?: string },
  env: Readonly<Record<string, string>>,
): Promise<BuiltAnswer> {
  const child = spawn(process.execPath, [LAMBDA], {
    cwd: folder,
    env: { ...env, LAMBDA_TASK_ROOT: folder },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(
    JSON.stringify({
      rawUrl: `https://site.example/.netlify/functions/${name}`,
      httpMethod: method,
      headers: { host: 'site.example', ...(body ? { 'content-type': 'application/json' } : {}) },
      body,
      isBase64Encoded: false,
    }),
  );
  const [, logged, errors, answered] = await Promise.all(
    child.stdio.map((stream) => (stream instanceof Readable ? text(stream) : '')),
  );
  if (child.exitCode === null) await once(child, 'exit');
  const answer: unknown = answered ? JSON.parse(answered) : undefined;
  if (isAnswer(answer)) return answer;
  throw new Error(`${name} ended with ${child.exitCode} and no answer:\n${logged}${errors}`);
}

function isAnswer(value: unknown): value is BuiltAnswer {
  return typeof value === 'object' && value !== null && 'status' in value && 'body' in value;
}
