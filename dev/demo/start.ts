import { type LocalBackend, serve } from '../serve/index.js';
import type { ApiClient } from '../test-sync-api/client.js';
import { expectAnswer, OPERATIONS } from '../test-sync-api/operations.js';
import type { Screen } from '../test-sync-api/screen.js';
import { FURTHER_OPERATIONS } from './further-operations.js';
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
      // Where the server is, and why it is this one, `npm run dev` says.
      const [essential = text] = text.split(/ \(|, at /);
      screen.result('ok', NAMES[part], performance.now() - began, essential);
      began = performance.now();
    },
  });
}

/** What configuring and syncing call. */
export const FIRST_FUNCTIONS = ['init-sync-config', 'sync-config', 'sync-table', 'sync-status'];

/** The functions of all operations that are called after that. */
export function furtherFunctions(): string[] {
  const labels = [...FURTHER_OPERATIONS, ...OPERATIONS].map(({ label }) => label);
  const names = new Set(labels.map((label) => label.split(' ')[1] ?? ''));
  // Whatever reaches the scheduled one, it does its work.
  return [...names].filter((name) => ![...FIRST_FUNCTIONS, 'scheduled-sync'].includes(name));
}

/**
 * Has Netlify's runtime build functions before they are called for something: the first call
 * of each takes seconds, and no sync could be watched.
 */
export async function buildFunctions(
  names: readonly string[],
  client: ApiClient,
  screen: Screen,
): Promise<void> {
  const began = performance.now();
  for (const [index, name] of names.entries()) {
    screen.progress(`  building functions: ${index} of ${names.length} …`);
    await expectAnswer(client, name, { method: 'OPTIONS' }, 204);
  }
  const took = performance.now() - began;
  screen.result(
    'ok',
    'Functions',
    took,
    `${names.length} built, which the runtime does at a first call`,
  );
}
