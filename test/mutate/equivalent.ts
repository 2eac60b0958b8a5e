import type { Mutant } from './mutants.ts';

/** A mutant that nobody can tell from the source, and why. */
export interface Equivalent {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Of several alike in a file, which, counted from 0; all of them where nothing is said. */
  readonly nth?: number;
  readonly because: string;
}

export const EQUIVALENT: readonly Equivalent[] = [
  {
    ...{ file: 'compare.ts', from: '4', to: '5' },
    because: 'no five proofs show what four do not: of eight facets a passkey has four and a password two',
  },
  {
    ...{ file: 'compare.ts', from: 'subsetsOf(sorts).filter(({ length }) => length <= MOST_PROOFS)' },
    to: 'subsetsOf(sorts)',
    because: 'more sets than four proofs give, and the same differences: only smallest sets are told',
  },
  {
    ...{ file: 'compare.ts', from: '2', to: '3' },
    because: 'the account level of a weighing that asks only what proofs reach',
  },
  {
    ...{ file: 'compare.ts', from: 'accountLevel: 2', to: '...{}' },
    because: 'the account level of a weighing that asks only what proofs reach',
  },
  {
    ...{ file: 'reach.ts', from: '>', to: '>=', nth: 1 },
    because: 'the merit that tells two choices apart is never the same for both',
  },
  {
    ...{ file: 'evaluate.ts', from: '??=', to: '=' },
    because: 'what is computed again is the same: only the time differs',
  },
  {
    ...{ file: 'evaluate.ts', from: 'known.set(key, answer);', to: '{}' },
    because: 'what is computed again is the same: only the time differs',
  },
  {
    ...{ file: 'reference.ts', from: 'known.set(policy, mine);', to: '{}' },
    because: 'what is computed again is the same: only the time differs',
  },
  {
    ...{ file: 'describe.ts', from: 'accountLevel: requires.accountLevel', to: '...{}' },
    because: 'the level of the account is the one that is asked, and nothing is less than that',
  },
  {
    ...{ file: 'describe.ts', from: 'policy.worth.filter(({ worth }) => worth.length > 0)', to: 'policy.worth' },
    because: 'what is worth nothing is in no smallest set: only the time differs, fifteen seconds for one twentieth',
  },
  {
    ...{ file: 'describe.ts', from: '>', to: '>=' },
    because: 'what is worth nothing is in no smallest set: only the time differs',
  },
];

/** Why a mutant is left out; nothing for one that is not. `nth` counts those of the same file and change. */
export const reasonToLeaveOut = (mutant: Mutant, nth: number): string | undefined =>
  EQUIVALENT.find(
    (one) =>
      mutant.file === `src/domain/assurance/${one.file}` &&
      one.from === mutant.from &&
      one.to === mutant.to &&
      (one.nth ?? nth) === nth,
  )?.because;
