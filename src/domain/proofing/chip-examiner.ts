import { createHash } from 'node:crypto';
import { EidError } from '../../platform/errors.ts';
import { verifyActiveAuthentication } from '../../standards/icao9303/chip/active-authentication.ts';
import { verifyChipAuthentication } from '../../standards/icao9303/chip/chip-authentication.ts';
import { parseSecurityInfos } from '../../standards/icao9303/chip/security-infos.ts';
import {
  type Mrz,
  mrzInformation,
  parseDg1,
  personalNumber,
  type ZoneName,
} from '../../standards/icao9303/lds/index.ts';
import {
  type ChainCache,
  createChainCache,
  type DocumentProfile,
  PASSPORT_PROFILE,
  type PassiveReport,
  passiveAuthentication,
  type SecurityObjectReport,
  withoutChain,
} from '../../standards/icao9303/passive-authentication.ts';
import type { TrustAnchors } from '../../standards/icao9303/pki/anchors.ts';
import { headingOf } from '../../standards/icao9303/pki/data-groups.ts';
import { asRefusal, demand, type Refusal, refuse } from '../../standards/icao9303/refusal.ts';
import { type ChipEvidence, fileOf } from './chip-evidence.ts';
import type { DocumentReference } from './document-authority/authority.ts';
import type { DocumentStanding } from './document-authority/document-statuses.ts';

/** A document as the chip states it; read from files that the country signed. */
export interface CardDocument {
  /** ICAO Doc 9303-3 §5: three letters, `VNM`. */
  readonly issuingState: string;
  readonly documentCode: string;
  readonly documentNumber: string;
  /** The twelve figures, on a Vietnamese card. */
  readonly identityNumber?: string;
  /** ISO 8601 dates; of the birth date perhaps only year, or year and month, or nothing. */
  readonly birthDate?: string;
  /** As the zone can say it: without marks, and perhaps cut. */
  readonly name: ZoneName;
  readonly expiresOn: string;
  /** SHA-256 of the file with the chip's public key, hexadecimal: the one thing that no other card has. */
  readonly key: string;
  /** SHA-256 of the security object, hexadecimal. */
  readonly sod: string;
}

/** What the authority says of a document at this moment: `DocumentStatuses.check`. */
export type AskStatus = (document: DocumentReference, now: Date) => Promise<Standing>;

/** How a document stands, and who says so: the authority just now, or what it last said while it is silent. */
export type Standing = Pick<DocumentStanding, 'status' | 'from' | 'asOf' | 'refusal'>;

/** Whether the issuing authority made this security object, byte for byte; throws when it does not answer. */
export type Vouch = (sod: Buffer) => Promise<{ readonly issued: boolean }>;

/** The outcome of an examination: a genuine chip, or the first thing that is wrong with it. */
export type Examined =
  | {
      readonly genuine: true;
      readonly document: CardDocument;
      /** How the chip showed that it is no copy (9303-11 §6.1 active, §6.2 chip authentication). */
      readonly chip: 'active' | 'chip';
      readonly standing: Standing;
      readonly passive: SecurityObjectReport & Partial<Pick<PassiveReport, 'authority' | 'revocation'>>;
      /** Its issuer has said that it made the security object, and no chain to the country was checked: no passive authentication. */
      readonly vouched?: true;
    }
  | { readonly genuine: false; readonly refusal: Refusal };

/**
 * What somebody shows who need not have a document of ours. A passport without a key of its own has no `chip`: its files are genuine,
 * and only whoever has it in their hands can say that it is no copy.
 */
export type ExaminedOfAnyState =
  | (Omit<Extract<Examined, { genuine: true }>, 'chip'> & {
      readonly chip?: 'active' | 'chip';
      readonly passport: boolean;
    })
  | Extract<Examined, { genuine: false }>;

/** What the answers of a card are held against. */
export interface Against {
  readonly session: string;
  /** The eight random bytes of this session, from our own record. */
  readonly challenge: Buffer;
  readonly now: Date;
  /** A passport of another state is what is awaited, because one is bound; a card of ours otherwise. */
  readonly foreign?: boolean;
}

