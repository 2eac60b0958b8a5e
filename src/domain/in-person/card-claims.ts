import { type NationalData, parseDg1, parseDg13, personalNumber } from '../../standards/icao9303/lds/index.ts';
import { asRefusal } from '../../standards/icao9303/refusal.ts';
import { type CardFile, type ChipEvidence, chipPortrait, fileOf } from '../proofing/index.ts';
import type { InPersonClaim } from '../relying-parties/index.ts';
import { ageOn } from '../subscribers/index.ts';

const GENDERS = { M: 'male', F: 'female', X: undefined } as const;
const MEDIA = { jpeg: 'image/jpeg', jpeg2000: 'image/jp2' } as const;

type Chip = ReturnType<typeof readChip>;

/** Where on the chip each claim stands. Whole files are signed: what is not asked is left out here. */
const CLAIMS: Readonly<Record<InPersonClaim, readonly [file: CardFile, of: (chip: Chip, now: Date) => unknown]>> = {
  age_over_14: ['DG1', ({ birthdate }, now) => isOver(14, birthdate, now)],
  age_over_16: ['DG1', ({ birthdate }, now) => isOver(16, birthdate, now)],
  age_over_18: ['DG1', ({ birthdate }, now) => isOver(18, birthdate, now)],
  // A claim of verified claims is a whole date (Identity Assurance, claims_schema.json).
  birthdate: ['DG1', ({ birthdate }) => (birthdate?.length === 10 ? birthdate : undefined)],
  gender: ['DG1', ({ sex }) => GENDERS[sex]],
  personal_identification_number: ['DG1', ({ identityNumber }) => identityNumber],
  name: ['DG13', ({ national }) => national?.fullName],
  // As it was when the card was issued: old cards name districts that are no more.
  address: ['DG13', ({ national }) => national?.residence && { formatted: national.residence }],
  portrait: ['DG2', ({ portrait }) => portrait && dataUrl(MEDIA[portrait.kind], portrait.bytes)],
};

const isOver = (years: number, birthdate: string | undefined, now: Date): boolean | undefined =>
  birthdate === undefined ? undefined : ageOn(birthdate, now) >= years;

const dataUrl = (media: string, bytes: Buffer): string => `data:${media};base64,${bytes.toString('base64')}`;

/** The files that have to be read: what proves the card, and what is asked. Nothing else leaves the chip. */
export function filesFor(asked: {
  readonly claims: readonly InPersonClaim[];
  readonly face: boolean;
  /** Whether the name is needed to ask the register. */
  readonly register: boolean;
}): CardFile[] {
  const of = new Set(asked.claims.map((claim) => CLAIMS[claim][0]));
  const portrait = asked.face || of.has('DG2');
  const national = asked.register || of.has('DG13');
  return [
    'SOD',
    'DG1',
    ...(portrait ? (['DG2'] as const) : []),
    ...(national ? (['DG13'] as const) : []),
    'DG14',
    'DG15',
  ];
}

/** What a chip that was found genuine says of its holder, and which document it is of. */
export interface Holder {
  readonly documentNumber: string;
  readonly identityNumber?: string;
  readonly fullName?: string;
  /** ISO 8601, as much as is known. */
  readonly birthdate?: string;
}

/** The document, and the three by which a person is found in registers. */
export function holderOf(evidence: ChipEvidence, now: Date): Holder {
  const { documentNumber, identityNumber, birthdate, national } = readChip(evidence, now);
  return {
    documentNumber,
    ...(identityNumber === undefined ? {} : { identityNumber }),
    ...(birthdate === undefined ? {} : { birthdate }),
    ...(national?.fullName === undefined ? {} : { fullName: national.fullName }),
  };
}

/** Exactly the claims that were asked, as far as the chip has them. */
export function claimsOf(
  evidence: ChipEvidence,
  asked: readonly InPersonClaim[],
  now: Date,
): Partial<Record<InPersonClaim, unknown>> {
  const chip = readChip(evidence, now);
  return Object.fromEntries(
    asked.map((claim) => [claim, CLAIMS[claim][1](chip, now)] as const).filter(([, value]) => value !== undefined),
  );
}

function readChip(evidence: ChipEvidence, now: Date) {
  const [dg1, dg13] = [fileOf(evidence, 'DG1'), fileOf(evidence, 'DG13')];
  if (!dg1) throw new Error('a card without DG1 is not examined as genuine');
  const mrz = parseDg1(dg1, now);
  return {
    sex: mrz.sex,
    birthdate: mrz.birthDate,
    documentNumber: mrz.documentNumber,
    identityNumber: personalNumber(mrz),
    national: dg13 && nationalOf(dg13),
    portrait: chipPortrait(evidence),
  };
}

/** Its layout is not published: a file that is signed and not understood is no reason against the card. */
function nationalOf(dg13: Buffer): NationalData | undefined {
  try {
    return parseDg13(dg13);
  } catch (error) {
    // What is no refusal of the file is our own fault, and is thrown on.
    asRefusal(error);
    return undefined;
  }
}
