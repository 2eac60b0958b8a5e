import type { KoaContextWithOIDC } from 'oidc-provider';
import type { JournalEvent } from '../domain/audit/index.ts';
import type { Disclosure } from '../domain/consents/index.ts';
import { browserFamily } from '../platform/plain-values/browser-family.ts';
import { notesOf } from '../platform/request.ts';
import { VERIFIED_CLAIMS } from '../standards/identity-assurance/index.ts';
import { PROTOCOL_CLAIMS } from './claims.ts';
import { begun, type GrantExtras, reachedIn } from './models.ts';
import { organisationIn, organisationPath } from './organisations/acting.ts';
import { sessionReference } from './storage/session-store.ts';

type Entities = Record<string, Record<string, unknown> | undefined>;

/**
 * What a protocol request did, for the journal. It is read off the finished request, not taken from the library's events:
 * those fire before the flush, and a lost conditional write shows only there. client_credentials and introspection change
 * nothing about a person and write no row (design §6).
 */
export function eventsOf(ctx: KoaContextWithOIDC): JournalEvent[] {
  const { oidc } = ctx;
  if (!oidc) return [];
  const entities = oidc.entities as unknown as Entities;
  const clientId = oidc.client?.clientId;
  const about = (subscriberId: unknown): { subscriberId?: string; clientId?: string } => ({
    ...(typeof subscriberId === 'string' ? { subscriberId } : {}),
    ...(clientId ? { clientId } : {}),
  });
  switch (oidc.route) {
    case 'authorization':
    case 'resume':
      return authorizationEvents(ctx, entities, about);
    case 'token':
      return tokenEvents(ctx, entities, about);
    case 'revocation':
      // The library names a token that it found before it asks whose it is: a stranger's request revokes nothing.
      return ctx.status === 200 && clientId && revoked(entities)?.clientId === clientId
        ? [{ type: 'token.revoked', actor: { kind: 'client', id: clientId }, ...about(revoked(entities)?.accountId) }]
        : [];
    case 'end_session_confirm':
      return logoutEvents(ctx, about);
    default:
      return [];
  }
}

/** What was proven in an interaction. */
interface SignedInWith {
  readonly proofs?: readonly { readonly kind: string; readonly authenticatorId: string }[];
}

type About = (subscriberId: unknown) => { subscriberId?: string; clientId?: string };

const revoked = (entities: Entities) => entities.AccessToken ?? entities.RefreshToken;

function authorizationEvents(ctx: KoaContextWithOIDC, entities: Entities, about: About): JournalEvent[] {
  const { oidc } = ctx;
  const accountId = oidc.session?.accountId;
  const actor = accountId ? { kind: 'subscriber' as const, id: accountId } : { kind: 'claimant' as const };
  const events: JournalEvent[] = [];
  const result = oidc.result as { login?: SignedInWith; consent?: object } | undefined;
  const login = result?.login;
  const paused = entities.Interaction as { prompt?: { name?: string }; session?: { accountId?: string } } | undefined;
  const askedFor = paused?.prompt?.name === 'login';
  // A consent interaction carries the earlier sign-in along. The sign-in counts when it comes in: by the prompt that asked for
  // it, or before the consent that is asked for next has an answer.
  if (oidc.route === 'resume' && login?.proofs && (askedFor || !result?.consent)) {
    const starts = (oidc.session && begun.has(oidc.session)) || (askedFor && paused?.session?.accountId !== accountId);
    events.push({
      type: starts ? 'session.started' : 'session.stepped_up',
      actor,
      ...about(accountId),
      detail: {
        proofs: login.proofs.map((proof) => proof.kind),
        authenticators: login.proofs.map((proof) => proof.authenticatorId),
        ...(oidc.session?.uid ? { session: sessionReference(oidc.session.uid) } : {}),
        ...browserFamily(ctx.req.headers['user-agent']),
      },
    });
  }
  const reached = reachedIn.get(oidc);
  if (entities.AuthorizationCode && reached) {
    events.push({
      type: 'authorization.granted',
      actor,
      ...about(accountId),
      detail: {
        acr: reached.acr,
        account_level: reached.accountLevel,
        authentication_level: reached.authenticationLevel,
        scopes: String(entities.AuthorizationCode.scope ?? '').split(' '),
        policy: reached.policy,
        policy_hash: reached.policyHash ?? null,
        ...acting(organisationIn(entities.AuthorizationCode)),
      },
    });
  } else if (isRefusal(ctx)) {
    events.push({ type: 'authorization.refused', actor, ...about(accountId), detail: { error: errorOf(ctx) } });
  }
  return events;
}

/** The organisation that somebody acts for. */
const acting = (organisation: string | undefined) => (organisation === undefined ? {} : { organisation });

