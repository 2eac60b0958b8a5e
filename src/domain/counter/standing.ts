import { createHash } from 'node:crypto';
import type {
  Applicant,
  Application,
  Check,
  CheckKind,
  Claim,
  Overridable,
  OverrideGround,
  Proposal,
  ReadCard,
} from './application.ts';
import { OVERRIDES } from './application.ts';
import type { CounterPolicy } from './policy.ts';

/** What keeps an application from being approved; empty when nothing does. */
export type Hindrance = CheckKind | 'expired_visit' | 'account_locked' | 'account_level_2' | 'self';

const HOUR = 3_600_000;

/** What every approval takes, in the order in which it is found. `portrait_match` comes with the decision itself. */
export const needed = ({ form }: Pick<Application, 'form'>): readonly CheckKind[] => [
  'register_match',
  ...(form === 'WARD_L2' ? (['guardian'] as const) : []),
  ...(['card', 'face_match', 'fingerprint_match'] as const),
];

/** What was found last of a kind: a later word takes the place of an earlier one. */
export const lastOf = (checks: readonly Check[], kind: CheckKind): Check | undefined =>
  checks.findLast((check) => check.kind === kind);

/** What is found with the person there: by the officer who serves them, at each visit anew. */
const IN_PRESENCE: readonly CheckKind[] = ['card', 'face_match', 'fingerprint_match'];

/**
 * What a visit begins with: of each that a former one has found stands last that it was not done in this one. For the database
 * too, which counts what was found last.
 */
export const begunAnew = (checks: readonly Check[], made: Pick<Check, 'officer' | 'policy' | 'at'>): Check[] =>
  IN_PRESENCE.filter((kind) => lastOf(checks, kind)).map((kind) => ({
    ...{ kind, result: 'not_performed', detail: { visit: 'begun' }, ...made },
  }));

/**
 * A face that was found before this card was read is found again: it was compared without the portrait of this chip, which a picture may
 * be a copy of, and which it is compared with where the register has none. The same card, once more, says nothing new. For the database
 * too, which counts what was found last.
 */
export function facedAnew(
  checks: readonly Check[],
  { sod }: Pick<ReadCard, 'sod'>,
  made: Pick<Check, 'officer' | 'policy' | 'at'>,
): Check[] {
  const last = lastOf(checks, 'face_match');
  if (!last || last.detail.visit === 'begun' || last.detail.beside === sod) return [];
  return [
    { kind: 'face_match', result: 'not_performed', detail: { visit: 'begun', issues: ['another_card'] }, ...made },
  ];
}

/** Whether it was found in this visit, and since level 2 has to be proven anew. */
const isFresh = ({ kind, at, detail }: Check, { policy, now, since }: At): boolean =>
  detail.visit !== 'begun' &&
  now.getTime() - at.getTime() <= policy.visitHours * HOUR &&
  (since === undefined || at >= since || !IN_PRESENCE.includes(kind));

/** How each check stands: only `passed` counts, and of another visit nothing does. */
export type Stand = 'missing' | 'stale' | Check['result'];
export function standOf(kind: CheckKind, checks: readonly Check[], at: At): Stand {
  const last = lastOf(checks, kind);
  if (!last) return 'missing';
  return isFresh(last, at) ? last.result : 'stale';
}

interface At {
  readonly policy: CounterPolicy;
  readonly now: Date;
  /** Of an account whose level 2 does not count: since when. What was found before says nothing about who has it now. */
  readonly since?: Date | undefined;
}

/** Which of the checks keep it from being approved. */
export const lacking = (
  application: Pick<Application, 'form'>,
  checks: readonly Check[],
  at: At,
): readonly CheckKind[] => needed(application).filter((kind) => standOf(kind, checks, at) !== 'passed');

/**
 * What is found anew before somebody binds who had left: evidence of another visit counts for nothing, and a card alone is whoever's
 * hands it is in. What two officers have overridden would not pass today either: the rest is found beside it.
 */
export const lackingToBind = (checks: readonly Check[], at: At): readonly CheckKind[] => {
  const overridden = lastOf(checks, 'override')?.detail.check;
  return at.policy.anew.filter((kind) => kind !== overridden && standOf(kind, checks, at) !== 'passed');
};

