import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium as playwright } from 'playwright-core';
import { afterAll } from 'vitest';

/**
 * A browser of the calling test file's own, closed with it. It is unpacked into a folder of its
 * own, since the package takes whatever browser it finds in the shared one.
 */
export async function startBrowser(): Promise<Browser> {
  const folder = await mkdtemp(join(tmpdir(), 'browser-'));
  const shared = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  const { default: chromium } = await import('@sparticuz/chromium');
  const executablePath = await chromium.executablePath();
  // Among the package's own arguments, and it would hide every mistake about origins.
  const args = chromium.args.filter((arg) => arg !== '--disable-web-security');
  const browser = await playwright.launch({ executablePath, args });
  afterAll(async () => {
    await browser.close();
    if (shared === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = shared;
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return browser;
}
