import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // One process a file: what a module keeps (a connection, a cached setting) is not shared.
    pool: 'forks',
    // More than a small machine has cores: most files wait more than they compute.
    maxWorkers: 3,
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A machine that is busy with other files is slow, not wrong.
    expect: { poll: { timeout: 15_000 } },
  },
});
