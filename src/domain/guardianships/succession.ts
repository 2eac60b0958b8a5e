import { epochSeconds } from '../../platform/clock.ts';
import type { Guardianship } from './guardianship.ts';

/** The register's word that somebody looks after a ward no more. Whoever it names is known as the number is that they have now. */
export interface EndWord {
  /** The register's number of it among all that it has said of the ward: the larger is the later. */
  readonly sequence: number;
  /** To the second. */
  readonly saidAt: Date;
  readonly guardian: Buffer;
  /** Whoever follows; none where the decision of the court is over. */
  readonly successor?: Buffer;
}

/** Whether it was said since a guardianship began, and so is of no earlier one. */
export const isSince = ({ saidAt }: Pick<EndWord, 'saidAt'>, { beganAt }: Pick<Guardianship, 'beganAt'>): boolean =>
  epochSeconds(saidAt) >= epochSeconds(beganAt);

/**
 * The last word about whoever had a guardianship, and about those who have followed, one after the other, in the register's order and
 * not in that in which one was told: what was said of somebody before they followed is of an earlier time of theirs. Where nothing
 * was said since it began, it is the last that was said of its guardian that has ended it.
 */
export function lastWord(
  words: readonly EndWord[],
  { guardian, ...of }: { readonly guardian: Buffer } & Pick<Guardianship, 'beganAt'>,
): EndWord | undefined {
  const ordered = words.toSorted((one, other) => one.sequence - other.sequence);
  const theirs = ordered.filter((word) => word.guardian.equals(guardian));
  let last = theirs.find((word) => isSince(word, of)) ?? theirs.at(-1);
  for (const word of ordered) if (last?.successor?.equals(word.guardian) && word.sequence > last.sequence) last = word;
  return last;
}
