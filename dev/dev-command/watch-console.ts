import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BUILD = fileURLToPath(new URL('../../tools/build.mjs', import.meta.url));

/**
 * Builds the console whenever its source changes; its page, where it is open, then loads itself again.
 * What does not compile is printed, and the page stays as it was.
 * @returns what ends it; the end of this process ends it as well
 */
export function watchConsole(): () => void {
  const build = spawn(process.execPath, [BUILD, '--watch'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  return () => build.stdin.end();
}
