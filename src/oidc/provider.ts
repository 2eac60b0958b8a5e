import Provider, { type Configuration, errors } from 'oidc-provider';
import type { AssuranceContexts, AuthenticatorKind, FrozenAssurance, Policy } from '../domain/assurance/index.ts';
import type { Consents } from '../domain/consents/index.ts';
import type { ApiClients } from '../domain/operators/index.ts';
import { type Client, FAPI_ALGORITHMS, type RelyingParties } from '../domain/relying-parties/index.ts';
import type { Subscribers } from '../domain/subscribers/index.ts';
import { type Clock, epochSeconds } from '../platform/clock.ts';
import type { CookieSigner } from '../platform/cookie-signer.ts';
import type { Secret } from '../platform/secret.ts';
import type { UnitsOfWork } from '../platform/unit-of-work.ts';
import { createFindAccount, frozenIn } from './accounts.ts';
import { createBelief } from './belief.ts';
import { accessTokenClaims, SCOPE_CLAIMS, SINGLE_CLAIMS } from './claims.ts';
import { keepEntitledClaims } from './clients/claims-parameter.ts';
import { assertClientAssertion } from './clients/client-assertion.ts';
import {
  findClient,
  findsClientsInMemory,
  needsPkce,
  OUR_METADATA,
  PROVIDER_SCOPES,
} from './clients/library-clients.ts';
import { adminResource, isOperatorClient } from './clients/operator-clients.ts';
import { postedRequests } from './clients/posted-requests.ts';
import { resourceInfo } from './clients/resources.ts';
import { faultsPass } from './faults.ts';
import { standingGrant } from './grants.ts';
import { inPersonResource } from './in-person/resource.ts';
import { createInteractionPolicy } from './interaction-policy.ts';
import { leavesByOurPage } from './logout/leaving.ts';
import { extendModels, type SessionExtras } from './models.ts';
import { type ActingParts, organisationIn, stillActs } from './organisations/acting.ts';
import type { ProtocolPages } from './pages/protocol-pages.ts';
import type { VerifiedClaimsRelease } from './verified-claims/release.ts';

/** Everything the relying parties' face of the server is made of. */
export interface ProviderParts extends ActingParts {
  readonly issuer: string;
  readonly jwks: { keys: object[] };
  readonly cookieSigner: CookieSigner;
  readonly dpopNonceSecret: Secret<Buffer>;
  readonly adapter: Configuration['adapter'];
  readonly fetch?: Configuration['fetch'];
  readonly contexts: AssuranceContexts;
  /** The assurance policy in force. */
  readonly policy: () => Promise<Policy>;
  readonly clock: Clock;
  readonly units: UnitsOfWork;
  readonly subscribers: Subscribers;
  readonly relyingParties: RelyingParties;
  readonly apiClients: Pick<ApiClients, 'usable'>;
  readonly consents: Consents;
  readonly pages: ProtocolPages;
  readonly verified: VerifiedClaimsRelease;
  usableKinds(subscriberId: string): Promise<AuthenticatorKind[]>;
}

/** Seconds. */
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Seconds that a person may take over one step before the request is forgotten. */
export const INTERACTION_LIFETIME = 30 * 60;

/** Seconds by which clocks may differ; the library grants them to its own sessions too. */
const CLOCK_TOLERANCE = 15;

/** What signs: ES256 unless the client asks for another (oidc-provider.md, measured: RS256 costs ten times as much). */
const SIGNING = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const;

const LOCALES = { ui_locales_supported: ['vi', 'en'], claims_locales_supported: ['vi'] };

/** Where the endpoints of the protocol are. */
const ROUTES = {
  authorization: '/authorize',
  token: '/token',
  userinfo: '/userinfo',
  jwks: '/jwks',
  introspection: '/introspect',
  revocation: '/revoke',
  end_session: '/logout',
  pushed_authorization_request: '/par',
};

/** The endpoints that programs ask, and no browser shows. */
export const PROGRAM_PATHS: ReadonlySet<string> = new Set([
  ROUTES.token,
  ROUTES.userinfo,
  ROUTES.introspection,
  ROUTES.revocation,
  ROUTES.pushed_authorization_request,
]);

