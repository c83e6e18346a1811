/**
 * `npm run build`: what the site serves beside its pages: the client, made from `src/client`, and the
 * console, made from `console`. A deploy installs no development dependencies, so this is plain
 * JavaScript and needs esbuild alone.
 *
 *     node tools/build.mjs [folder]             default: public
 *     node tools/build.mjs [folder] --watch     until standard input ends: builds the console again
 *                                               when its source changes, and its page reloads itself
 */
import { copyFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const watch = process.argv.includes('--watch');
const folder = process.argv.slice(2).find((one) => one !== '--watch') ?? join(root, 'public');

const options = {
  bundle: true,
  format: 'esm',
  minify: true,
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'error',
  define: { RELOADS: String(watch) },
  outdir: folder,
  write: false,
};
const client = { 'client/datalake-sync': join(root, 'src/client/index.ts') };
const page = {
  'console/console': join(root, 'console/main.tsx'),
  'console/style': join(root, 'console/styles/style.css'),
};

/** Under another name first: a site that is being served never has half a file. */
async function put(path, write) {
  await mkdir(dirname(path), { recursive: true });
  const made = join(dirname(path), `.${process.pid}`);
  await write(made);
  await rename(made, path);
}

async function putAll({ outputFiles = [] }) {
  for (const { path, contents } of outputFiles) {
    await put(path, (made) => writeFile(made, contents));
  }
}

await put(join(folder, 'client/datalake-sync.d.ts'), (made) =>
  copyFile(join(root, 'src/client/public.d.ts'), made),
);
if (watch) {
  const writes = { name: 'write', setup: ({ onEnd }) => onEnd(putAll) };
  const watched = await context({ ...options, entryPoints: page, plugins: [writes] });
  await watched.watch();
  process.stdin.resume().on('end', () => process.exit());
} else {
  await putAll(await build({ ...options, entryPoints: { ...client, ...page } }));
}
