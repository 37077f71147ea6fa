import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '**/.leadzen/**'];

export default defineConfig({
  test: {
    // Two workers: the smallest machine we test on has two cores, and every test file may hold a server's pools.
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...exclude, 'test/**/*.pg.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'pg',
          include: ['test/**/*.pg.test.ts'],
          exclude,
          globalSetup: ['test/support/template.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
