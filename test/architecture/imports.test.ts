import { cruise, type ICruiseResult, type IRegularForbiddenRuleType } from 'dependency-cruiser';
import { beforeAll, describe, expect, test } from 'vitest';

/** design.md §3: main, cli → app → oidc, journeys, jobs → domain (front doors) → platform, standards → nothing. */
const PACKAGES = '(^|/)node_modules/|^node:|^[a-z_/]+$';
const from = (path: string, pathNot?: string | string[]) => ({ path, ...(pathNot ? { pathNot } : {}) });

const rules: [promise: string, rule: Pick<IRegularForbiddenRuleType, 'from' | 'to'>][] = [
  [
    'standards import nothing of ours but standards',
    { from: from('^src/standards/'), to: { path: '^src/', pathNot: '^src/standards/' } },
  ],
  [
    'platform imports nothing of ours but platform and standards',
    { from: from('^src/platform/'), to: { path: '^src/', pathNot: '^src/(platform|standards)/' } },
  ],
  [
    'config imports platform only',
    { from: from('^src/config/'), to: { path: '^src/', pathNot: '^src/(config|platform|standards)/' } },
  ],
  [
    'domain imports domain, platform and standards only',
    { from: from('^src/domain/'), to: { path: '^src/', pathNot: '^src/(domain|platform|standards)/' } },
  ],
  [
    'a domain enters another by its front door',
    {
      from: from('^src/domain/([^/]+)/'),
      to: { path: '^src/domain/', pathNot: ['^src/domain/$1/', '^src/domain/[^/]+/index\\.ts$'] },
    },
  ],
  [
    'everybody else enters a domain by its front door',
    { from: from('^src/', '^src/domain/'), to: { path: '^src/domain/', pathNot: '^src/domain/[^/]+/index\\.ts$' } },
  ],
  [
    'a domain does not use its own front door',
    { from: from('^src/domain/([^/]+)/'), to: { path: '^src/domain/$1/index\\.ts$' } },
  ],
  [
    'a journey does not import another',
    {
      from: from('^src/journeys/([^/]+)/'),
      to: { path: '^src/journeys/', pathNot: '^src/journeys/($1/|[^/]+\\.ts$)' },
    },
  ],
  [
    'oidc, journeys and jobs do not reach up, nor read settings',
    { from: from('^src/(oidc|journeys|jobs)/'), to: { path: '^src/(config|cli|launcher|samples)/|^src/[^/]+\\.ts$' } },
  ],
  ['jobs and oidc do not import journeys', { from: from('^src/(jobs|oidc)/'), to: { path: '^src/journeys/' } }],
  [
    'only app, main, cli and launcher read settings',
    { from: from('^src/', '^src/([^/]+\\.ts$|app/|config/|cli/|launcher/)'), to: { path: '^src/config/' } },
  ],
  [
    'only the processes import the composition root',
    { from: from('^src/', '^src/([^/]+\\.ts$|app/|cli/|launcher/)'), to: { path: '^src/([^/]+\\.ts$|app/)' } },
  ],
  [
    'serve does not know what it serves',
    { from: from('^src/serve/'), to: { path: '^src/', pathNot: '^src/(serve|platform)/' } },
  ],
  [
    'only the composition root imports the sandbox, which stands on domain',
    { from: from('^src/', '^src/([^/]+\\.ts$|app/|sandbox/)'), to: { path: '^src/sandbox/' } },
  ],
  [
    'the sandbox imports domain, reader, platform and standards only',
    { from: from('^src/sandbox/'), to: { path: '^src/', pathNot: '^src/(sandbox|domain|reader|platform|standards)/' } },
  ],
  [
    'the reader imports standards only: it stands for what runs on the other side',
    { from: from('^src/reader/'), to: { path: '^src/', pathNot: '^src/(reader|standards)/' } },
  ],
  [
    'the command line, the sandbox and the composition root import the reader, and the server does not',
    { from: from('^src/', '^src/([^/]+\\.ts$|app/|cli/|sandbox/|reader/)'), to: { path: '^src/reader/' } },
  ],
  [
    'the composition root does not import the processes',
    { from: from('^src/(app/|(app|sandbox)\\.ts$)'), to: { path: '^src/(main\\.ts|cli/|launcher/|samples/)' } },
  ],
  [
    'nobody imports the launcher or the command line',
    { from: from('^src/', '^src/(launcher|cli)/'), to: { path: '^src/(launcher|cli)/' } },
  ],
  ['pcsc imports nothing of ours', { from: from('^src/pcsc/'), to: { path: '^src/', pathNot: '^src/pcsc/' } }],
  [
    'only the command line talks to the readers of this machine',
    { from: from('^src/', '^src/(cli|pcsc)/'), to: { path: '^src/pcsc/' } },
  ],
  ['samples import nothing of ours', { from: from('^src/samples/'), to: { path: '^src/', pathNot: '^src/samples/' } }],
  [
    'a sample does not import another',
    { from: from('^src/samples/([^/]+)/'), to: { path: '^src/samples/[^/]+/', pathNot: '^src/samples/$1/' } },
  ],
  ['migrations import nothing of ours', { from: from('^migrations/'), to: { path: '^(src|test)/' } }],
  ['sources do not import tests', { from: from('^src/'), to: { path: '^test/' } }],
  [
    'nothing imports itself in a circle (types may)',
    { from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
  ],
  ['every import resolves', { from: {}, to: { couldNotResolve: true, pathNot: PACKAGES } }],
  [
    'no development package at run time',
    { from: from('^src/', '^src/(launcher|cli)/'), to: { dependencyTypes: ['npm-dev'] } },
  ],
];

describe('who may import whom', () => {
  let result: ICruiseResult;
  beforeAll(async () => {
    const output = await cruise(['src', 'migrations'], {
      ruleSet: { forbidden: rules.map(([name, rule]) => ({ name, severity: 'error', ...rule })) },
      validate: true,
      doNotFollow: { path: 'node_modules' },
      tsPreCompilationDeps: true,
    });
    result = output.output as ICruiseResult;
  }, 60_000);

  test('the cruiser sees the sources (with some parsers it sees nothing and exits green)', () => {
    const ours = result.modules.filter(({ source }) => source.startsWith('src/'));
    expect(ours.length).toBeGreaterThan(10);
    expect(ours.reduce((sum, { dependencies }) => sum + dependencies.length, 0)).toBeGreaterThan(20);
  });

  test.each(rules.map(([name]) => name))('%s', (name) => {
    const broken = result.summary.violations
      .filter(({ rule }) => rule.name === name)
      .map(({ from: source, to }) => `${source} → ${to}`);
    expect(broken).toEqual([]);
  });
});
