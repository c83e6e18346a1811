import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { readSiteConfig } from '../../dev/runtime/site/site-config.js';

await promisify(execFile)(process.execPath, ['tools/build.mjs']);
const files = (await readdir('public', { recursive: true })).filter((name) => /\.\w+$/.test(name));

it('No published page holds what the site forbids its pages: code or styles within it', async () => {
  const { headers } = await readSiteConfig('.');
  const policy = headers[0]?.values['Content-Security-Policy'];
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  for (const name of files.filter((file) => file.endsWith('.html'))) {
    const page = await readFile(join('public', name), 'utf8');
    expect(page, name).not.toMatch(
      /<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc="\/)|javascript:/i,
    );
    // What it loads comes from the site itself, and is there.
    const loaded = [...page.matchAll(/<(?:script|link|img)[^>]*\s(?:src|href)="([^"]+)"/g)];
    for (const [, address = ''] of loaded) {
      expect(address, name).toMatch(/^\/(?!\/)/);
      expect(files, name).toContain(address.slice(1));
    }
  }
});
