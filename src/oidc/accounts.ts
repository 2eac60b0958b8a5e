import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { AssuranceContexts, FrozenAssurance, Policy } from '../domain/assurance/index.ts';
import { policyAt, policyNamed, stillHolds } from '../domain/assurance/index.ts';
import type { RelyingParties } from '../domain/relying-parties/index.ts';
import type { Subscriber, Subscribers } from '../domain/subscribers/index.ts';
import { type Clock, epochSeconds } from '../platform/clock.ts';
import type { UnitsOfWork } from '../platform/unit-of-work.ts';
import { VERIFIED_CLAIMS } from '../standards/identity-assurance/index.ts';
import { createBelief } from './belief.ts';
import { assuranceClaims, claimsAbout, PROTOCOL_CLAIMS } from './claims.ts';
import {
  type ActingParts,
  ORGANISATION_SCOPE,
  organisationClaims,
  organisationIn,
  stillActs,
} from './organisations/acting.ts';
import { floorsOf, type Touched } from './requests.ts';
import { verifiedNames } from './verified-claims/asked.ts';
import type { VerifiedClaimsRelease } from './verified-claims/release.ts';

/** An account as the library asks for it, with the person behind it for our own checks. */
export interface AccountOf {
  readonly accountId: string;
  /** Read with the account, except for a code or a refresh token. */
  readonly subscriber?: Subscriber;
  claims(use: string, scope: string, asked?: object): Promise<Record<string, unknown> & { sub: string }>;
  [member: string]: unknown;
}

export interface AccountParts extends ActingParts {
  readonly subscribers: Pick<Subscribers, 'find' | 'identityNumber'>;
  readonly relyingParties: Pick<RelyingParties, 'find'>;
  readonly verified: Pick<VerifiedClaimsRelease, 'release'>;
  readonly contexts: Pick<AssuranceContexts, 'policy'>;
  /** The assurance policy in force. */
  readonly policy: () => Promise<Policy>;
  readonly clock: Clock;
  readonly units: UnitsOfWork;
}

interface TokenSource {
  readonly kind?: string;
  readonly clientId?: string;
  readonly scope?: string;
  readonly claims?: { readonly id_token?: object; readonly userinfo?: object };
  readonly resource?: string | string[];
  readonly assurance?: FrozenAssurance;
  /** The code of the organisation that the person acts for. */
  readonly organisation?: string;
  readonly extra?: { senid?: FrozenAssurance };
}

/** What an access token keeps of the assurance, as the claims it will show. */
export const frozenIn = (token: TokenSource | undefined): FrozenAssurance | undefined =>
  token?.assurance ?? frozenOfAccessToken(token);

function frozenOfAccessToken(token: object | undefined): FrozenAssurance | undefined {
  const { extra } = (token ?? {}) as { extra?: Record<string, unknown> };
  if (!extra || typeof extra.acr !== 'string') return undefined;
  return {
    acr: extra.acr,
    amr: extra.amr as string[],
    authTime: extra.auth_time as number,
    accountLevel: extra.account_level as 1 | 2,
    authenticationLevel: extra.authentication_level as number,
    phishingResistant: extra.phishing_resistant as boolean,
    strong: extra.strong_proof === true,
    ...namedPolicy(extra.assurance_policy as string),
    ...(typeof extra.account_level_policy === 'string' ? { levelPolicy: policyNamed(extra.account_level_policy) } : {}),
  };
}

const namedPolicy = (address: string): Pick<FrozenAssurance, 'policy' | 'policyHash'> => {
  const { version, hash } = policyNamed(address);
  return { policy: version, policyHash: hash };
};

/**
 * Finds the person behind a session or token. A locked or closed account is not found, so that nothing is told of it; a
 * refresh token is refused when the client's floors have been raised above what was proven, or its policy was withdrawn; an
 * access token whose policy was withdrawn finds nobody; nor does one of somebody who acts for its organisation no longer.
 * Codes and refresh tokens need no look at the account: a lock revokes the grant that they hang on in its own statement, and
 * nothing is written for an account that does not stand (storage/token-store.ts).
 */