/** The whole configuration of the protocol, from top to bottom. */
function configuration(parts: ProviderParts): Configuration {
  const secure = parts.issuer.startsWith('https:');
  const clientOf = (id: string): Promise<Client | undefined> => findClient(parts, id);
  const believed = createBelief(parts);
  return {
    adapter: parts.adapter,
    jwks: parts.jwks as Configuration['jwks'],
    ...(parts.fetch ? { fetch: parts.fetch } : {}),
    findAccount: createFindAccount(parts) as never,
    routes: ROUTES,
    cookies: {
      // The prefixes bind a cookie to this host over https (RFC 6265bis §4.1.3); a path of its own forbids __Host- for two.
      names: secure
        ? { session: '__Host-senid', interaction: '__Secure-senid-interaction', resume: '__Secure-senid-resume' }
        : { session: 'senid', interaction: 'senid-interaction', resume: 'senid-resume' },
      keys: parts.cookieSigner as never,
      long: { httpOnly: true, sameSite: 'lax', path: '/', signed: true },
      short: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    responseTypes: ['code', 'none'],
    scopes: [...PROVIDER_SCOPES],
    claims: {
      ...Object.fromEntries(Object.entries(SCOPE_CLAIMS).map(([scope, claims]) => [scope, [...claims]])),
      // An ID token holds the claims of `openid` alone (`conformIdTokenClaims`); the levels belong there too, and whom the person
      // acts for, and are known only to a request with the scopes `assurance` and `vn_org` (accounts.ts).
      openid: [...SCOPE_CLAIMS.openid, ...SCOPE_CLAIMS.assurance, 'org_id'],
      ...Object.fromEntries(SINGLE_CLAIMS.map((claim) => [claim, null])),
      sid: null,
      iss: null,
    },
    acrValues: parts.contexts.supported,
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: async (_ctx, accountId, client) => {
      const record = await clientOf(client.clientId);
      if (!record) throw new errors.InvalidClient('client is not registered', client.clientId);
      return parts.relyingParties.subjectFor(accountId, record.relyingParty.legalEntity);
    },
    clientAuthMethods: ['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'none'],
    clientDefaults: { id_token_signed_response_alg: 'ES256', grant_types: ['authorization_code'] },
    enabledJWA: {
      // No symmetric algorithm anywhere: a stored hash of a secret must never become an HMAC key.
      clientAuthSigningAlgValues: [...FAPI_ALGORITHMS, 'RS256'] as never,
      idTokenSigningAlgValues: [...SIGNING],
      userinfoSigningAlgValues: [...SIGNING],
      requestObjectSigningAlgValues: [...FAPI_ALGORITHMS, 'RS256'] as never,
      dPoPSigningAlgValues: [...FAPI_ALGORITHMS] as never,
    },
    extraClientMetadata: { properties: OUR_METADATA },
    assertJwtClientAuthClaimsAndHeader: (ctx, claims, header, client) =>
      assertClientAssertion(claims, header as never, {
        client,
        issuer: ctx.oidc.issuer,
        now: epochSeconds(parts.clock.now()),
      }),
    pkce: { required: (ctx, client) => needsPkce(client, ctx.oidc.params?.nonce) },
    features: {
      devInteractions: { enabled: false },
      // Elliptic keys sign without another thread (signing.ts).
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      deviceFlow: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: {
        enabled: true,
        // Who may look into a token: the client it was issued to, or the resource server it was issued for. It is inactive to
        // everybody once its policy was withdrawn.
        allowedPolicy: async (_ctx, client, token) => {
          const audience = [('aud' in token ? token.aud : []) ?? []].flat();
          if (token.clientId !== client.clientId && !audience.includes(client.clientId)) return false;
          const frozen = frozenIn(token as object);
          const { accountId } = token as { accountId?: string };
          if (accountId !== undefined && !(await stillActs(parts, accountId, token))) return false;
          return !frozen || accountId === undefined || believed(frozen, () => parts.subscribers.find(accountId));
        },
      },
      // A client revokes its own tokens and nobody else's (RFC 7009 §2.1).
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      pushedAuthorizationRequests: { enabled: true },
      requestObjects: { enabled: true },
      claimsParameter: {
        enabled: true,
        assertClaimsParameter: async (ctx, claims, client) =>
          keepEntitledClaims(ctx, claims, await clientOf(client.clientId)),
      },
      dPoP: {
        enabled: true,
        nonceSecret: parts.dpopNonceSecret.reveal(),
        // Decided by route: at the resource the client is not known yet, and a token already binds the key there.
        requireNonce: (ctx) => ctx.oidc.route === 'token',
      },
      fapi: { enabled: true, profile: (_ctx, client) => (client?.senid_fapi ? '2.0' : undefined) as never },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_ctx, client) =>
          (client && isOperatorClient(client.clientId) ? adminResource(parts.issuer) : undefined) as never,
        useGrantedResource: () => false,
        getResourceServerInfo: (_ctx, resource, { clientId }) => resourceInfo(parts, resource, clientId) as never,
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx) => parts.pages.confirmLogout(ctx),
        postLogoutSuccessSource: (ctx) => parts.pages.loggedOut(ctx),
      },
      backchannelLogout: { enabled: true },
      userinfo: { enabled: true },
      // For whoever keeps what they were told of a verified person (OpenID Connect Core §5.3.2; Identity Assurance 1.0 §10).
      jwtUserinfo: { enabled: true },
    },
    extraTokenClaims: (ctx, token) => {
      if (token.kind !== 'AccessToken') return undefined;
      const entities = ctx.oidc.entities as Record<string, { assurance?: FrozenAssurance } | undefined>;
      const from = entities.AuthorizationCode ?? entities.RefreshToken;
      const organisation = organisationIn(from);
      if (!from?.assurance) return undefined;
      const acting = organisation === undefined ? {} : { org_id: organisation };
      return { ...accessTokenClaims(from.assurance, parts.contexts), ...acting };
    },
    // Tokens live with the session unless the person agreed to offline access.
    expiresWithSession: (_ctx, token) => !token.scopes.has('offline_access'),
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    // Only a public client without a bound key rotates: FAPI 2.0 forbids it for the others, RFC 9700 §4.14 asks it of these.
    rotateRefreshToken: (ctx) => {
      const token = ctx.oidc.entities.RefreshToken as { jkt?: string } | undefined;
      return ctx.oidc.client?.clientAuthMethod === 'none' && !token?.jkt;
    },
    loadExistingGrant: (ctx) => standingGrant(ctx, parts),
    interactions: {
      policy: createInteractionPolicy({ ...parts, clientOf }),
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
    },
    clientBasedCORS: (_ctx, origin, client) =>
      client.clientAuthMethod === 'none' &&
      client.redirectUris?.some((uri) => URL.parse(uri)?.origin === origin) === true,
    renderError: (ctx, out, error) => parts.pages.error(ctx, out, error),
    allowOmittingSingleRegisteredRedirectUri: false,
    acceptQueryParamAccessTokens: false,
    clockTolerance: CLOCK_TOLERANCE,
    fetchResponseBodyLimits: { jwks_uri: 64 * 1024, sector_identifier_uri: 64 * 1024 } as never,
    discovery: {
      ...{ ...LOCALES, ...parts.verified.metadata },
      // Ours: where clients with the permission check people in presence.
      in_person_verification_endpoint: `${inPersonResource(parts.issuer)}/verifications`,
    } as never,
    ttl: {
      AuthorizationCode: MINUTE,
      PushedAuthorizationRequest: MINUTE,
      Interaction: INTERACTION_LIFETIME,
      // A token for a resource lives as long as its resource server says, which is minutes for a JWT.
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 15 * MINUTE,
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 10 * MINUTE,
      IdToken: 10 * MINUTE,
      RefreshToken: 30 * DAY,
      Grant: 30 * DAY,
      Session: (_ctx, session) => sessionLifetime(session as SessionExtras, epochSeconds(parts.clock.now())),
    },
  };
}

