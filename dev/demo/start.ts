import { type LocalBackend, serve } from '../serve/index.js';
import type { Screen } from '../test-sync-api/screen.js';
import { number } from './number.js';
import type { DemoOptions } from './options.js';

const NAMES = {
  MongoDB: 'MongoDB',
  lake: "Infor's lake (stand-in)",
  runtime: "Netlify's runtime",
} as const;

/** Starts everything, a line a part. */
export async function startParts(
  { rows }: DemoOptions,
  screen: Screen,
  log: (line: string) => void,
): Promise<LocalBackend> {
  let began = performance.now();
  return serve({
    rows,
    log,
    onWait: (line) => screen.line(`  ${line}`),
    onPart(part, description) {
      const text = part === 'lake' ? `${description}, ${number(rows)} tasks` : description;
      screen.result('ok', NAMES[part], performance.now() - began, text);
      began = performance.now();
    },
  });
}
