import { statfsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Databases are copied and dropped by the hundred: in memory, where the machine has 4 GiB of it for files, in a tenth of the time. */
const MEMORY = '/dev/shm';
try {
  const { bavail, bsize } = statfsSync(MEMORY);
  if (bavail * bsize > 4 * 2 ** 30) process.env.TMPDIR ??= MEMORY;
} catch {
  // No such place on this machine: its disk will do.
}

const project = (name: string, folders: string[], more: Record<string, unknown> = {}) => ({
  test: { name, include: folders.map((folder) => `test/${folder}/**/*.test.ts`), ...more },
});
// The modules of a worker are loaded once, not once for each file: nothing of ours keeps a state between two files.
const shared = { isolate: false };
const withPostgres = { globalSetup: ['test/support/postgres.ts'], testTimeout: 30_000, hookTimeout: 60_000 };

// What measures how long something takes has the machine to itself.
const TIMED = ['41-enumeration', '42-hash-flood', '42-sign-in-flood', '59-database-pressure'].map(
  (name) => `test/security/${name}.test.ts`,
);

/** What takes longest begins first, or one worker has it alone at the end. On a fresh machine nothing is known of the last run. */
const LONGEST = [
  'e2e/pages',
  'e2e/page-weight',
  'e2e/bank-and-portal',
  'browser/29-console-cross-site-scripting',
  'e2e/keyboard',
  'e2e/from-bootstrap-to-rollback',
  'browser/29-cross-site-scripting',
  'e2e/card-at-the-airline',
  'e2e/life-of-a-citizen',
  'integration/launcher',
  'security/57-killed-at-any-statement',
  'integration/production',
  'integration/commands-among-strangers',
  'security/66-sigterm-drain',
  'levels/matrix',
  'security/58-database-restart',
  'security/66-rolling-restart',
  'security/56-admin-api-fuzz',
  'security/51-faces',
  'assurance/matrix',
  'unit/fuzz',
  'assurance/properties',
  'remote-proofing/remote-proofing',
  'applications/office',
  'biometrics/embedded-face-matcher',
  'security/38-credential-stuffing',
  'people/relying-parties',
  'integration/reader-command-line',
  'reader/processes',
  'life/life',
  'portrait-decoder/portrait-decoder',
  'access/pace',
];
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  test: {
    // One more than the smallest machine has cores: a file waits for its database, its processes and its browser as much as it computes.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      project('unit', ['unit', 'vectors', 'architecture'], { testTimeout: 20_000, ...shared }),
      project('integration', ['integration', 'conformance'], { ...withPostgres, ...shared }),
      project('security', ['security'], {
        ...withPostgres,
        ...shared,
        testTimeout: 120_000,
        exclude: ['test/security/browser/**', ...TIMED],
      }),
      { test: { name: 'timed', include: TIMED, ...withPostgres, testTimeout: 120_000, fileParallelism: false } },
      // Abuse cases that take a browser run beside the other browser tests.
      project('e2e', ['e2e', 'security/browser'], {
        ...withPostgres,
        ...shared,
        testTimeout: 180_000,
        hookTimeout: 120_000,
      }),
    ],
  },
});
