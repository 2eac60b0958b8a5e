import { createHash } from 'node:crypto';
import type { Subscriber } from '../../domain/subscribers/index.ts';
import { pressed } from '../../platform/forms.ts';
import { notesOf } from '../../platform/request.ts';
import type { ConsentAsked } from './desk.ts';
import { form, go, relyingPartyCard, type Visit } from './journey.ts';
import { consentPage, type SharedClaim, type SharedValue } from './models.ts';
import { takeCancel } from './next.ts';

/** Raise it whenever the words or the layout of the consent page change in meaning: receipts name it. */
const TEXT_VERSION = '2026-01';

/** What people worry about most; the page says so where it stays here. */
const WORTH_SAYING = ['personal_identification_number', 'address', 'picture', 'phone_number'];

/** What leaves, claim by claim, before it leaves. */
export async function showConsent(visit: Visit): Promise<void> {
  const { ctx, parts, paused, client } = visit;
  const subscriber = await person(visit);
  const card = relyingPartyCard(visit);
  if (!subscriber || !card) throw parts.lost();
  const asked = parts.desk.consentAsked(paused.parameters);
  const names = parts.desk.claimsOf(asked);
  const shared = await sharedClaims(visit, subscriber, names);
  // The level is not for this person to withhold where it is asked, but they see that it leaves.
  if (paused.parameters.scope?.split(' ').includes('assurance')) {
    const value = { kind: 'account-level', level: subscriber.accountLevel } as const;
    shared.push({ claim: 'account_level', value, optional: false, chosen: true });
  }
  parts.views.show(
    ctx,
    consentPage,
    {
      ...form(visit, 'consent'),
      relyingParty: card,
      shared,
      notShared: WORTH_SAYING.filter((claim) => !names.includes(claim)),
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

/** Only what is really there: a claim that we do not know of this person will not leave. */
async function sharedClaims(
  { parts, paused }: Visit,
  subscriber: Subscriber,
  names: readonly string[],
): Promise<SharedClaim[]> {
  const values = parts.desk.claimsAbout(subscriber);
  if (names.includes('personal_identification_number')) {
    values.personal_identification_number = await parts.subscribers.identityNumber(subscriber.id);
  }
  const levels: SharedClaim[] = paused.parameters.scope?.split(' ').includes('assurance')
    ? [
        {
          claim: 'account_level',
          value: { kind: 'account-level', level: subscriber.accountLevel },
          optional: false,
          chosen: true,
        },
      ]
    : [];
  const rows = names.flatMap((claim): SharedClaim[] => {
    const value = shownValue(claim, values[claim], subscriber);
    return value ? [{ claim, value, optional: false, chosen: true }] : [];
  });
  return [...rows, ...levels];
}

/** Technical companions of another row: a person learns nothing from reading them. */
const UNSHOWN = new Set(['email_verified', 'phone_number_verified', 'updated_at', 'zoneinfo', 'locale']);

function shownValue(claim: string, value: unknown, subscriber: Subscriber): SharedValue | undefined {
  if (value === undefined || UNSHOWN.has(claim)) return undefined;
  if (claim === 'birthdate') return { kind: 'birthdate', iso: subscriber.birthdate };
  if (claim === 'personal_identification_number' || claim === 'phone_number') {
    return { kind: 'figures', figures: String(value) };
  }
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
  if (pressed(ctx, 'refuse') || !pressed(ctx, 'agree')) return takeCancel(visit);
  const subscriber = await person(visit);
  if (!subscriber) throw parts.lost();
  const asked = parts.desk.consentAsked(paused.parameters);
  const before = await parts.consents.find(subscriber.id, client.clientId);
  const { consent, writes } = parts.consents.give(
    {
      subscriberId: subscriber.id,
      clientId: client.clientId,
      ...asked,
      text: { version: TEXT_VERSION, language: notesOf(ctx.req).locale, hash: textHash(visit, asked) },
    },
    before,
  );
  for (const write of writes) parts.units.current()?.write(write);
  go(ctx, await paused.consented({ ...asked, consentId: consent.id }));
}

/** SHA-256 of what was agreed to: who, for what, which claims, in which words. */
function textHash({ ctx, parts, client }: Visit, asked: ConsentAsked): Buffer {
  const { locale } = notesOf(ctx.req);
  const words = [
    parts.views.messages.t(locale, 'consent.title'),
    client.relyingParty.name[locale],
    client.purpose[locale],
    ...parts.desk.claimsOf(asked),
  ];
  return createHash('sha256').update(words.join('\n')).digest();
}