/** The protocol error of a response, from its redirect, its body or the code of the page that says it; codes only. */
function errorOf(ctx: KoaContextWithOIDC): string {
  const location = ctx.response.get('location');
  const fromRedirect = location && URL.parse(location)?.searchParams.get('error');
  const fromBody = typeof ctx.body === 'object' ? (ctx.body as { error?: unknown } | null)?.error : undefined;
  return String(fromRedirect || fromBody || notesOf(ctx.req).errorCode || ctx.status);
}

const isRefusal = (ctx: KoaContextWithOIDC): boolean => {
  const location = ctx.response.get('location');
  return ctx.status >= 400 || (Boolean(location) && URL.parse(location)?.searchParams.has('error') === true);
};

function tokenEvents(ctx: KoaContextWithOIDC, entities: Entities, about: About): JournalEvent[] {
  const clientId = ctx.oidc.client?.clientId;
  if (ctx.status !== 200 || !clientId) return [];
  const actor = { kind: 'client' as const, id: clientId };
  const source = entities.AuthorizationCode ?? entities.RotatedRefreshToken ?? entities.RefreshToken;
  if (!source) return [];
  const scopes = String(entities.AccessToken?.scope ?? '')
    .split(' ')
    .filter(Boolean);
  const grantType = String(ctx.oidc.params?.grant_type);
  return [
    {
      type: grantType === 'refresh_token' ? 'token.refreshed' : 'code.redeemed',
      actor,
      ...about(source.accountId),
      detail: { scopes },
    },
  ];
}

function logoutEvents(ctx: KoaContextWithOIDC, about: About): JournalEvent[] {
  const accountId = ctx.oidc.session?.accountId;
  if (ctx.status !== 303 || !accountId) return [];
  const everywhere = Boolean((ctx.oidc.params as { logout?: string } | undefined)?.logout);
  return [
    {
      type: 'session.ended',
      actor: { kind: 'subscriber', id: accountId },
      ...about(accountId),
      detail: {
        everywhere,
        ...(ctx.oidc.session?.uid ? { session: sessionReference(ctx.oidc.session.uid) } : {}),
      },
    },
  ];
}

/** What every JWT of ours carries beside claims. */
const ENVELOPE = ['iss', 'aud', 'azp', 'exp', 'nbf', 'iat', 'jti', 'nonce', 'at_hash', 'c_hash', 's_hash'];

/** The members of a JWT of our own making. */
const membersOf = (jwt: string): object =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8')) as object;

/** What an answer says of a person, and in what; a signed userinfo answer is a JWT (OpenID Connect Core §5.3.2). */
function carried({ oidc, body }: KoaContextWithOIDC): { carrier: Disclosure['carrier']; members: object } | undefined {
  if (oidc.route === 'userinfo') {
    if (typeof body === 'string') return { carrier: 'userinfo', members: membersOf(body) };
    return typeof body === 'object' && body !== null ? { carrier: 'userinfo', members: body } : undefined;
  }
  const idToken = oidc.route === 'token' ? (body as { id_token?: unknown } | null)?.id_token : undefined;
  return typeof idToken === 'string' ? { carrier: 'id_token', members: membersOf(idToken) } : undefined;
}

/** Each claim that left as a verified one, by its place. */
const verifiedIn = (said: unknown): string[] => [
  ...new Set(
    [said].flat().flatMap((one) => {
      const { claims = {} } = one as { claims?: object };
      return Object.keys(claims).map((name) => `${VERIFIED_CLAIMS}.claims.${name}`);
    }),
  ),
];

/** Claims of the person that an answer carried: the disclosure that the citizen will be shown. Values never. */
export function disclosureOf(ctx: KoaContextWithOIDC): Disclosure | undefined {
  const { oidc } = ctx;
  if (!oidc?.client || ctx.status !== 200) return undefined;
  const left = carried(ctx);
  const claims = Object.entries(left?.members ?? {}).flatMap(([claim, value]) =>
    claim === VERIFIED_CLAIMS
      ? [claim, ...verifiedIn(value)]
      : PROTOCOL_CLAIMS.includes(claim) || ENVELOPE.includes(claim)
        ? []
        : // The receipt names the organisation, which is no secret of anybody's.
          claim === 'org_id'
          ? [claim, organisationPath(String(value))]
          : [claim],
  );
  if (!left || claims.length === 0) return undefined;
  const entities = oidc.entities as unknown as Entities;
  const consent = (entities.Grant as GrantExtras | undefined)?.consent;
  return {
    subscriberId: String(entities.AccessToken?.accountId),
    clientId: oidc.client.clientId,
    claims,
    carrier: left.carrier,
    ground: consent ? { consentId: consent } : { legalBasis: 'claims that need no consent' },
  };
}
