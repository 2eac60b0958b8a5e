import { describe, expect, it } from 'vitest';
import {
  ASSURANCE_POLICY,
  type AuthenticationLevel,
  type CombinationRow,
  type Policy,
  type WorthRow,
} from '../../../../src/domain/assurance/index.ts';
import { FACETS } from '../../../../src/domain/assurance/policy.ts';
import { acr, answer, proven, SORTS, type Sort } from './proofs.ts';

/** All choices of up to three sorts of proof, fresh and 15 minutes and a second old: what each reaches, and for whom. */
const CHOICES: Sort[][] = SORTS.flatMap((a, i) => [
  [a],
  ...SORTS.slice(i + 1).flatMap((b, j) => [[a, b], ...SORTS.slice(i + j + 2).map((c) => [a, b, c])]),
]);
const AGES = [0, 900, 901];

function* answers(policy?: Policy): Generator<string> {
  for (const choice of CHOICES) {
    for (const age of AGES) {
      const proofs = choice.map((sort) => proven[sort](age));
      const { reached } = answer({ proofs, ...(policy ? { policy } : {}) });
      const { authenticationLevel, strong, phishingResistant } = reached;
      const strongly = answer({ proofs, acrValues: [acr('level-2')], ...(policy ? { policy } : {}) }).met;
      yield `${choice} ${age}: ${authenticationLevel} ${strong} ${phishingResistant} ${strongly}`;
    }
  }
}
const usual = [...answers()];
/** The first answer that a changed policy gives differently. */
const changed = (policy: Policy): string | undefined => {
  let at = 0;
  for (const one of answers(policy)) if (one !== usual[at++]) return one;
  return undefined;
};

const withWorth = (id: string, change: (row: WorthRow) => WorthRow[]): Policy => ({
  ...ASSURANCE_POLICY,
  worth: ASSURANCE_POLICY.worth.flatMap((row) => (row.id === id ? change(row) : [row])),
});
const withCombination = (id: string, change: (row: CombinationRow) => CombinationRow[]): Policy => ({
  ...ASSURANCE_POLICY,
  combinations: ASSURANCE_POLICY.combinations.flatMap((row) => (row.id === id ? change(row) : [row])),
});

/** Not shown by an authenticator: `worth.test.ts` reads these rows themselves. */
const NOT_PROOFS = ['email-code', 'card-access-number', 'machine-readable-zone', 'qr-text'];
/**
 * A passkey that verified its user is 2 and strong by itself: to be a genuine chip too would add nothing, and as a plain
 * possession (as against an unrestricted one) it is never needed. Knowledge that may stand alone gives level 1 and no more,
 * which a possession gives by itself.
 */
const WITHOUT_EFFECT = [
  'passkey.user-verified + genuine-chip',
  'passkey.user-verified - possession',
  ...['totp', 'sms-code', 'passkey.user-verified', 'passkey.not-verified', 'chip.genuine'].map(
    (row) => `${row} + lone-knowledge`,
  ),
];

describe('no row of the policy can change without a test that sees it', { timeout: 120_000 }, () => {
  it('the answers are many and of every sort', () => {
    expect(usual.length).toBe((13 + 78 + 286) * 3);
    for (const level of [0, 1, 2, 3, 4]) expect(usual.some((one) => one.includes(`: ${level} `))).toBe(true);
  });

  for (const row of ASSURANCE_POLICY.worth.filter(({ id }) => !NOT_PROOFS.includes(id))) {
    it(`${row.id}: dropped, or one facet less`, () => {
      if (row.worth.length > 0) expect(changed(withWorth(row.id, () => []))).toBeDefined();
      for (const lost of row.worth) {
        const worth = row.worth.filter((facet) => facet !== lost);
        const answerNow = changed(withWorth(row.id, () => [{ ...row, worth }]));
        expect(answerNow === undefined, `without ${lost}`).toBe(WITHOUT_EFFECT.includes(`${row.id} - ${lost}`));
      }
    });
    it(`${row.id}: one facet more`, () => {
      for (const gained of FACETS.filter((facet) => !row.worth.includes(facet))) {
        const answerNow = changed(withWorth(row.id, () => [{ ...row, worth: [...row.worth, gained] }]));
        expect(answerNow === undefined, `with ${gained}`).toBe(WITHOUT_EFFECT.includes(`${row.id} + ${gained}`));
      }
    });
  }

  for (const row of ASSURANCE_POLICY.combinations) {
    it(`${row.id}: dropped`, () => {
      expect(changed(withCombination(row.id, () => []))).toBeDefined();
    });
    it(`${row.id}: one need less`, () => {
      for (const need of row.needs) {
        const needs = row.needs.filter((facet) => facet !== need);
        expect(changed(withCombination(row.id, () => [{ ...row, needs }])), `without ${need}`).toBeDefined();
      }
    });
    it(`${row.id}: worth more or less, older or younger`, () => {
      const { gives } = row;
      const others: CombinationRow[] = [];
      if ('authenticationLevel' in gives) {
        for (const other of [1, 2, 3, 4] as AuthenticationLevel[]) {
          if (other !== gives.authenticationLevel) others.push({ ...row, gives: { authenticationLevel: other } });
        }
      }
      if (row.maxAge !== undefined) {
        const { maxAge, ...ageless } = row;
        others.push(ageless, { ...row, maxAge: maxAge - 1 }, { ...row, maxAge: maxAge + 1 });
      } else {
        others.push({ ...row, maxAge: 0 });
      }
      for (const other of others) {
        expect(changed(withCombination(row.id, () => [other])), JSON.stringify(other)).toBeDefined();
      }
    });
  }
});
