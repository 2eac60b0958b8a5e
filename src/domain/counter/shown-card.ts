import type { RefusalCode } from '../../standards/icao9303/refusal.ts';
import { type ChipEvidence, chipPortrait, type ExaminedOfAnyState, type Standing } from '../proofing/index.ts';
import type { Applicant, Application, ReadCard } from './application.ts';
import { type CounterParts, knowing, numberNow } from './parts.ts';
import { namesPassport, type PassportDiffers, passportDiffers } from './passport.ts';

/** What a reader session left behind: evidence, or why it ended. */
export type ReadEnd = ChipEvidence | { readonly session: string; readonly refused: RefusalCode };

/** What a reader was asked for: the challenge of this page, base64url, and its session. */
export interface Asked {
  readonly challenge: string;
  readonly session: string;
}

/** Whether what was held to the reader is this person's. */
export type ShownCard =
  | {
      readonly theirs: true;
      readonly card: ReadCard;
      readonly standing: Standing;
      /** What the officer has to know although it is theirs. */
      readonly issues: readonly 'passport_unbound'[];
      readonly portrait: Buffer | undefined;
    }
  | { readonly theirs: false; readonly refusal: RefusalCode; readonly issues: readonly PassportDiffers[] };

const no = (refusal: RefusalCode, issues: readonly PassportDiffers[] = []): ShownCard => ({
  ...{ theirs: false, refusal, issues },
});

/**
 * What was held to the reader, and whether it is this person's: a card of ours names its holder by the number, a passport of another
 * state is the one that the register names. A passport is evidence of somebody from abroad alone: a citizen has a card. `before`: what
 * was compared with the register at the decision; another passport than that is compared with what it names by now. The number is the
 * one that they have now.
 */
export async function shownCard(
  parts: Pick<
    CounterParts,
    'clock' | 'examineCard' | 'examineAny' | 'stands' | 'passportStands' | 'real' | 'training' | 'subscribers'
  >,
  application: Pick<Application, 'training' | 'applicant' | 'accountId'>,
  { read, asked, before }: { readonly read: ReadEnd; readonly asked: Asked; readonly before?: ReadCard | undefined },
): Promise<ShownCard> {
  const { training, applicant } = application;
  const { identityNumber, person } = applicant!;
  if ('refused' in read) return no(read.refused);
  const challenge = Buffer.from(asked.challenge, 'base64url');
  const against = { session: asked.session, challenge, now: parts.clock.now() };
  const isForeign = person?.accountType === 'foreigner';
  const examined = isForeign
    ? await parts.examineAny(read, against)
    : { passport: false, ...(await parts.examineCard(read, against)) };
  if (!examined.genuine) return no(examined.refusal.code);
  const { document, chip, standing } = examined;
  const portrait = chipPortrait(read)?.bytes;
  const number = await numberNow(parts, application);
  const reported = (card: ReadCard): Promise<boolean> =>
    isReported(parts, { training, number, applicant: { identityNumber, card } });
  if (!examined.passport) {
    // A card is the proof of the person that it names, and of nobody else.
    const { identityNumber: named } = document;
    if (named === undefined || (named !== number && named !== identityNumber)) return no('document.another');
    const card = {
      ...cardOf(examined),
      ...(isForeign ? { document: 'residence_card' as const } : {}),
      ...(named === identityNumber ? {} : { identityNumber: named }),
    };
    if (await reported(card)) return no('document.reported');
    return { theirs: true, card, standing, issues: [], portrait };
  }
  // The one that was compared already is theirs still, whatever the register has corrected of their name since.
  const isAgain = before?.document === 'passport' && namesPassport(before, document);
  const known =
    isAgain || !before ? applicant! : await knownNow(parts, training, { ...applicant!, identityNumber: number });
  const differs = isAgain ? [] : passportDiffers(document, { ...known.person!, passport: known.passport });
  if (differs.length > 0) return no('document.register_differs', differs);
  // At each sign-in its chip would have to prove itself, and somebody to be asked about it.
  const binds = chip !== undefined && standing.refusal === undefined;
  const card = {
    ...cardOf(examined),
    document: 'passport' as const,
    ...(binds ? {} : { unbound: true as const }),
  };
  if (await reported(card)) return no('document.passport_replaced');
  return { theirs: true, card, standing, issues: binds ? [] : ['passport_unbound'], portrait };
}

/** What the register holds of somebody who is back to bind: they may have another passport since the decision. */
async function knownNow(
  parts: Pick<CounterParts, 'real' | 'training'>,
  training: boolean,
  applicant: Applicant,
): Promise<Pick<Applicant, 'person' | 'passport'>> {
  const { identityNumber, fullName, birthdate } = applicant;
  const answer = await knowing(parts, { training }).population.match({ identityNumber, fullName, birthdate });
  return answer.matched
    ? { person: answer.person, ...(answer.passport ? { passport: answer.passport } : {}) }
    : applicant;
}

/**
 * Whether the register has reported something that takes the card away that was read: held, revoked, or another in its place; of a
 * passport that another was issued. It may have told us what the card's authority does not know yet, or what nobody could be asked about.
 * Of invented people nobody has told it. `number`: the one that they have now, of which it is asked; a card that names another is no more.
 */
export async function isReported(
  { stands, passportStands }: Pick<CounterParts, 'stands' | 'passportStands'>,
  of: {
    readonly training: boolean;
    readonly applicant: Pick<Applicant, 'identityNumber' | 'card'>;
    readonly number?: string;
  },
): Promise<boolean> {
  const { identityNumber, card } = of.applicant;
  if (of.training || !card) return false;
  const { number = identityNumber } = of;
  if (card.document === 'passport') return !(await passportStands(number, card.documentNumber));
  return (card.identityNumber ?? identityNumber) !== number || !(await stands(number, card.documentNumber));
}

function cardOf({ document, chip, vouched }: Extract<ExaminedOfAnyState, { genuine: true }>): ReadCard {
  const { issuingState, documentNumber, expiresOn, key, sod } = document;
  return {
    ...{ issuingState, documentNumber, expiresOn, key, sod },
    ...(chip ? { chip } : {}),
    ...(vouched ? { vouched } : {}),
  };
}
