import { expect } from 'vitest';
import {
  type AuthenticationLevel,
  accountLevelFrom,
  type CombinationRow,
  type EvidenceFacet,
  type Facet,
  type Policy,
  type Proofed,
  policyAt,
} from '../../../../src/domain/assurance/index.ts';
import { worthOf } from '../../../../src/domain/assurance/policy.ts';
import { PROVEN_BY } from '../../../../src/domain/assurance/policy-page/proven-by.ts';
import { matches, type Shown, type ShownPattern } from '../../../../src/domain/assurance/proofs.ts';
import { reachOfAll } from '../../../../src/domain/assurance/reach.ts';
import { SORTS } from '../../../../src/domain/assurance/sorts.ts';
import { NOW } from './proofs.ts';

/** A promise about one row: what it does, and where it is written. Whatever else the row says, it fails. */
export interface RowCheck {
  readonly row: string;
  /** By which the policy's page names it. */
  readonly name: string;
  holds(policy: Policy): void;
}

const DECREE = 'Decree 69/2024/ND-CP';
const NIST = 'NIST SP 800-63B-4';
const WORTH = 'SenID decisions: what each proof is worth';
const ACR = 'SenID decisions: acr values are pages';
/** Of the rows by which somebody shows a card. */
const VOUCHED = '; a card on its issuer’s word is validated as one with a chain is';
/** The first day of the decree (Art. 38), at midnight in Viet Nam. */
const FIRST_DAY = '2024-07-01';
const FIRST_SECOND = Date.parse('2024-06-30T17:00:00Z') / 1000;

type Cited = readonly [clause: string, source: string];

/** The row is there once, is written where it says, and counts from its first second on for good. */
function cited<Row extends Policy['worth' | 'combinations' | 'evidence'][number]>(
  rowsOf: (policy: Policy) => readonly Row[],
  policy: Policy,
  [id, clause, source]: readonly [string, ...Cited],
): Row {
  const found = rowsOf(policy).filter((row) => row.id === id);
  expect(found, id).toHaveLength(1);
  const [row] = found;
  expect([row!.clause, row!.source, row!.effectiveFrom, row!.effectiveUntil]).toEqual([
    ...[clause, source, FIRST_DAY],
    undefined,
  ]);
  const on = (now: number): boolean => rowsOf(policyAt(now, policy)).some((one) => one.id === id);
  expect([on(FIRST_SECOND - 1), on(FIRST_SECOND), on(NOW), on(NOW + 50 * 365 * 86_400)]).toEqual([
    ...[false, true, true, true],
  ]);
  return row!;
}

const everyShown: readonly Shown[] = SORTS.flatMap(({ shown }) =>
  (['unknown', 'hardware', 'software'] as const).map((keyStorage) => ({
    ...{ short: false, userVerified: false, chip: 'passive', pad: 'none', channel: 'sms' },
    ...shown,
    keyStorage,
  })),
) as readonly Shown[];

/** Whatever fits the pattern finds this row, nothing else does, and it is worth exactly this. */
const worth =
  (id: string, about: { readonly proof: ShownPattern; readonly is: readonly Facet[] }, where: Cited) =>
  (policy: Policy): void => {
    const row = cited(({ worth }) => worth, policy, [id, ...where]);
    expect(row.worth).toEqual(about.is);
    expect(row.proof).toEqual(about.proof);
    for (const shown of everyShown)
      expect(worthOf(shown, policy)?.id === id, JSON.stringify(shown)).toBe(matches(shown, about.proof));
  };

type Gives = CombinationRow['gives'];
const level = (authenticationLevel: AuthenticationLevel): Gives => ({ authenticationLevel });

