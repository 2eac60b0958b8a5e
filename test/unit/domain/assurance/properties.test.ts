import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AUTHENTICATOR_KINDS,
  type AuthenticatorKind,
  demandOf,
  evaluate,
  type Floors,
  type Outcome,
  type Proof,
  type Requirement,
  satisfies,
} from '../../../../src/domain/assurance/index.ts';
import { ASSURANCE_POLICY, worthOf } from '../../../../src/domain/assurance/policy.ts';
import { bestProofOf } from '../../../../src/domain/assurance/proofs.ts';
import { contexts, NOW, reach } from './proofs.ts';

const proof: fc.Arbitrary<Proof> = fc.record({
  kind: fc.constantFrom(...AUTHENTICATOR_KINDS),
  at: fc.oneof(
    fc.integer({ min: 0, max: 4000 }).map((age) => NOW - age),
    fc.constantFrom(NOW, NOW - 300, NOW - 301, NOW - 900, NOW - 901, NOW + 2),
  ),
  authenticatorId: fc.constantFrom('a', 'b'),
  userVerified: fc.option(fc.boolean(), { nil: undefined }),
  keyStorage: fc.constantFrom(undefined, 'hardware' as const, 'software' as const),
  chip: fc.constantFrom(undefined, 'active' as const, 'chip' as const),
  pad: fc.constantFrom(undefined, 'none' as const, 'basic' as const, 'evaluated' as const),
  channel: fc.constantFrom(undefined, 'sms' as const, 'email' as const),
});
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const floors: fc.Arbitrary<Floors> = fc.record({
  accountLevel: maybe(fc.constantFrom(1 as const, 2 as const)),
  authenticationLevel: maybe(fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const)),
  phishingResistant: maybe(fc.boolean()),
  strong: maybe(fc.boolean()),
});
const values = fc.array(fc.constantFrom(...contexts.supported, 'unknown', ''), { maxLength: 4 });
const request = fc.record({
  acrValues: maybe(values),
  claimsAcr: maybe(
    fc
      .record({ essential: fc.boolean(), values })
      .map(({ essential, values: some }) =>
        some.length === 1 ? { essential, value: some[0]! } : { essential, values: some },
      ),
  ),
  defaultAcrValues: maybe(values),
  voluntary: fc.boolean(),
  floors: fc.array(floors, { maxLength: 2 }),
  maxAge: maybe(fc.constantFrom(0, 1, 300, 900, 3600)),
  freshSince: maybe(fc.constantFrom(NOW - 600, NOW - 5)),
  requestedAt: maybe(fc.constantFrom(NOW - 500, NOW - 100)),
});
const situation = fc.record({
  request,
  proofs: fc.array(proof, { maxLength: 6 }),
  usable: fc.subarray([...AUTHENTICATOR_KINDS] as AuthenticatorKind[]),
  accountLevel: fc.constantFrom(1 as const, 2 as const),
});
type Situation = typeof situation extends fc.Arbitrary<infer S> ? S : never;

const answer = ({ request: asked, ...rest }: Situation): Outcome =>
  evaluate({ demand: demandOf(asked, contexts), ...rest, now: NOW, policy: ASSURANCE_POLICY });
const demanded = ({ request: asked }: Situation) => demandOf(asked, contexts);
const always = (holds: (one: Situation) => void) => fc.assert(fc.property(situation, holds), { numRuns: 2000 });