/** An hour of silence or a day in all ends a session (NIST SP 800-63B-4 §2.2.3); seconds that are left. */
export const sessionLifetime = (session: SessionExtras, now: number): number =>
  Math.max(1, Math.min(HOUR, (session.began ?? now) + DAY - now));

/** The provider, with our models, our clients and addresses that come from the issuer alone. */
export function createProvider(parts: ProviderParts): Provider {
  const provider = new (class extends Provider {
    // The library registers its own form_post page while it is being built; ours takes its place.
    override registerResponseMode(name: string, handler: unknown): void {
      const base = super['registerResponseMode' as never] as (name: string, handler: unknown) => void;
      base.call(this, name, name === 'form_post' ? parts.pages.formPost : handler);
    }
  })(parts.issuer, configuration(parts));
  provider.proxy = false;
  provider.use(faultsPass(provider) as never);
  provider.use(postedRequests(['/authorize', '/logout']));
  provider.use(leavesByOurPage(parts.pages, parts.issuer, '/logout/confirm') as never);
  extendModels(provider);
  findsClientsInMemory(provider, parts);
  addressesFromIssuer(provider, parts.issuer);
  return provider;
}

/** The library builds addresses from the Host header (oidc-provider.md, trap 2): ours come from the issuer. */
function addressesFromIssuer(provider: Provider, issuer: string): void {
  const context = (provider as unknown as { OIDCContext: { prototype: object } }).OIDCContext.prototype as {
    urlFor(name: string, options?: object): string;
  };
  const pathFor = (provider as unknown as { pathFor(name: string, options?: object): string }).pathFor.bind(provider);
  context.urlFor = (name, options) => new URL(pathFor(name, options), issuer).href;
}
