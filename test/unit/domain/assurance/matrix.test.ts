import { describe, expect, it } from 'vitest';
import type { AccountLevel, AuthenticatorKind, Floors, Outcome } from '../../../../src/domain/assurance/index.ts';
import { acr, answer, type Case, NOW, proven, type Sort } from './proofs.ts';
import { type Expected, expected, type Request, type Seen } from './reference.ts';

/** Every sort that is worth something, and the kind that `usable` calls it by, where there is one. */
const WORTHY: Sort[] = ['password', 'totp', 'sms', 'passkey', 'securityKey', 'card', 'face'];
const WORTHLESS: Sort[] = ['cardRead', 'photograph', 'selfie', 'email', 'recovery'];
const KINDS: Record<string, AuthenticatorKind> = {
  password: 'password',
  totp: 'totp',
  sms: 'message-otp',
  passkey: 'passkey',
  card: 'chip-card',
  face: 'face',
};
const NAMES = ['level-1', 'level-2', '1.1', '1.2', '1.3', '1.4', '2.1', '2.2', '2.3', '2.4'] as const;
const FLOORS: Request['floor'][] = [
  undefined,
  { account: 2 },
  { authentication: 2 },
  { strong: true, authentication: 2 },
  { phishingResistant: true },
  { account: 2, authentication: 3, phishingResistant: true },
];

const requestsFor = (names: readonly string[]): Request[] => [
  ...FLOORS.map((floor): Request => (floor ? { floor } : {})),
  ...names.flatMap((name): Request[] => [
    { acrValues: [name] },
    { essential: [name] },
    { defaults: [name] },
    { acrValues: [name], voluntary: true },
    { essential: [name], acrValues: ['1.1'] },
    { essential: ['2.2'], defaults: [name] },
    { acrValues: [name, '1.1'], floor: { authentication: 2 } },
    { acrValues: ['2.4', name] },
    { acrValues: [name, 'level-2', '1.1'] },
    { essential: [name, '2.1'], acrValues: ['2.4', 'level-2', '1.1'] },
  ]),
];

const subsets = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: 2 ** items.length }, (_, bits) => items.filter((_item, at) => bits & (1 << at)));

const uris = (names: readonly string[] | undefined) => names?.map((name) => acr(name as (typeof NAMES)[number]));

function asCase(request: Request, seen: readonly Seen[], account: AccountLevel, usable: readonly string[]): Case {
  const { floor } = request;
  const floors: Floors[] = floor
    ? [
        { accountLevel: floor.account as AccountLevel, phishingResistant: floor.phishingResistant },
        { authenticationLevel: floor.authentication as 1 | 2 | 3 | 4, strong: floor.strong },
      ]
    : [];
  return {
    proofs: seen.map(({ sort, age }) => proven[sort as Sort](age)),
    accountLevel: account,
    usable: usable.map((sort) => KINDS[sort]!),
    ...(request.essential ? { claimsAcr: { essential: true, values: uris(request.essential)! } } : {}),
    acrValues: uris(request.acrValues),
    defaultAcrValues: uris(request.defaults),
    voluntary: request.voluntary ?? false,
    floors,
    maxAge: request.maxAge,
  };
}

/** Both answers in the same words. */
const plainly = (outcome: Outcome): string => {
  if (!outcome.met) return outcome.reachable ? `step up to ${outcome.target.acr ?? 'floor'}` : 'unreachable';
  const { reached } = outcome;
  return [outcome.acr, level(reached), reached.authTime, reached.counted.length].join(' ');
};
const level = (one: { authenticationLevel: number; strong: boolean; phishingResistant: boolean }) =>
  `${one.authenticationLevel}${one.strong ? ' strong' : ''}${one.phishingResistant ? ' phishing-resistant' : ''}`;
const plainlyExpected = (outcome: Expected): string => {
  if (!outcome.met && !outcome.reachable) return 'unreachable';
  if (!outcome.met) return `step up to ${outcome.target ? uris([outcome.target])![0] : 'floor'}`;
  const { found } = outcome;
  const reached = level({ ...found, authenticationLevel: found.authentication });
  return [uris([outcome.acr])![0], reached, NOW - found.oldest, found.size].join(' ');
};

