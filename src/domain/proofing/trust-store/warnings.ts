import { type CardRules, isBeyond, looserThan, type Pad, USUAL_CARD_RULES } from '../card-rules/card-rules.ts';
import type { StandingRules } from '../card-rules/rules-in-force.ts';
import type { TrustListing } from './trust-store.ts';

/** Something about what is trusted that an operator has to look after, the most urgent kinds first. */
export interface Warning {
  readonly what:
    | 'no_national' /* nothing is pinned: no card of ours is believed */
    | 'list_missing' /* a national authority without a revocation list: no card of its is believed */
    | 'list_refused' /* a national list too old: no card of its is believed */
    | 'face_beyond' /* the rule in force asks more of faces than the engine does: no face passes */
    | 'rule_wished' /* by one person's setting, looser than two have agreed on, and so not in force: `subject` says what it is */
    | 'rule_loosened' /* in force, and looser than usual */
    | 'certificate_expired'
    | 'list_stale' /* past its next update */
    | 'list_due'
    | 'certificate_expires';
  readonly country: string;
  readonly subject: string;
  readonly sha256?: string;
  readonly setting?: keyof CardRules;
  readonly at?: Date;
  /** Days: the certificate ends, or the next list is due, within so many. */
  readonly within?: 7 | 30 | 90;
  /** Whether no card of ours, or nobody's face, is believed because of it. */
  readonly blocking: boolean;
}

const DAY = 86_400_000;
const ORDER: readonly Warning['what'][] = [
  ...(['no_national', 'list_missing', 'list_refused', 'face_beyond', 'rule_wished', 'rule_loosened'] as const),
  ...(['certificate_expired', 'list_stale', 'list_due', 'certificate_expires'] as const),
];

interface At {
  readonly now: Date;
  readonly country: string;
  readonly rules: StandingRules;
  /** What the engine that compares faces does at its best; nothing where there is none. */
  readonly facePad?: Pad;
}

/** The warnings of a moment. A foreign certificate that has ended is none: master lists carry them for what they signed. */
export function warningsOf(listing: TrustListing, at: At): Warning[] {
  const national = listing.certificates.filter((certificate) => certificate.national);
  const none: Warning[] =
    national.length > 0 ? [] : [{ what: 'no_national', country: at.country, subject: '', blocking: true }];
  return [
    ...none,
    ...faceWarnings(at),
    ...ruleWarnings(at),
    ...missingLists(listing, at),
    ...certificateWarnings(listing, at),
    ...listWarnings(listing, at),
  ].sort(
    (a, b) =>
      ORDER.indexOf(a.what) - ORDER.indexOf(b.what) ||
      (a.at?.getTime() ?? 0) - (b.at?.getTime() ?? 0) ||
      a.subject.localeCompare(b.subject),
  );
}

/** What is asked is what two people agreed on, however little the setting asks: nobody is to find that out before an applicant. */
function faceWarnings({ country, rules: { inForce }, facePad }: At): Warning[] {
  if (facePad === undefined || !isBeyond(inForce.FACE_PAD_REQUIRED, facePad)) return [];
  const subject = `FACE_PAD_REQUIRED=${inForce.FACE_PAD_REQUIRED}`;
  return [{ what: 'face_beyond', country, setting: 'FACE_PAD_REQUIRED', subject, blocking: true }];
}

function ruleWarnings({ country, rules: { wished, inForce } }: At): Warning[] {
  const told = (what: Warning['what'], rules: CardRules, from: CardRules) =>
    looserThan(rules, from).map(
      (setting): Warning => ({ what, country, blocking: false, setting, subject: `${setting}=${rules[setting]}` }),
    );
  return [...told('rule_wished', wished, inForce), ...told('rule_loosened', inForce, USUAL_CARD_RULES)];
}

/** A country signs its list with one of its keys for all of them (9303-12 §7.1.4): one list of the country is enough. */
function missingLists({ certificates, revocationLists }: TrustListing, { country }: At): Warning[] {
  if (revocationLists.some((list) => list.country === country)) return [];
  return certificates
    .filter(({ national }) => national)
    .map(({ subject, sha256 }) => ({ what: 'list_missing' as const, country, subject, sha256, blocking: true }));
}

function certificateWarnings({ certificates }: TrustListing, { now }: At): Warning[] {
  return certificates.flatMap(({ national, holders, notAfter, country, subject, sha256 }): Warning[] => {
    const about = { country, subject, sha256, at: notAfter, blocking: false };
    const days = (notAfter.getTime() - now.getTime()) / DAY;
    if (days < 0) {
      const byCommand = national || holders.some((holder) => !holder.startsWith('list '));
      return byCommand ? [{ what: 'certificate_expired', ...about }] : [];
    }
    return days < 90 ? [{ what: 'certificate_expires', ...about, within: days < 30 ? 30 : 90 }] : [];
  });
}

function listWarnings({ revocationLists }: TrustListing, { now, country, rules }: At): Warning[] {
  return newestOf(revocationLists).flatMap((list): Warning[] => {
    const about = { country: list.country, subject: list.subject, sha256: list.sha256, at: list.nextUpdate };
    const days = (list.nextUpdate.getTime() - now.getTime()) / DAY;
    if (days >= 7) return [];
    if (days >= 0) return [{ what: 'list_due', ...about, within: 7, blocking: false }];
    const refused = list.country === country && -days > rules.inForce.CRL_STALE_DAYS;
    return [{ what: refused ? 'list_refused' : 'list_stale', ...about, blocking: refused }];
  });
}

/** After a change of its key an authority goes on with the new one: its old list is no longer waited for. */
const newestOf = (lists: TrustListing['revocationLists']): TrustListing['revocationLists'] =>
  [...Map.groupBy(lists, ({ country, subject }) => `${country} ${subject}`).values()].map((each) =>
    each.reduce((newest, list) => (list.thisUpdate > newest.thisUpdate ? list : newest)),
  );
