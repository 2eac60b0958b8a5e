import type { JournalEntry } from '../../domain/audit/index.ts';
import type { Authenticator } from '../../domain/authenticators/index.ts';
import { deviceOf } from './activity/device.ts';
import { type AuthenticatorCard, methodsPage } from './models.ts';
import { noticeOf } from './page-parts.ts';
import { providerName } from './passkey-providers.ts';
import type { Visitor } from './visitor.ts';

const NOTICES = [
  ...['passkey-added', 'card-added', 'password-added', 'password-changed', 'app-added', 'face-added'],
  ...['renamed', 'removed', 'out-of-reach'],
];
/** Who looks further back than this finds it in the history. */
const EVENTS = 200;

/** My authenticators as cards, and what I can do with them. Two statements. */
export async function showMethods(visitor: Visitor): Promise<void> {
  const notice = noticeOf(visitor, NOTICES);
  const { ctx, parts, subscriber } = visitor;
  const [bound, events] = await Promise.all([
    parts.authenticators.of(subscriber.id),
    parts.journal.query({
      subscriberId: subscriber.id,
      types: ['session.started', 'session.stepped_up', 'authenticator.bound', 'authenticator.changed'],
      limit: EVENTS,
    }),
  ]);
  parts.views.show(ctx, methodsPage, {
    authenticators: bound.map((one) => cardOf(one, events)),
    addPasskeyUrl: '/account/passkeys/new',
    addCardUrl: '/account/cards/new',
    addPasswordUrl: '/account/password',
    addAppUrl: '/account/app/new',
    addFaceUrl: parts.faces.able && !bound.some(({ kind }) => kind === 'face') ? '/account/face' : null,
    contactsUrl: '/account/contacts',
    notice,
    recoverUrl: notice === 'account.notice.out-of-reach' ? '/recover' : null,
  });
}

/** An authenticator as a card. What there is one of, as a password, has no name of its own; another takes its place. */
export function cardOf(one: Authenticator, events: readonly JournalEntry[] = []): AuthenticatorCard {
  const used = events.find(({ detail }) => list(detail?.authenticators).includes(one.id));
  const bound = events.find(
    ({ type, detail }) => type.startsWith('authenticator.') && detail?.authenticator === one.id,
  );
  return {
    id: one.id,
    kind: one.kind,
    name: givenName(one) || null,
    provider: one.passkey ? (providerName(one.passkey.aaguid) ?? null) : null,
    createdAt: one.createdAt,
    bound: bound ? PLACES[bound.actor.kind] : null,
    lastUsedAt: one.lastUsedAt ?? null,
    lastUsedOn: used ? deviceOf(used.detail) : null,
    place: one.passkey ? placeOf(one.passkey) : null,
    ending: one.message?.to.slice(-3) ?? null,
    card: one.card ?? null,
    status: one.status,
    renameUrl: NAMED.includes(one.kind) ? `/account/authenticators/${one.id}/rename` : null,
    removeUrl: one.kind === 'recovery-code' ? null : `/account/authenticators/${one.id}/remove`,
    changeUrl: CHANGED_AT[one.kind] ?? null,
  };
}

/** Where a passkey is: one that may be synchronised (BE = 1) and was not yet (BS = 0) is lost with its device so far. */
const placeOf = ({ backedUp, deviceOnly }: NonNullable<Authenticator['passkey']>): AuthenticatorCard['place'] =>
  backedUp ? 'synced' : deviceOnly ? 'device' : 'unsynced';

const NAMED: readonly Authenticator['kind'][] = ['passkey', 'totp', 'chip-card'];
const CHANGED_AT: Partial<Record<Authenticator['kind'], string>> = {
  password: '/account/password',
  totp: '/account/app/new',
  'message-otp': '/account/contacts',
  'recovery-code': '/account/recovery-codes/new',
};

/** Where something was bound, as far as it is known: by the person, at an office, or when the account was opened. */
const PLACES = {
  subscriber: 'account',
  operator: 'office',
  system: 'opening',
  claimant: 'opening',
  client: 'opening',
} as const satisfies Record<JournalEntry['actor']['kind'], NonNullable<AuthenticatorCard['bound']>>;

const list = (value: unknown): readonly string[] => (Array.isArray(value) ? (value as string[]) : []);

/** What the person called it; one that nobody named bears its kind, for which pages have a word of their own. */
export const givenName = ({ name, kind }: Authenticator): string => (name === kind ? '' : name);