export interface ChipExaminer {
  examine(evidence: ChipEvidence, against: Against): Promise<Examined>;
  /**
   * A card of ours as above, or a passport that another state has signed: never under our own authority's word. That the authority
   * does not know a passport says nothing against it, for whoever made it is another.
   */
  ofAnyState(evidence: ChipEvidence, against: Omit<Against, 'foreign'>): Promise<ExaminedOfAnyState>;
}

/** The hash of the file that holds the chip's key; active authentication's where a card has both. */
export function chipKeyOf(evidence: ChipEvidence): string | undefined {
  const file = fileOf(evidence, 'DG15') ?? fileOf(evidence, 'DG14');
  return file && sha256(file);
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** The data groups that passive authentication covers. */
const DATA_GROUPS = { DG1: 1, DG2: 2, DG13: 13, DG14: 14, DG15: 15 } as const;

/**
 * Decides whether a genuine card was present, from what a reader session left behind. The order matters: first what the
 * country signed (passive authentication), then whether the chip is the one it was signed for, then the dates, then what
 * the authority says today. Every refusal is a value; only our own faults and an unreachable database are thrown.
 */
export function createChipExaminer(parts: {
  readonly anchors: () => Promise<TrustAnchors>;
  readonly profile: DocumentProfile;
  readonly askStatus: AskStatus;
  /** For a country that publishes no certificates: its authority is asked instead of a chain. */
  readonly vouch?: Vouch;
}): ChipExaminer {
  const cache = createChainCache();
  const { profile, vouch } = parts;

  /** What the files say, and how the document stands today. Anything but a refusal is thrown on. */
  async function examined(evidence: ChipEvidence, against: Against, silent: boolean) {
    const trust = await parts.anchors();
    const by = { ...against, trust, cache };
    try {
      const judged = await (against.foreign
        ? judge(evidence, { ...by, silent, profile: PASSPORT_PROFILE })
        : judge(evidence, { ...by, silent, profile, ...(vouch ? { vouch } : {}) }));
      const { issuingState, documentNumber, sod: sodSha256 } = judged.document;
      const standing = await parts.askStatus({ issuingState, documentNumber, sodSha256 }, against.now);
      return { genuine: true, ...judged, standing } as const;
    } catch (error) {
      return { genuine: false, refusal: asRefusal(error) } as const;
    }
  }

  const isOurs = (evidence: ChipEvidence): boolean => {
    const dg1 = fileOf(evidence, 'DG1');
    try {
      // Nobody has signed it yet: it decides by whose rules it is read, and each of them looks at it again.
      return !dg1 || headingOf(dg1).issuingState.replace(/<+$/, '') === profile.issuingState;
    } catch (error) {
      asRefusal(error);
      return true;
    }
  };

  return {
    async examine(evidence, against) {
      const found = await examined(evidence, against, false);
      if (!found.genuine) return found;
      const { chip, standing, ...rest } = found;
      if (standing.refusal) return { genuine: false, refusal: standing.refusal };
      if (!chip) throw new Error('a chip that has shown nothing');
      return { ...rest, chip, standing };
    },

    async ofAnyState(evidence, against) {
      const passport = !isOurs(evidence);
      const found = await examined(evidence, { ...against, foreign: passport }, passport);
      if (!found.genuine) return found;
      const { refusal, status } = found.standing;
      return refusal && !(passport && status === 'unknown') ? { genuine: false, refusal } : { ...found, passport };
    },
  };
}

/** By what a document is judged; `silent`: a chip without a key of its own is taken as well. */
interface Rules extends Against {
  readonly trust: TrustAnchors;
  readonly cache: ChainCache;
  readonly profile: DocumentProfile;
  readonly silent: boolean;
  readonly vouch?: Vouch;
}

/** Everything that can be said without asking anybody. */
async function judge(
  evidence: ChipEvidence,
  by: Rules,
): Promise<Omit<Extract<ExaminedOfAnyState, { genuine: true }>, 'genuine' | 'standing' | 'passport'>> {
  demand(evidence.session === by.session, 'document.another', 'evidence of another session');
  const sod = fileOf(evidence, 'SOD');
  const dg1 = fileOf(evidence, 'DG1');
  demand(sod, 'input.missing', 'EF.SOD');
  demand(dg1, 'input.missing', 'DG1');
  const input = {
    sod,
    dataGroups: new Map(
      Object.entries(DATA_GROUPS).flatMap(([name, number]) => {
        const file = fileOf(evidence, name as keyof typeof DATA_GROUPS);
        return file ? [[number, file] as const] : [];
      }),
    ),
    trust: by.trust,
    profile: by.profile,
    now: by.now,
    cache: by.cache,
  };
  const passive = by.vouch ? await withoutChain(input) : await passiveAuthentication(input);
  if (by.vouch) await hearAuthority(by.vouch, sod);
  // Read only now: what nobody signed is not worth reading.
  const mrz = parseDg1(dg1, by.now);
  const same = evidence.typed === undefined || evidence.typed === sha256(Buffer.from(mrzInformation(mrz)));
  demand(same, 'mrz.mismatch');
  const chip = by.silent && hasNoKey(evidence, passive.signed) ? undefined : await provenBy(evidence, by.challenge);
  demand(!hasExpired(mrz, by.now), 'document.expired');
  return {
    ...{ document: documentOf(evidence, mrz, sod), passive },
    ...(by.vouch ? { vouched: true } : {}),
    ...(chip ? { chip } : {}),
  };
}

/** Silence is a refusal: without the authority nobody vouches. */
async function hearAuthority(vouch: Vouch, sod: Buffer): Promise<void> {
  let answer: Awaited<ReturnType<Vouch>>;
  try {
    answer = await vouch(sod);
  } catch (error) {
    if (!(error instanceof EidError)) throw error;
    return refuse('document.status_unknown', 'nobody answers for the security object');
  }
  demand(answer.issued, 'document.not_issued');
}

/**
 * Whether this chip was made without a key, by what its country signed: a copy that keeps the file with the key back, or that answers
 * nothing, is not taken for one (9303-11 §6.1, §6.2).
 */
function hasNoKey(evidence: ChipEvidence, signed: readonly number[]): boolean {
  if (evidence.active || evidence.chip || signed.includes(15)) return false;
  if (!signed.includes(14)) return true;
  const dg14 = fileOf(evidence, 'DG14');
  return dg14 !== undefined && parseSecurityInfos(dg14).chipKeys.length === 0;
}

/** Every answer that is there must be right; one must be there. */
async function provenBy(evidence: ChipEvidence, challenge: Buffer): Promise<'active' | 'chip'> {
  const [dg14, dg15] = [fileOf(evidence, 'DG14'), fileOf(evidence, 'DG15')];
  const { active, chip } = evidence;
  if (chip) {
    demand(dg14, 'input.missing', 'DG14');
    await verifyChipAuthentication({
      dg14,
      ephemeral: Buffer.from(chip.ephemeral, 'base64url'),
      response: Buffer.from(chip.response, 'base64url'),
    });
  }
  if (active) {
    demand(dg15, 'input.missing', 'DG15');
    const response = Buffer.from(active.response, 'base64url');
    await verifyActiveAuthentication({ dg15, ...(dg14 ? { dg14 } : {}), challenge, response });
  }
  demand(active || chip, 'chip.unproven');
  // The stronger statement where there are both: after chip authentication the session itself is the chip's.
  return chip ? 'chip' : 'active';
}

/** A card is good until the end of its last day, in Viet Nam. */
export const hasExpired = ({ expiryDate }: Pick<Mrz, 'expiryDate'>, now: Date): boolean =>
  now.getTime() >= Date.parse(`${expiryDate}T00:00:00+07:00`) + 86_400_000;

function documentOf(evidence: ChipEvidence, mrz: Mrz, sod: Buffer): CardDocument {
  const identityNumber = personalNumber(mrz);
  const { issuingState, documentCode, documentNumber, birthDate, expiryDate: expiresOn } = mrz;
  const { primaryIdentifier, secondaryIdentifier, nameMayBeCut } = mrz;
  return {
    ...{ issuingState, documentCode, documentNumber, expiresOn },
    name: { primaryIdentifier, secondaryIdentifier, nameMayBeCut },
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(identityNumber === undefined ? {} : { identityNumber }),
    key: chipKeyOf(evidence) ?? '',
    sod: sha256(sod),
  };
}
