/**
 * `npm run build`: what the site serves beside its pages, made from `src`. A deploy installs no
 * development dependencies, so this is plain JavaScript and needs esbuild alone.
 *
 *     node tools/build.mjs [folder]     default: public
 */
import { copyFile, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(process.argv[2] ?? join(root, 'public'), 'client');

await mkdir(folder, { recursive: true });
// Under another name first: a site that is being served never has half a file.
const made = join(folder, `.${process.pid}`);
await build({
  entryPoints: [join(root, 'src/client/index.ts')],
  outfile: `${made}.js`,
  bundle: true,
  format: 'esm',
  minify: true,
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'error',
});
await copyFile(join(root, 'src/client/public.d.ts'), `${made}.d.ts`);
await rename(`${made}.js`, join(folder, 'datalake-sync.js'));
await rename(`${made}.d.ts`, join(folder, 'datalake-sync.d.ts'));
