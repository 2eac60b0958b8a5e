import { type CardRules, type TrustListing, USUAL_CARD_RULES, type Warning } from '../../domain/proofing/index.ts';
import type { Context } from '../context.ts';
import { columns } from '../terminal.ts';

const day = (at: Date): string => at.toISOString().slice(0, 10);

/** `senid trust list`: everything that is trusted, by whom, and until when. */
export async function listCommand({ terminal, withApp }: Context): Promise<number> {
  const listing = await withApp(({ parts }) => parts.trustStore.list());
  terminal.answer(listing, [
    ...table('certificate', certificateRows(listing)),
    ...table('master list', masterListRows(listing)),
    ...table('revocation list', revocationListRows(listing)),
  ]);
  return 0;
}

/** A table with its head, or one sentence when it is empty; a blank line behind it. */
function table(what: string, [head, ...rows]: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [`No ${what}.`, ''] : [...columns([head!, ...rows]), ''];
}

const certificateRows = ({ certificates }: TrustListing): string[][] => [
  ['sha256', 'kind', 'country', 'until', 'held by', 'subject'],
  ...certificates.map(({ sha256, national, holders, pinnedBy, country, notAfter, subject }) => [
    sha256.slice(0, 12),
    national ? 'national' : holders.every((holder) => holder === 'root by command') ? 'root' : 'foreign',
    country,
    day(notAfter),
    [...new Set([...pinnedBy, ...holders.filter((holder) => holder.startsWith('list '))])].join(', '),
    subject,
  ]),
];

const masterListRows = ({ masterLists }: TrustListing): string[][] => [
  ['master list', 'signed', 'certificates', 'imported by'],
  ...masterLists.map(({ publisher, signedAt, certificates, importedBy }) => [
    publisher,
    day(signedAt),
    String(certificates),
    importedBy,
  ]),
];

const revocationListRows = ({ revocationLists }: TrustListing): string[][] => [
  ['revocation list', 'number', 'next update', 'revoked', 'imported by', 'authority'],
  ...revocationLists.map(({ country, number, nextUpdate, revoked, importedBy, subject }) => [
    country,
    number,
    day(nextUpdate),
    String(revoked),
    importedBy,
    subject,
  ]),
];

const RULES: Readonly<Record<keyof CardRules, string>> = {
  CARD_TRUST: 'cards are believed on the authority’s word, without certificates of the country',
  CARD_STATUS: 'nobody is asked whether a card was withdrawn',
  CRL_STALE_DAYS: `overdue revocation lists count for longer than ${USUAL_CARD_RULES.CRL_STALE_DAYS} days`,
  CARD_STATUS_FRESHNESS: `the authority’s word for a card holds for longer than ${USUAL_CARD_RULES.CARD_STATUS_FRESHNESS} s without it`,
  FACE_PAD_REQUIRED: 'faces are compared by an engine that no laboratory has tested against pictures and masks',
};

const WARNINGS: Readonly<Record<Warning['what'], (warning: Warning) => string>> = {
  no_national: ({ country }) => `no authority of ${country} is pinned: no card of ours is accepted`,
  list_missing: ({ subject }) => `no revocation list of ${subject}: no card of ours is accepted`,
  list_refused: ({ subject, at }) =>
    `the revocation list of ${subject} was due on ${day(at!)}: no card of ours is accepted`,
  face_beyond: ({ subject }) =>
    `${subject} is in force and the engine that compares faces does less: no face passes and nobody reaches level 2`,
  rule_wished: ({ subject }) =>
    `${subject} is set by one person and not in force: two agree on it at /operator/trust, and until then the stricter rule holds`,
  rule_loosened: ({ subject, setting }) => `${subject} is in force: ${RULES[setting!]}`,
  certificate_expired: ({ subject, at }) => `ended on ${day(at!)}: ${subject}`,
  list_stale: ({ subject, at }) => `the revocation list of ${subject} was due on ${day(at!)}`,
  list_due: ({ subject, at }) => `a new revocation list of ${subject} is due on ${day(at!)}`,
  certificate_expires: ({ subject, at, within }) => `ends on ${day(at!)}, within ${within} days: ${subject}`,
};

/** What has to be looked after, in one sentence. */
export const warningSentence = (warning: Warning): string => WARNINGS[warning.what](warning);

/** `senid trust check`: what an operator has to look after; 1 when no card of ours, or nobody's face, is accepted because of it. */
export async function checkCommand({ terminal, withApp }: Context): Promise<number> {
  const { warnings, listing } = await withApp(async ({ parts }) => ({
    warnings: await parts.trustStore.warnings(new Date()),
    listing: await parts.trustStore.list(),
  }));
  const national = listing.certificates.filter((certificate) => certificate.national).length;
  const well = !warnings.some(({ blocking }) => blocking);
  const counts = { certificates: listing.certificates.length, national };
  terminal.answer({ well, ...counts, warnings }, [
    ...(well ? [terminal.ok(`✓ ${counts.certificates} certificates are trusted, ${national} of them national`)] : []),
    ...warnings.map((warning) => {
      const sentence = warningSentence(warning);
      return warning.blocking ? terminal.bad(`✗ ${sentence}`) : `! ${sentence}`;
    }),
  ]);
  return well ? 0 : 1;
}
