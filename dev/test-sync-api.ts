/** `npm run test-sync-api -- --url https://site.example`: is a deployment well? */
import { testSyncApi } from './test-sync-api/command.js';
import { createScreen, wantsColour } from './test-sync-api/screen.js';

const { argv, env, stdout } = process;
const screen = createScreen(stdout, { colour: wantsColour(stdout, env) });
process.exit(await testSyncApi(argv.slice(2), env, screen));