/**
 * Whether this officer has said that they have compared with their own eyes: in this visit, and since the face was found last. Whoever
 * is back is found by no machine alone, as nobody is at the decision.
 */
export const isSeen = (checks: readonly Check[], { officer, ...at }: { readonly officer: string } & At): boolean => {
  const lookedAt = (one: CheckKind): number => checks.findLastIndex(({ kind }) => kind === one);
  const isTheirs = checks[lookedAt('portrait_match')]?.officer === officer;
  const isOfThisFace = lookedAt('portrait_match') > lookedAt('face_match');
  return isTheirs && isOfThisFace && standOf('portrait_match', checks, at) === 'passed';
};

/** Why an override is not even proposed. */
export type OverrideFault = 'not_overridable' | 'wrong_ground' | 'attack' | 'something_else';

/**
 * Whether a second officer may be asked: about one biometric that was tried and did not match, on a ground that goes with it, when
 * everything else has passed. A picture of a picture, one that was kept from before, or a print of silicone, is never overridden; nor
 * is a face of which nobody knows whether it lived before the camera, where that is demanded; nor are both biometrics.
 */
export function overrideFault(
  application: Pick<Application, 'form'>,
  checks: readonly Check[],
  { check, ground, ...at }: { readonly check: Overridable; readonly ground: OverrideGround } & At,
): OverrideFault | undefined {
  if (!(OVERRIDES[check] as readonly OverrideGround[]).includes(ground)) return 'wrong_ground';
  const stand = standOf(check, checks, at);
  if (stand === 'missing' || stand === 'stale' || stand === 'passed') return 'not_overridable';
  const { detail } = lastOf(checks, check)!;
  const issues = (detail.issues as readonly string[] | undefined) ?? [];
  if (detail.padResult === 'fail' || detail.reused === true || issues.includes('attack_suspected')) return 'attack';
  if (issues.includes('pad_not_performed')) return 'not_overridable';
  // Nothing was compared: that is so for whoever has no fingers to show, as the station itself says of them now, and for nobody else.
  if (ground === 'no_fingers' ? !issues.includes('missing_fingers') : stand === 'not_performed')
    return 'not_overridable';
  if (issues.includes('old_capture')) return 'not_overridable';
  return lacking(application, checks, at).some((kind) => kind !== check) ? 'something_else' : undefined;
}

/** The grounds on which a second officer may be asked about it now. */
export const groundsFor = (
  application: Pick<Application, 'form'>,
  checks: readonly Check[],
  { check, ...at }: { readonly check: Overridable } & At,
): readonly OverrideGround[] =>
  OVERRIDES[check].filter((ground) => overrideFault(application, checks, { check, ground, ...at }) === undefined);

/** What is decided upon: the application, everything that was found and who found it, and the account as it stands. */
export interface Shown {
  readonly application: Application;
  readonly checks: readonly Check[];
  /** The account that the number has, and when it was changed last. */
  readonly account: { readonly id: string; readonly updatedAt: Date } | undefined;
  readonly proposal: Proposal;
}

/** SHA-256 over what a second officer is shown: what they confirm is this, or nothing. */
export function shownHash({ application, checks, account, proposal }: Shown): string {
  const { id, form, applicant } = application;
  const shown = [
    ...[id, form, personOf(applicant), account ? [account.id, account.updatedAt.toISOString()] : null],
    checks.map(({ kind, result, officer, policy, detail, at }) => [
      ...[kind, result, officer, policy, JSON.stringify(detail, Object.keys(detail).sort()), at.toISOString()],
    ]),
    [proposal.check, proposal.ground, proposal.statement, proposal.claim, proposal.by, proposal.at],
  ];
  return createHash('sha256').update(JSON.stringify(shown)).digest('hex');
}

const personOf = (applicant: Applicant | undefined): unknown =>
  applicant && [
    applicant.identityNumber,
    applicant.fullName,
    applicant.birthdate,
    applicant.guardianNumber ?? null,
    applicant.card?.sod ?? null,
  ];

/**
 * Whose an account may be said to be: of a number without one nothing is, and what has once been level 2 was its holder's own, by
 * card, face and fingerprints.
 */
export const claimFits = (claim: Claim, account: { readonly recordedLevel: 1 | 2 } | undefined): boolean =>
  claim === 'own' || account?.recordedLevel === 1;
