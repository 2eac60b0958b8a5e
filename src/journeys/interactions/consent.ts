import { createHash } from 'node:crypto';
import type { Subscriber } from '../../domain/subscribers/index.ts';
import { pressed } from '../../platform/forms.ts';
import { notesOf } from '../../platform/request.ts';
import type { ConsentAsked, VerifiedParts } from './desk.ts';
import { form, go, relyingPartyCard, type Visit } from './journey.ts';
import { consentPage, type SharedClaim, type SharedValue } from './models.ts';
import { showNext, takeCancel } from './next.ts';
import { actingFor, endedMeanwhile } from './organisation.ts';

/** Raise it whenever the words or the layout of the consent page change in meaning: receipts name it. */
const TEXT_VERSION = '2026-11';

/** What people worry about most; the page says so where it stays here. */
const WORTH_SAYING = ['personal_identification_number', 'address', 'picture', 'phone_number'];

/** What leaves, claim by claim, before it leaves. */
export async function showConsent(visit: Visit): Promise<void> {
  const { ctx, parts, paused, client } = visit;
  const subscriber = await person(visit);
  const card = relyingPartyCard(visit);
  if (!subscriber || !card) throw parts.lost();
  const acting = await actingFor(visit, subscriber);
  if (acting === 'ended') return endedMeanwhile(visit);
  const asked = parts.desk.consentAsked(paused.parameters, acting?.enterpriseCode);
  const names = parts.desk.claimsOf(asked);
  const verified = await parts.desk.verified(subscriber, client, paused.parameters);
  const shared = [
    ...(await sharedClaims(visit, subscriber, { names, more: acting ? parts.desk.organisationClaims(acting) : {} })),
    ...(verified ? verifiedRows(visit, subscriber, verified) : []),
  ];
  parts.views.show(
    ctx,
    consentPage,
    {
      ...form(visit, 'consent'),
      relyingParty: card,
      shared,
      notShared: WORTH_SAYING.filter((claim) => !names.includes(claim) && verified?.claims[claim] === undefined),
      ongoing: (client.metadata.grant_types as string[] | undefined)?.includes('refresh_token') ?? false,
      accountUrl: '/account',
    },
    { path: `/interaction/${paused.uid}` },
  );
}

const person = async ({ parts, paused }: Visit): Promise<Subscriber | undefined> => {
  const subscriber = paused.session && (await parts.subscribers.find(paused.session.accountId));
  return subscriber?.state === 'active' ? subscriber : undefined;
};

/** What a relying party named for a claim, itself or by a scope that opens it. */
const purposesOf = ({ ctx, parts, client }: Visit, claim: string): string[] => {
  const { locale } = notesOf(ctx.req);
  return (client.purposes ?? [])
    .filter(
      ({ scopes, claims }) =>
        parts.desk.claimsOf({ scopes, claims }).includes(claim) || scopes.includes(SCOPE_OF[claim] ?? ''),
    )
    .map(({ text }) => text[locale]);
};

/** Rows that stand for a whole scope. */
const SCOPE_OF: Readonly<Record<string, string>> = { account_level: 'assurance', authentication_level: 'assurance' };

/** Everything that will leave, and only what is really there: a claim that we do not know of this person is no row. */
async function sharedClaims(
  visit: Visit,
  subscriber: Subscriber,
  { names, more }: { readonly names: readonly string[]; readonly more: Readonly<Record<string, unknown>> },
): Promise<SharedClaim[]> {
  const { ctx, parts, paused } = visit;
  const row = (claim: string, value: SharedValue): SharedClaim => ({
    claim,
    value,
    purposes: purposesOf(visit, claim),
  });
  const values: Record<string, unknown> = { ...parts.desk.claimsAbout(subscriber), ...more };
  if (names.includes('personal_identification_number')) {
    values.personal_identification_number = await parts.subscribers.identityNumber(subscriber.id);
  }
  const rows = names.flatMap((claim): SharedClaim[] => {
    const value = shownValue(claim, values[claim], subscriber);
    return value ? [row(claim, value)] : [];
  });
  if (paused.parameters.scope?.split(' ').includes('assurance')) {
    rows.push(row('account_level', { kind: 'account-level', level: subscriber.accountLevel }));
    rows.push(row('authentication_level', { kind: 'message', message: 'values.as-proven' }));
  }
  const { locale } = notesOf(ctx.req);
  const companions = ['account_type', ...names].filter((claim) => COMPANIONS.has(claim) && values[claim] !== undefined);
  const list = companions.map((claim) => parts.views.messages.t(locale, `claims.${claim}.in-list`)).join(', ');
  rows.push(row('technical', { kind: 'message', message: { key: 'values.technical', values: { list } } }));
  return rows;
}

