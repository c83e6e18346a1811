/** `npm run demo`: the whole backend on this machine, from an empty database to a second sync. */
import { DEMO_HELP, demoOptions } from './demo/options.js';
import { runDemo } from './demo/story.js';
import { createScreen, wantsColour } from './test-sync-api/screen.js';

const { argv, env, stdout } = process;
const screen = createScreen(stdout, { colour: wantsColour(stdout, env) });

try {
  const options = demoOptions(argv.slice(2));
  if (options === 'help') screen.line(DEMO_HELP);
  process.exit(options === 'help' ? 0 : await runDemo(options, screen));
} catch (error) {
  screen.line(`✗ ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
