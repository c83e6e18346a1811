/** `npm run dev`: the whole backend on this machine, until Ctrl-C. */
import { once } from 'node:events';
import { guide } from './dev-command/guide.js';
import { jsonLine, readableLine } from './dev-command/log-lines.js';
import { DEV_HELP, type DevOptions, devOptions } from './dev-command/options.js';
import { assertPortsFree } from './dev-command/ports.js';
import { watchConsole } from './dev-command/watch-console.js';
import { Stopped, serve } from './serve/index.js';
import { tellStory } from './story/story.js';

async function run(options: DevOptions): Promise<void> {
  const { json, open, rows, port, lakePort, story } = options;
  // Until then nobody but the story calls the functions.
  let isTelling = story;
  const say = (text: string) => (json ? console.error(text) : console.log(text));
  await assertPortsFree(options);
  const backend = await serve({
    ...{ rows, port, lakePort, open },
    lakeClock: 'now',
    logLevel: process.env.LOG_LEVEL || 'info',
    log: (line) => {
      if (!isTelling) console.log(json ? jsonLine(line) : readableLine(line));
    },
    onWait: say,
    onPart: (part, description) => say(`✓ ${part}: ${description}`),
  });
  const stopWatching = watchConsole();
  try {
    if (story) {
      say('Some runs of each table …');
      say(`\n${await tellStory(backend)}`);
      isTelling = false;
    }
    say(guide(backend, options));
    const ended = backend.runtime.ended.then(() => {
      if (!backend.stopped.aborted) throw new Error('The local runtime ended by itself.');
    });
    if (!backend.stopped.aborted) await Promise.race([once(backend.stopped, 'abort'), ended]);
    ended.catch(() => {});
  } finally {
    stopWatching();
    await backend.close();
  }
}

try {
  const options = devOptions(process.argv.slice(2));
  if (options === 'help') console.log(DEV_HELP);
  else await run(options);
  process.exit(0);
} catch (error) {
  if (error instanceof Stopped) process.exit(error.status);
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