describe('whatever is asked and whatever was proven', { timeout: 60_000 }, () => {
  it('one more proof never lowers the pair reached when nothing particular is asked, nor takes a property from it', () => {
    fc.assert(
      fc.property(fc.array(proof, { maxLength: 6 }), proof, (proofs, more) => {
        const before = reach(...proofs);
        const after = reach(more, ...proofs);
        expect(after.authenticationLevel).toBeGreaterThanOrEqual(before.authenticationLevel);
        if (after.authenticationLevel === before.authenticationLevel && before.strong) expect(after.strong).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('one more proof never makes a met demand unmet, and never lowers the level that meets it', () => {
    fc.assert(
      fc.property(situation, proof, (one, more) => {
        const before = answer(one);
        const after = answer({ ...one, proofs: [...one.proofs, more] });
        if (!before.met) return;
        expect(after.met).toBe(true);
        expect(after.reached.authenticationLevel).toBeGreaterThanOrEqual(before.reached.authenticationLevel);
      }),
      { numRuns: 4000 },
    );
  });

  it('met means that the floor holds and that each necessary source has a value that holds', () => {
    always((one) => {
      const outcome = answer(one);
      if (!outcome.met) return;
      const { floor, requests } = demanded(one);
      expect(satisfies(outcome.reached, floor)).toBe(true);
      for (const { necessary, contexts: wanted } of requests) {
        if (necessary) expect(wanted.some(({ requires }) => satisfies(outcome.reached, requires))).toBe(true);
      }
    });
  });

  it('the answered acr is one of ours and is implied by what was reached', () => {
    always((one) => {
      const outcome = answer(one);
      if (!outcome.met) return;
      expect(contexts.supported).toContain(outcome.acr);
      expect(satisfies(outcome.reached, contexts.parse(outcome.acr)!.requires)).toBe(true);
      const essential = demanded(one).requests.find(({ source, necessary }) => source === 'claim' && necessary);
      if (essential) expect(essential.contexts.map(({ value }) => value)).toContain(outcome.acr);
    });
  });

  it('only proofs that were given are counted, each of worth and fresh, and auth_time is the oldest of them', () => {
    always((one) => {
      const { reached } = answer(one);
      for (const counted of reached.counted) {
        expect(one.proofs).toContain(counted);
        expect(worthOf(counted, ASSURANCE_POLICY)!.worth.length).toBeGreaterThan(0);
        if (one.request.freshSince !== undefined) expect(counted.at).toBeGreaterThanOrEqual(one.request.freshSince);
        if (one.request.maxAge !== undefined && one.request.requestedAt === undefined) {
          expect(NOW - counted.at).toBeLessThanOrEqual(one.request.maxAge);
        }
        if (reached.authenticationLevel >= 3) expect(NOW - counted.at).toBeLessThanOrEqual(900);
        expect(reached.authTime).toBeLessThanOrEqual(counted.at);
      }
    });
  });

  it('reachable means that each way, proven now, meets the demand, and that no way is longer than it must be', () => {
    always((one) => {
      const outcome = answer(one);
      if (outcome.met || !outcome.reachable) return;
      const { ways, kinds } = outcome.next;
      expect(ways.length).toBeGreaterThan(0);
      expect(new Set(ways.flat())).toEqual(new Set(kinds));
      const meets = (way: readonly AuthenticatorKind[], target: Requirement) => {
        const after = answer({ ...one, proofs: [...one.proofs, ...way.map((kind) => bestProofOf(kind, NOW))] });
        return after.met && satisfies(after.reached, target);
      };
      for (const way of ways) {
        expect(one.usable).toEqual(expect.arrayContaining(way));
        expect(meets(way, outcome.target)).toBe(true);
        for (const kind of way)
          expect(
            meets(
              way.filter((other) => other !== kind),
              outcome.target,
            ),
          ).toBe(false);
      }
    });
  });

  it('unreachable means that proving everything now would not meet it either', () => {
    always((one) => {
      const outcome = answer(one);
      if (outcome.met || outcome.reachable) return;
      const everything = one.usable.map((kind) => bestProofOf(kind, NOW));
      expect(answer({ ...one, proofs: [...one.proofs, ...everything] }).met).toBe(false);
    });
  });

  it('what is met with every first value does not depend on what could still be proven', () => {
    always((one) => {
      const blind = answer({ ...one, usable: [] });
      if (blind.met && blind.preferred) expect(answer(one)).toEqual(blind);
    });
  });

  it('a value to settle for is really met, and lies behind the one aimed at', () => {
    always((one) => {
      const outcome = answer(one);
      if (outcome.met || !outcome.reachable || !outcome.settle) return;
      const settled = answer({ ...one, usable: [] });
      expect(settled).toMatchObject({ met: true, acr: outcome.settle.acr, reached: outcome.settle.reached });
      expect(satisfies(outcome.settle.reached, outcome.target)).toBe(false);
    });
  });

  it('the order of the proofs changes nothing that is told to anybody', () => {
    const told = (outcome: Outcome) =>
      outcome.met ? [outcome.acr, outcome.reached.authenticationLevel, outcome.reached.authTime] : outcome.met;
    always((one) => {
      expect(told(answer({ ...one, proofs: [...one.proofs].reverse() }))).toEqual(told(answer(one)));
    });
  });

  it('no proof has two rows', () => {
    fc.assert(
      fc.property(proof, (one) => {
        const rows = ASSURANCE_POLICY.worth.filter((row) => worthOf(one, { ...ASSURANCE_POLICY, worth: [row] }));
        expect(rows).toHaveLength(1);
      }),
    );
  });
});
