import { defineConfig } from 'vitest/config';

const project = (name: string, folders: string[], more: Record<string, unknown> = {}) => ({
  test: { name, include: folders.map((folder) => `test/${folder}/**/*.test.ts`), ...more },
});
const withPostgres = { globalSetup: ['test/support/postgres.ts'], testTimeout: 30_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    projects: [
      project('unit', ['unit', 'vectors', 'architecture']),
      project('integration', ['integration', 'conformance'], withPostgres),
      project('security', ['security'], {
        ...withPostgres,
        testTimeout: 120_000,
        exclude: ['test/security/browser/**'],
      }),
      // Abuse cases that take a browser run beside the other browser tests, one file after another.
      project('e2e', ['e2e', 'security/browser'], { ...withPostgres, testTimeout: 120_000, fileParallelism: false }),
    ],
  },
});