/** Exactly these facets are enough, one fewer is not, and no older than this. */
const combination =
  (id: string, about: { needs: readonly Facet[]; gives: Gives; maxAge?: number }, where: Cited) =>
  (policy: Policy): void => {
    const row = cited(({ combinations }) => combinations, policy, [id, ...where]);
    expect(row.needs).toEqual(about.needs);
    expect(row.gives).toEqual(about.gives);
    expect(row.maxAge).toBe(about.maxAge);
    const alone = { ...policy, combinations: [row] };
    const reached = (facets: readonly Facet[], age: number) => {
      const worthThat = { ...policy.worth[0]!, id: 'all', proof: { kind: 'totp' as const }, worth: facets };
      const proof = { kind: 'totp' as const, at: NOW - age, authenticatorId: 'all' };
      const circumstances = { freshness: {}, accountLevel: 2 as const, now: NOW };
      const { authenticationLevel, strong, phishingResistant } = reachOfAll([proof], {
        ...circumstances,
        policy: { ...alone, worth: [worthThat] },
      });
      return { authenticationLevel, strong, phishingResistant };
    };
    const nothing = { authenticationLevel: 0, strong: false, phishingResistant: false };
    const { maxAge = 365 * 86_400 } = about;
    expect(reached(about.needs, 0)).toEqual({ ...nothing, ...about.gives });
    expect(reached(about.needs, maxAge)).toEqual({ ...nothing, ...about.gives });
    if (about.maxAge !== undefined) expect(reached(about.needs, maxAge + 1)).toEqual(nothing);
    for (const need of about.needs)
      expect(
        reached(
          about.needs.filter((facet) => facet !== need),
          0,
        ),
        `without ${need}`,
      ).toEqual(nothing);
  };

const CHECKS: Readonly<Record<EvidenceFacet, string>> = {
  validated: 'register_match',
  'genuine-chip': 'chip_authentication',
  telephone: 'phone_ownership',
  guardian: 'guardian',
  face: '',
  fingerprints: '',
};
/** A proofing with this evidence. */
export const proofed = (channel: Proofed['channel'], age: number, facets: readonly EvidenceFacet[]): Proofed => ({
  ...{ channel, age, faceMatched: facets.includes('face'), fingerprintsMatched: facets.includes('fingerprints') },
  evidence: [{ checks: facets.map((facet) => CHECKS[facet]).filter((check) => check !== '') }],
});

interface Evidence {
  readonly channels: readonly Proofed['channel'][];
  /** The youngest and the oldest. */
  readonly ages: readonly [from: number, to: number];
  readonly needs: readonly EvidenceFacet[];
  readonly gives: 1 | 2;
  readonly off?: true;
}
const OLDEST = 120;

/** This evidence, in these channels and at these ages, gives the level; a piece less, another channel or age do not. */
const evidence =
  (id: string, about: Evidence, where: Cited) =>
  (policy: Policy): void => {
    const row = cited((all) => all.evidence, policy, [id, ...where]);
    const [from, to] = about.ages;
    expect([row.needs, row.accountLevel, row.off]).toEqual([about.needs, about.gives, about.off]);
    expect([row.channel, row.fromYears, row.belowYears]).toEqual([
      about.channels.length === 1 ? about.channels[0] : undefined,
      from === 0 ? undefined : from,
      to === OLDEST ? undefined : to + 1,
    ]);
    const carries = (channel: Proofed['channel'], age: number, facets: readonly EvidenceFacet[]): number =>
      accountLevelFrom(proofed(channel, age, facets), { policy: { ...policy, evidence: [row] }, now: NOW })
        .accountLevel;
    const given = about.off ? 0 : about.gives;
    for (const channel of ['in_person', 'remote'] as const) {
      const right = about.channels.includes(channel) ? given : 0;
      expect([from - 1, from, to, to + 1].map((age) => carries(channel, age, about.needs))).toEqual([
        ...[from === 0 ? right : 0, right, right],
        to === OLDEST ? right : 0,
      ]);
      for (const need of about.needs)
        expect(
          carries(
            channel,
            from,
            about.needs.filter((facet) => facet !== need),
          ),
        ).toBe(0);
    }
  };

const nothing = (id: string, proof: ShownPattern, clause: string) => worth(id, { proof, is: [] }, [clause, WORTH]);
const strong: Gives = { strong: true };
const OLD = 900;