/** Counts the answers, and collects each that differs from the reference. */
function compare(cases: Iterable<{ request: Request; seen: Seen[]; account: AccountLevel; usable: string[] }>) {
  const tally = { met: 0, 'step up': 0, unreachable: 0 };
  const different: unknown[] = [];
  for (const one of cases) {
    const { request, seen, account, usable } = one;
    const ours = plainly(answer(asCase(request, seen, account, usable)));
    const outcome = expected(request, seen, account, usable);
    const theirs = plainlyExpected(outcome);
    tally[outcome.met ? 'met' : outcome.reachable ? 'step up' : 'unreachable']++;
    if (ours !== theirs) different.push({ ...one, ours, theirs });
  }
  return { tally, different };
}

/** Many small computations: seconds on a busy machine. */
const PATIENCE = 60_000;

describe('every choice of proofs, against the decisions read literally', { timeout: PATIENCE }, () => {
  it('all proofs fresh × account levels × requests', () => {
    const requests = requestsFor(NAMES);
    const cases = subsets(WORTHY).flatMap((sorts) =>
      ([1, 2] as const).flatMap((account) =>
        requests.map((request) => ({ request, account, usable: [], seen: sorts.map((sort) => ({ sort, age: 0 })) })),
      ),
    );
    const { tally, different } = compare(cases);
    expect(different.slice(0, 5)).toEqual([]);
    expect(cases.length).toBe(128 * 2 * 106);
    expect(tally.met).toBeGreaterThan(8000);
    expect(tally.unreachable).toBeGreaterThan(8000);
  });

  it('ages × max_age × requests', () => {
    const sorts = ['password', 'sms', 'passkey', 'card', 'face'] as const;
    const ages = [undefined, 0, 600, 2000];
    let histories: Seen[][] = [[]];
    for (const sort of sorts) {
      histories = histories.flatMap((seen) => ages.map((age) => (age === undefined ? seen : [...seen, { sort, age }])));
    }
    const requests = [...FLOORS.map((floor): Request => (floor ? { floor } : {})), { acrValues: ['level-2'] }];
    const cases = histories.flatMap((seen) =>
      [undefined, 300, 1000].flatMap((maxAge) =>
        [...requests, { acrValues: ['2.3', '2.2'] }, { acrValues: ['2.4'] }].map((request) => ({
          request: maxAge === undefined ? request : { ...request, maxAge },
          seen,
          account: 2 as const,
          usable: [],
        })),
      ),
    );
    const { tally, different } = compare(cases);
    expect(different.slice(0, 5)).toEqual([]);
    expect(cases.length).toBe(1024 * 3 * 9);
    expect(Math.min(tally.met, tally.unreachable)).toBeGreaterThan(2000);
  });

  it('what the account could still prove × what was proven × requests', () => {
    const seen: Seen[][] = [
      [],
      [{ sort: 'password', age: 5 }],
      [{ sort: 'password', age: 2000 }],
      [{ sort: 'passkey', age: 2000 }],
      [
        { sort: 'card', age: 2000 },
        { sort: 'face', age: 10 },
      ],
    ];
    const requests = requestsFor(['level-2', '1.1', '2.2', '2.3']);
    const cases = subsets(Object.keys(KINDS)).flatMap((usable) =>
      seen.flatMap((history) =>
        ([1, 2] as const).flatMap((account) =>
          requests.map((request) => ({ request, account, usable, seen: history })),
        ),
      ),
    );
    const { tally, different } = compare(cases);
    expect(different.slice(0, 5)).toEqual([]);
    expect(Math.min(tally.met, tally['step up'], tally.unreachable)).toBeGreaterThan(3000);
  });

  it('what is worth nothing changes nothing', () => {
    const different: unknown[] = [];
    for (const sorts of subsets(WORTHY)) {
      const proofs = sorts.map((sort) => proven[sort]());
      const plain = answer({ proofs });
      for (const noise of subsets(WORTHLESS).slice(1)) {
        const noisy = answer({ proofs: [...noise.map((sort) => proven[sort]()), ...proofs] });
        if (JSON.stringify(noisy) !== JSON.stringify(plain)) different.push({ sorts, noise });
      }
    }
    expect(different).toEqual([]);
  });
});
