import type { EvidenceKind, Proofing } from '../../domain/proofing/index.ts';
import type { IdentityNumber, Subscriber } from '../../domain/subscribers/index.ts';
import type { Assured } from '../../standards/identity-assurance/index.ts';
import { checksOf, type Handle, shownEvidence } from './evidence.ts';
import type { AssuranceLevelName, CLAIMS, Framework, Names } from './names.ts';

/** What is recorded of somebody. */
export interface Recorded {
  readonly person: Subscriber;
  readonly proofing: Proofing;
  /** Every number the person ever had. */
  readonly numbers: readonly IdentityNumber[];
}

/** Whose rules a verification followed, and how well it went. */
export interface Standing {
  readonly framework: Framework;
  readonly level: AssuranceLevelName;
}

const CHIP = ['passive_authentication', 'issuer_vouched', 'active_authentication', 'chip_authentication'];
const FACE = ['portrait_match', 'face_match'];

const SHOWN: readonly EvidenceKind[] = ['chip_card', 'printed_card', 'passport', 'residence_card'];

/**
 * Read off the record and nothing else; undefined where it holds no check that can be told. A guardian's word is what a record rests
 * on where nothing else was shown: of a child who was met with a document it stands beside that, and makes no less of it.
 */
export function standingOf(proofing: Proofing): Standing | undefined {
  const checks = checksOf(proofing);
  const has = (...names: readonly string[]): boolean => names.some((name) => checks.has(name));
  if (checks.size === 0) return undefined;
  const met = proofing.channel === 'in_person' && proofing.evidence.some(({ kind }) => SHOWN.includes(kind));
  if (has('guardian') && !met) return { framework: 'guardian', level: 'vouched' };
  if (proofing.channel === 'in_person')
    return { framework: 'national-eid', level: has('fingerprint_match') ? 'counter-biometric' : 'counter' };
  const shown = has(...CHIP) ? 'remote-chip' : 'remote-register';
  return { framework: 'remote', level: has(...FACE) ? `${shown}-face` : shown };
}

/**
 * Everything that could be said of a verification, in the form of an answer. Nobody's who is to be proofed anew: whoever recovered
 * the account is not known to be who was verified then.
 */
export function assuredOf({ person, proofing, numbers }: Recorded, names: Names, handle: Handle): Assured | undefined {
  const standing = standingOf(proofing);
  if (!standing || person.reproofingRequiredSince) return undefined;
  const { evidence, details } = shownEvidence(proofing, names, handle);
  return {
    verification: {
      trust_framework: names.framework(standing.framework),
      assurance_level: standing.level,
      // Without fractions, in UTC: a zone tells where somebody was (Identity Assurance 1.0 §9).
      time: `${proofing.decidedAt.toISOString().slice(0, 19)}Z`,
      verification_process: handle(`verification ${proofing.id}`),
      assurance_process: { policy: policyOf(proofing, names), assurance_details: details },
      evidence,
    },
    claims: verifiedOf({ person, proofing, numbers }),
  };
}

/** The assurance policy as `assurance_policy` names it; a record from before it was kept names the rules that it followed. */
const policyOf = ({ assurance, policy }: Proofing, names: Names): string =>
  assurance ? names.assurancePolicy(assurance) : names.policy(policy);

/**
 * What that verification has established: what the register or a signed chip said. What was changed since belongs to no
 * verification (Schema Definition 1.0 §5.3: claims of the process described beside them), nor does what people say of themselves.
 */
function verifiedOf({ person, proofing, numbers }: Recorded): Record<string, unknown> {
  const checks = checksOf(proofing);
  if (![...CHIP, 'register_match'].some((check) => checks.has(check))) return {};
  const renamed = person.nameCorrectedAt !== undefined && person.nameCorrectedAt > proofing.decidedAt.toISOString();
  // Another number is given when birth date or sex were wrong.
  const renumbered = numbers.length !== 1;
  const said: Record<(typeof CLAIMS)[number], unknown> = {
    name: renamed ? undefined : person.fullName,
    family_name: renamed ? undefined : person.familyName,
    middle_name: renamed ? undefined : person.middleName,
    given_name: renamed ? undefined : person.givenName,
    // The standard's schema knows whole dates alone.
    birthdate: renumbered || person.birthdate.length < 10 ? undefined : person.birthdate,
    gender: renumbered ? undefined : person.gender,
    nationalities: [person.nationality],
    personal_identification_number: renumbered ? undefined : numbers[0]?.number,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}
