import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { readSiteConfig } from '../../dev/runtime/site/site-config.js';
import { notFound, staticFile } from '../../dev/runtime/site/static-files.js';
import { openStaticHeaders } from '../../dev/runtime/site/static-headers.js';
import { respondWithFunction, serveLocally } from './serve.js';

const SCREENSHOTS = 'test/browser/screenshots';
const FUNCTION = '/.netlify/functions/';

/**
 * The site as it is deployed, in this process: the built console under the headers of netlify.toml, and
 * the functions.
 * @param answer what a function answers, by its name
 * @returns the origin
 */
export async function serveConsole(
  answer: (name: string, request: Request) => Promise<Response>,
): Promise<string> {
  await promisify(execFile)(process.execPath, ['tools/build.mjs']);
  const { headers } = await readSiteConfig('.');
  const headersOf = await openStaticHeaders(headers, 'public', (line) => {
    throw new Error(line);
  });
  return serveLocally(async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith(FUNCTION)) return answer(pathname.slice(FUNCTION.length), request);
    const {
      status,
      headers: own,
      body,
    } = (await staticFile('public', pathname)) ?? (await notFound('public'));
    const sent = [...own, ...headersOf(pathname)].map(([name, value]): [string, string] => [
      name,
      value,
    ]);
    return new Response(Buffer.from(body), { status, headers: sent });
  });
}

/** A background function is answered before it begins. */
export async function respond(request: Request): Promise<Response> {
  if (!new URL(request.url).pathname.endsWith('-background')) return respondWithFunction(request);
  void respondWithFunction(request).catch(() => undefined);
  return new Response(null, { status: 202 });
}

/** Each theme and each width once: what is wrong with a colour or a layout is so in the other pair, too. */
const VIEWS = [
  ['light', 1280],
  ['dark', 320],
] as const;
const ALL_VIEWS = [...VIEWS, ['dark', 1280], ['light', 320]] as const;
const takesPictures = process.env.SCREENSHOTS === '1';

/**
 * Asserts that axe finds nothing wrong with what a page shows, and that nothing is wider than it. With
 * SCREENSHOTS=1 this is done in both themes at both widths, and a picture is taken of each.
 */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  for (const [colorScheme, width] of takesPictures ? ALL_VIEWS : VIEWS) {
    const view = `${name}-${colorScheme}-${width}`;
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    if (takesPictures) {
      await page.screenshot({ path: `${SCREENSHOTS}/${view}.png`, fullPage: true });
    }
    expect(await violations(page), view).toEqual([]);
    const tooWide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(tooWide, view).toBeLessThanOrEqual(0);
  }
}

async function violations(page: Page): Promise<string[]> {
  // The page's policy forbids inline scripts; `evaluate` is none.
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe.source);
  const found = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
    "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)",
  );
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
