import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where what is slow to come by is kept between runs, outside the checkout. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'datalake-sync');
}
