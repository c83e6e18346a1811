import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
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

/** A request of the page to the API, or what answers in place of it. */
export type Answer = (name: string, request: Request) => Promise<Response>;

/**
 * The site as it is deployed, in this process: the built console under the headers of netlify.toml, and
 * the functions.
 * @param answer may answer in place of a function
 * @returns the origin
 */
export async function serveConsole(answer: Answer = (_, request) => respond(request)) {
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

const SIZES = [320, 1280];
const SCHEMES = ['light', 'dark'] as const;

/**
 * Asserts that axe finds nothing wrong with what a page shows, narrow and wide, light and dark, and that
 * nothing is cut off; and takes a picture of each.
 */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true });
  for (const colorScheme of SCHEMES) {
    for (const width of SIZES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      const path = `${SCREENSHOTS}/${name}-${colorScheme}-${width}.png`;
      await page.screenshot({ path, fullPage: true });
      expect(await violations(page), `${name}, ${colorScheme}, ${width} px`).toEqual([]);
      const overflow = 'document.documentElement.scrollWidth - innerWidth';
      expect(await page.evaluate(overflow), `${name} at ${width} px`).toBeLessThanOrEqual(0);
    }
  }
}

async function violations(page: Page): Promise<string[]> {
  // The page's policy forbids inline scripts; `evaluate` is none.
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe.source);
  const found = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
    'axe.run().then(({ violations }) => violations)',
  );
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