export function createFindAccount(parts: AccountParts) {
  const believed = createBelief(parts);
  return async (ctx: KoaContextWithOIDC, id: string, token?: unknown): Promise<AccountOf | undefined> => {
    const read = () => parts.subscribers.find(id);
    const load = () => parts.units.current()?.read(`subscriber ${id}`, read) ?? read();
    const source = token as TokenSource | undefined;
    if (source?.kind === 'RefreshToken') {
      await refuseUnmetRefresh(parts, source);
      if (!(await believed(source.assurance!, load))) throw notEnough();
    }
    const acts = await stillActs(parts, id, source);
    if (source?.kind === 'AuthorizationCode' || source?.kind === 'RefreshToken') {
      if (!acts) throw actsNoMore();
      return accountOf(parts, ctx, { id, source, load });
    }
    const subscriber = await load();
    if (!acts || subscriber?.state !== 'active') return undefined;
    const frozen = frozenOfAccessToken(source);
    if (frozen && !(await believed(frozen, async () => subscriber))) return undefined;
    return accountOf(parts, ctx, { id, source, subscriber, load: async () => subscriber });
  };
}

interface Found {
  readonly id: string;
  readonly source: TokenSource | undefined;
  readonly subscriber?: Subscriber;
  load(): Promise<Subscriber | undefined>;
}

function accountOf(parts: AccountParts, ctx: KoaContextWithOIDC, found: Found): AccountOf {
  const { id, source, subscriber, load } = found;
  return {
    accountId: id,
    ...(subscriber ? { subscriber } : {}),
    claims: async (use, scope, asked = {}) => {
      const scopes = new Set(scope.split(' '));
      const names = Object.keys(asked);
      const entities = ctx.oidc.entities as Record<string, TokenSource | undefined>;
      const frozen = frozenIn(source) ?? frozenIn(entities.AuthorizationCode) ?? frozenIn(entities.AccessToken);
      const levels = Object.fromEntries(
        Object.entries(frozen ? assuranceClaims(frozen, parts.contexts) : {}).filter(
          ([name]) => scopes.has('assurance') || names.includes(name),
        ),
      );
      const tokens = [source, entities.AuthorizationCode, entities.RefreshToken, entities.AccessToken];
      const code = tokens.map(organisationIn).find((one) => one !== undefined);
      const asking = code !== undefined && scopes.has(ORGANISATION_SCOPE);
      const acting = asking ? await parts.organisations?.actsFor(id, code) : undefined;
      const organisation = acting ? organisationClaims(acting) : {};
      // An ID token tells who signed in, how well, and for which organisation, and of the person only what was asked for by name.
      const aboutPerson = names.filter((name) => !PROTOCOL_CLAIMS.includes(name) || name === 'account_type');
      if (use === 'id_token' && aboutPerson.length === 0) return { ...levels, ...organisation, sub: id };
      const person = await load();
      const available = person ? claimsAbout(person, parts.clock.now()) : {};
      if (use === 'id_token' && !names.includes('account_type')) delete available.account_type;
      // Reading the number is a statement of its own.
      if (scopes.has('vn_pin') || names.includes('personal_identification_number')) {
        const number = await parts.subscribers.identityNumber(id);
        if (number) available.personal_identification_number = number;
      }
      const client = names.includes(VERIFIED_CLAIMS) && (await parts.relyingParties.find(ctx.oidc.client!.clientId));
      if (person && client) {
        const agreed = ctx.oidc.entities.Grant?.getOIDCClaims() ?? [];
        const wish = (asked as Record<string, unknown>)[VERIFIED_CLAIMS];
        const verified = await parts.verified.release({ asked: wish, person, client, agreed, frozen });
        if (verified) available[VERIFIED_CLAIMS] = verified;
      }
      return { ...available, ...levels, ...organisation, sub: id };
    },
  };
}

async function refuseUnmetRefresh(parts: AccountParts, token: TokenSource): Promise<void> {
  const client = token.clientId ? await parts.relyingParties.find(token.clientId) : undefined;
  const floors = client ? floorsOf(client, touchedBy(token)) : [];
  const policy = policyAt(epochSeconds(parts.clock.now()), await parts.policy());
  if (!token.assurance || !stillHolds(token.assurance, floors, policy)) {
    throw notEnough();
  }
}

const actsNoMore = () => new errors.InvalidGrant('the person no longer acts for the organisation');
const notEnough = () => new errors.InvalidGrant('the authentication behind this refresh token is no longer enough');

const touchedBy = ({ scope, claims = {}, resource = [] }: TokenSource): Touched => ({
  scopes: scope?.split(' ') ?? [],
  claims: [...Object.values(claims).flatMap((asked) => Object.keys(asked ?? {})), ...verifiedNames(claims as object)],
  resources: [resource].flat(),
});
