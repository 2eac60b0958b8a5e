import type { ClaimedIdentity, MismatchReason, RegisteredPassport, RegisteredPerson } from './population-registry.ts';

/** How a register compares what somebody says of themselves with what it holds. Pure: the day is an argument. */

/** The calendar day in Viet Nam: UTC+7, no summer time. */
export const dayOf = (now: Date): string => new Date(now.getTime() + 7 * 3_600_000).toISOString().slice(0, 10);

/** Nobody's name is longer. */
const LONGEST = 200;

/** What is pasted along and cannot be seen: soft hyphens, zero-width spaces, marks that turn the direction of reading. */
const UNSEEN = /\p{Cf}/gu;
const SPACES = /\p{White_Space}+/gu;
const APOSTROPHES = /['’‘ʼʻ`´]/gu;
const HYPHENS = /\p{Pd}/gu;
/** Letters that look like Đ and are none of Vietnamese: Ð of Icelandic, Ɖ of Ewe; older programs wrote them for it. */
const LIKE_D_WITH_STROKE = /[ÐƉ]/gu;

/**
 * The two schools of writing a tone on an open oa, oe, uy: hòa and hoà, khỏe and khoẻ, thúy and thuý are one word each. Behind a
 * consonant both write alike (hoàng), and no other pair of vowels is in dispute. On decomposed capitals.
 */
const OPEN_OA_OE = /O([\u0300\u0301\u0303\u0309\u0323])([AE])(?![\p{L}\p{M}])/gu;
const OPEN_UY = /U([\u0300\u0301\u0303\u0309\u0323])Y(?![\p{L}\p{M}])/gu;

/**
 * What two writings of one name have in common; undefined for what is no name: empty, endless, or with control characters in it.
 * Capitals or small letters, the width and the number of spaces, composed or decomposed letters and the place of a tone do not
 * matter; every mark, D or Đ, and the order and number of the words do.
 */
export function nameKey(name: string): string | undefined {
  if (name.length > LONGEST || /[^\P{Cc}\p{White_Space}]/u.test(name)) return undefined;
  // NFKC also turns full-width letters and non-breaking spaces of some keyboards into plain ones.
  const plain = name.normalize('NFKC').replace(UNSEEN, '').replace(SPACES, ' ').trim().toUpperCase();
  const key = plain
    .replace(LIKE_D_WITH_STROKE, 'Đ')
    .replace(APOSTROPHES, "'")
    .replace(HYPHENS, '-')
    .normalize('NFD')
    .replace(OPEN_OA_OE, 'O$2$1')
    .replace(OPEN_UY, 'UY$1')
    .normalize('NFC');
  return key === '' ? undefined : key;
}

/** Whether both write one name. */
export const sameName = (one: string, other: string): boolean => {
  const key = nameKey(one);
  return key !== undefined && key === nameKey(other);
};

/**
 * Whether a claimed birth date fits. Registers of earlier times knew no day, or no month: then what they know must be right, and
 * the rest is the person's own word. Somebody who says less than the register knows has not said it, but who reads from a card on
 * which the year stands alone says all that is written there.
 */
export const birthdateFits = (claimed: string, known: { readonly registered: string; readonly onCard?: string }) =>
  /^\d{4}(-\d{2}(-\d{2})?)?$/.test(claimed) &&
  (claimed === known.onCard || claimed === known.registered || claimed.startsWith(`${known.registered}-`));

/** What a register holds of a person beside what it tells. */
export interface Entry {
  readonly person: RegisteredPerson;
  /** Where the card shows less of the birth date than the register has learnt since. */
  readonly birthdateOnCard?: string;
  readonly standing?: 'cancelled' | 'deceased';
  /** Of a foreigner. */
  readonly passport?: RegisteredPassport;
}

/**
 * Why a claim does not fit an entry; undefined when it does. Who cannot say name and birth date is told apart first: what became of
 * a number is about its holder. A document is good to the end of its last day.
 */
export function mismatch(
  { fullName, birthdate }: Pick<ClaimedIdentity, 'fullName' | 'birthdate'>,
  { person, birthdateOnCard, standing }: Entry,
  today: string,
): Exclude<MismatchReason, 'no_such_number'> | undefined {
  const known = { registered: person.birthdate, ...(birthdateOnCard ? { onCard: birthdateOnCard } : {}) };
  if (!sameName(fullName, person.fullName)) return 'name_differs';
  if (!birthdateFits(birthdate, known)) return 'birthdate_differs';
  if (standing === 'cancelled') return 'number_cancelled';
  if (standing === 'deceased') return 'deceased';
  if (person.documentExpiresOn !== undefined && person.documentExpiresOn < today) return 'document_expired';
  return undefined;
}