/** How somebody was verified, and each claim that leaves as a verified one, a row each; under the names that a receipt has too. */
function verifiedRows(visit: Visit, subscriber: Subscriber, verified: VerifiedParts): SharedClaim[] {
  const { messages } = visit.parts.views;
  const { locale } = notesOf(visit.ctx.req);
  const row = (place: string, value: SharedValue, purpose = 'verified_claims'): SharedClaim => ({
    claim: `verified_claims.${place}`,
    value,
    purposes: [...new Set([...purposesOf(visit, 'verified_claims'), ...purposesOf(visit, purpose)])],
  });
  const said = (key: string): SharedValue => ({ kind: 'message', message: key });
  const listed = (place: string, keys: readonly string[]): SharedClaim[] => {
    const text = keys.map((key) => messages.t(locale, key)).join(', ');
    return text ? [row(place, { kind: 'text', text, lang: null })] : [];
  };
  const { frameworks, levels, evidence, times } = verified;
  return [
    ...listed(
      'verification.trust_framework',
      frameworks.map((name) => `values.framework.${name}`),
    ),
    ...listed(
      'verification.assurance_level',
      levels.map((name) => `values.assurance.${name}`),
    ),
    ...listed(
      'verification.evidence',
      evidence.map((kind) => `values.evidence.${kind}`),
    ),
    ...times.map((time) => row('verification.time', { kind: 'birthdate', iso: time.slice(0, 10) })),
    ...(verified.detailed ? [row('verification.details', said('values.verification-details'))] : []),
    ...Object.entries(verified.claims).flatMap(([name, value]) => {
      const shown = shownValue(name, value, subscriber);
      return shown ? [row(`claims.${name}`, shown, name)] : [];
    }),
  ];
}

/** Claims that say nothing new about a person: one row names them together. */
const COMPANIONS = new Set([
  'account_type',
  'email_verified',
  'phone_number_verified',
  'updated_at',
  'zoneinfo',
  'locale',
]);

function shownValue(claim: string, value: unknown, subscriber: Subscriber): SharedValue | undefined {
  if (value === undefined || COMPANIONS.has(claim)) return undefined;
  if (claim === 'birthdate') return { kind: 'birthdate', iso: subscriber.birthdate };
  if (claim === 'personal_identification_number' || claim === 'phone_number') {
    return { kind: 'figures', figures: String(value) };
  }
  if (claim === 'org_role') return { kind: 'message', message: `organisations.role.${String(value)}` };
  if (claim === 'gender') return { kind: 'message', message: `values.gender.${String(value)}` };
  if (typeof value === 'boolean') return { kind: 'message', message: value ? 'values.yes' : 'values.no' };
  if (claim === 'address') {
    return { kind: 'text', text: String((value as { formatted?: string }).formatted ?? ''), lang: 'vi' };
  }
  return { kind: 'text', text: String(value), lang: claim.endsWith('name') ? 'vi' : null };
}

/** Agreed, with a receipt of the words that stood there; or not. */
export async function takeConsent(visit: Visit): Promise<void> {
  const { ctx, parts, paused, client } = visit;
  // Before somebody has signed in well enough nothing was shown that could be agreed to.
  if (paused.prompt.name !== 'consent') return showNext(visit);
  if (pressed(ctx, 'refuse') || !pressed(ctx, 'agree')) return takeCancel(visit);
  const subscriber = await person(visit);
  if (!subscriber) throw parts.lost();
  const acting = await actingFor(visit, subscriber);
  if (acting === 'ended') return endedMeanwhile(visit);
  const asked = parts.desk.consentAsked(paused.parameters, acting?.enterpriseCode);
  const before = await parts.consents.find(subscriber.id, client.clientId);
  const { consent, writes } = parts.consents.give(
    {
      subscriberId: subscriber.id,
      clientId: client.clientId,
      ...asked,
      purposeWords: { vi: client.purpose.vi, en: client.purpose.en },
      text: { version: TEXT_VERSION, language: notesOf(ctx.req).locale, hash: textHash(visit, asked) },
    },
    before,
  );
  for (const write of writes) parts.units.current()?.write(write);
  go(ctx, await paused.consented({ ...asked, consentId: consent.id }));
}

/** SHA-256 of what was agreed to: who, for what, which claims, in the words that stood there. */
function textHash(visit: Visit, asked: ConsentAsked): Buffer {
  const { ctx, parts, client } = visit;
  const { locale } = notesOf(ctx.req);
  const { messages } = parts.views;
  const words = [
    messages.t(locale, 'consent.heading'),
    client.relyingParty.name[locale],
    client.purpose[locale],
    ...parts.desk
      .claimsOf(asked)
      .map((claim) =>
        [
          messages.has(`claims.${claim}`) ? messages.t(locale, `claims.${claim}`) : claim,
          ...purposesOf(visit, claim),
        ].join(': '),
      ),
    messages.t(locale, 'consent.agree'),
  ];
  return createHash('sha256').update(words.join('\n')).digest();
}
