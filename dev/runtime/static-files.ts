import { readFile } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { type Answer, NOT_FOUND } from './answer.js';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};

/** The file of the published folder at a URL's path, with the short names that Netlify gives pages. */
export async function staticFile(publish: string, pathname: string): Promise<Answer> {
  const root = resolve(publish);
  const wanted = decoded(pathname);
  if (wanted === undefined) return NOT_FOUND;
  for (const path of [wanted, join(wanted, 'index.html'), `${wanted}.html`]) {
    const file = join(root, path);
    if (!file.startsWith(root + sep)) continue;
    const body = await readFile(file).catch(() => undefined);
    if (!body) continue;
    const type = CONTENT_TYPES[extname(file)] ?? 'application/octet-stream';
    return { status: 200, headers: [['content-type', type]], body };
  }
  return NOT_FOUND;
}

function decoded(pathname: string): string | undefined {
  try {
    const path = decodeURIComponent(pathname);
    return path.includes('\0') ? undefined : path;
  } catch {
    return undefined;
  }
}
