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

export const EQUIVALENT: readonly Equivalent[] = [];

/** Why a mutant is left out; nothing for one that is not. `nth` counts those of the same file and change. */
export const reasonToLeaveOut = (mutant: Mutant, nth: number): string | undefined =>
  EQUIVALENT.find(
    (one) =>
      mutant.file === `src/domain/assurance/${one.file}` &&
      one.from === mutant.from &&
      one.to === mutant.to &&
      (one.nth ?? nth) === nth,
  )?.because;
