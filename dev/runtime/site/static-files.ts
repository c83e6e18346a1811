import { readFile, realpath } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import mime from 'mime';
import { type Answer, emptyAnswer } from '../answer.js';

/** For Netlify to read, not to serve. */
const NOT_SERVED = new Set(['/_headers', '/_redirects']);
const TEXT = /^text\/|[/+](?:javascript|json|xml)$/;

/**
 * The file of the published folder at a URL's path, with the short names that Netlify gives pages;
 * never one outside of it, be it by dots or by a symbolic link.
 */
export async function staticFile(publish: string, pathname: string): Promise<Answer | undefined> {
  const root = await realpath(resolve(publish)).catch(() => undefined);
  const wanted = decoded(pathname);
  if (root === undefined || wanted === undefined || NOT_SERVED.has(wanted)) return undefined;
  for (const path of [wanted, join(wanted, 'index.html'), `${wanted}.html`]) {
    const file = await realpath(join(root, path)).catch(() => undefined);
    if (!file?.startsWith(root.endsWith(sep) ? root : root + sep)) continue;
    const body = await readFile(file).catch(() => undefined);
    if (!body) continue;
    const type = mime.getType(extname(file)) ?? 'application/octet-stream';
    const charset = TEXT.test(type) ? '; charset=utf-8' : '';
    return { status: 200, headers: [['content-type', `${type}${charset}`]], body };
  }
  return undefined;
}

/** The site's own page for what is not there, or a line of text. */
export async function notFound(publish: string): Promise<Answer> {
  const page = await staticFile(publish, '/404.html');
  if (page) return { ...page, status: 404 };
  return {
    ...emptyAnswer(404),
    headers: [['content-type', 'text/plain; charset=utf-8']],
    body: new TextEncoder().encode('Not Found\n'),
  };
}

function decoded(pathname: string): string | undefined {
  try {
    const path = decodeURIComponent(pathname);
    return path.includes('\0') ? undefined : path;
  } catch {
    return undefined;
  }
}
