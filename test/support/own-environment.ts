import { afterAll, vi } from 'vitest';

/**
 * Files share the processes that run them, and with these what modules keep. Whatever a file sets
 * in the environment is gone when it ends, so that the next one finds it as it was.
 */
const before = { ...process.env };

afterAll(() => {
  vi.unstubAllEnvs();
  for (const name of Object.keys(process.env)) {
    if (!(name in before)) delete process.env[name];
  }
  Object.assign(process.env, before);
});