const HOLDS: Readonly<Record<string, (policy: Policy) => void>> = {
  password: worth('password', { proof: { kind: 'password', short: false }, is: ['knowledge', 'lone-knowledge'] }, [
    'Art. 3.7; 800-63B-4 §3.1.1',
    DECREE,
  ]),
  'password.short': worth('password.short', { proof: { kind: 'password', short: true }, is: ['knowledge'] }, [
    '§3.1.1.2: only as part of multi-factor authentication',
    NIST,
  ]),
  totp: worth('totp', { proof: { kind: 'totp' }, is: ['possession', 'unrestricted-possession'] }, ['§3.1.4', NIST]),
  'sms-code': worth('sms-code', { proof: { kind: 'message-otp', channel: 'sms' }, is: ['possession'] }, [
    '§3.1.3.3, §3.2.9',
    NIST,
  ]),
  'passkey.user-verified': worth(
    'passkey.user-verified',
    {
      proof: { kind: 'passkey', userVerified: true },
      is: ['possession', 'unrestricted-possession', 'local-verification', 'phishing-resistance'],
    },
    ['§3.1.7, §3.2.5', NIST],
  ),
  'passkey.not-verified': worth(
    'passkey.not-verified',
    {
      proof: { kind: 'passkey', userVerified: false },
      is: ['possession', 'unrestricted-possession', 'phishing-resistance'],
    },
    ['§3.1.6, §3.2.5', NIST],
  ),
  'chip.genuine': worth(
    'chip.genuine',
    {
      proof: { kind: 'chip-card', chip: 'genuine' },
      is: ['possession', 'unrestricted-possession', 'genuine-chip'],
    },
    ['ICAO Doc 9303-11 §6.1, §6.2', WORTH],
  ),
  face: worth('face', { proof: { kind: 'face', pad: 'evaluated' }, is: ['biometric'] }, [
    'Art. 3.7, Art. 20; 800-63B-4 §3.2.3; ISO/IEC 30107-3',
    DECREE,
  ]),
  'face.basic-pad': nothing(
    'face.basic-pad',
    { kind: 'face', pad: 'basic' },
    '800-63B-4 §3.2.3: not the PAD this policy demands',
  ),
  'face.no-pad': nothing(
    'face.no-pad',
    { kind: 'face', pad: 'none' },
    '800-63B-4 §3.2.3: not the PAD this policy demands',
  ),
  'chip.passive': nothing(
    'chip.passive',
    { kind: 'chip-card', chip: 'passive' },
    'ICAO Doc 9303-11 §5.1: a copy passes too',
  ),
  'email-message': nothing(
    'email-message',
    { kind: 'message-otp', channel: 'email' },
    '800-63B-4 §3.1.3.1: confirms an address',
  ),
  'email-code': nothing(
    'email-code',
    { kind: 'email-code' },
    '800-63B-4 §3.1.3.1: confirms an address, half of a recovery',
  ),
  'recovery-code': nothing('recovery-code', { kind: 'recovery-code' }, '800-63B-4 §4.2: recovery only'),
  'card-access-number': nothing(
    'card-access-number',
    { kind: 'card-access-number' },
    'ICAO Doc 9303-11 §4.4: printed on the card',
  ),
  'machine-readable-zone': nothing(
    'machine-readable-zone',
    { kind: 'machine-readable-zone' },
    'ICAO Doc 9303-3: printed on the card',
  ),
  'qr-text': nothing('qr-text', { kind: 'qr-text' }, 'printed on the card'),
  'level-1.knowledge': combination('level-1.knowledge', { needs: ['lone-knowledge'], gives: level(1) }, [
    'Art. 20: one factor, no biometric',
    DECREE,
  ]),
  'level-1.possession': combination('level-1.possession', { needs: ['possession'], gives: level(1) }, [
    'Art. 20: one factor, no biometric',
    DECREE,
  ]),
  'level-2.two-factors': combination('level-2.two-factors', { needs: ['knowledge', 'possession'], gives: level(2) }, [
    'Art. 20: two different factors, no biometric',
    DECREE,
  ]),
  'level-2.passkey': combination('level-2.passkey', { needs: ['local-verification'], gives: level(2) }, [
    '§2.2.1, §3.1.7: multi-factor cryptographic authentication',
    NIST,
  ]),
  'level-3': combination('level-3', { needs: ['biometric', 'unrestricted-possession'], gives: level(3), maxAge: OLD }, [
    'Art. 20: two different factors, one of them biometric',
    DECREE,
  ]),
  'level-4': combination(
    'level-4',
    { needs: ['biometric', 'unrestricted-possession', 'knowledge'], gives: level(4), maxAge: OLD },
    ['Art. 20: a biometric, a possession and a knowledge', DECREE],
  ),
  'strong.passkey': combination('strong.passkey', { needs: ['local-verification'], gives: strong }, [
    'level-2: a passkey with user verification',
    ACR,
  ]),
  'strong.chip': combination('strong.chip', { needs: ['genuine-chip', 'knowledge'], gives: strong }, [
    'level-2: a genuine chip with a second factor',
    ACR,
  ]),
  'strong.face': combination('strong.face', { needs: ['biometric', 'possession'], gives: strong }, [
    'level-2: a verified face with a possession',
    ACR,
  ]),
  'phishing-resistant': combination(
    'phishing-resistant',
    { needs: ['phishing-resistance'], gives: { phishingResistant: true } },
    ['800-63B-4 §3.2.5: only a passkey', WORTH],
  ),
  'account-2.counter': evidence(
    'account-2.counter',
    { channels: ['in_person'], ages: [14, OLDEST], needs: ['validated', 'face', 'fingerprints'], gives: 2 },
    [`Art. 7, Art. 10: in presence, face and fingerprints${VOUCHED}`, DECREE],
  ),
  'account-2.counter-ward': evidence(
    'account-2.counter-ward',
    { channels: ['in_person'], ages: [6, 13], needs: ['validated', 'face', 'fingerprints', 'guardian'], gives: 2 },
    [`Art. 7, Art. 10: from 6 years, in presence with a guardian${VOUCHED}`, DECREE],
  ),
  'account-2.remote': evidence(
    'account-2.remote',
    { channels: ['remote'], ages: [14, OLDEST], needs: ['validated', 'genuine-chip', 'face'], gives: 2, off: true },
    [`the remote channel never yields account level 2${VOUCHED}`, 'SenID decisions: level 2'],
  ),
  'account-1.counter': evidence(
    'account-1.counter',
    { channels: ['in_person'], ages: [14, OLDEST], needs: ['validated', 'face'], gives: 1 },
    [`Art. 7, Art. 10: matches the register${VOUCHED}`, DECREE],
  ),
  'account-1.online': evidence(
    'account-1.online',
    { channels: ['remote'], ages: [14, OLDEST], needs: ['validated', 'telephone', 'face'], gives: 1 },
    ['Art. 7, Art. 11: register, telephone of one’s own, portrait', DECREE],
  ),
  'account-1.ward': evidence(
    'account-1.ward',
    { channels: ['in_person', 'remote'], ages: [0, 13], needs: ['validated', 'guardian'], gives: 1 },
    ['Art. 7, Art. 11: through the account of a guardian', DECREE],
  ),
  'account-1.adult-ward': evidence(
    'account-1.adult-ward',
    { channels: ['in_person', 'remote'], ages: [14, OLDEST], needs: ['validated', 'guardian'], gives: 1 },
    ['Art. 7, Art. 10: a person under guardianship, through the account of the guardian', DECREE],
  ),
};

/** Every check, by the name that the policy's page has for it. */
export const ROW_CHECKS: readonly RowCheck[] = Object.entries(HOLDS).flatMap(([row, holds]) =>
  (PROVEN_BY[row] ?? []).map((name) => ({ row, name, holds })),
);
