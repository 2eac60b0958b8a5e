import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { FrozenAssurance } from '../domain/assurance/index.ts';
import { policyAt, stillHolds } from '../domain/assurance/index.ts';
import type { RelyingParties } from '../domain/relying-parties/index.ts';
import type { Subscriber, Subscribers } from '../domain/subscribers/index.ts';
import { type Clock, epochSeconds } from '../platform/clock.ts';
import type { UnitsOfWork } from '../platform/unit-of-work.ts';
import { assuranceClaims, claimsAbout } from './claims.ts';

/** An account as the library asks for it, with the person behind it for our own checks. */
export interface AccountOf {
  readonly accountId: string;
  readonly subscriber: Subscriber;
  claims(use: string, scope: string, asked?: object): Promise<Record<string, unknown> & { sub: string }>;
  [member: string]: unknown;
}

export interface AccountParts {
  readonly subscribers: Pick<Subscribers, 'find' | 'identityNumber'>;
  readonly relyingParties: Pick<RelyingParties, 'find'>;
  readonly clock: Clock;
  readonly units: UnitsOfWork;
}

interface TokenSource {
  readonly kind?: string;
  readonly clientId?: string;
  readonly scope?: string;
  readonly assurance?: FrozenAssurance;
  readonly extra?: { senid?: FrozenAssurance };
}

/** What an access token keeps of the assurance, as the claims it will show. */
export const frozenIn = (token: TokenSource | undefined): FrozenAssurance | undefined =>
  token?.assurance ?? frozenOfAccessToken(token as { extra?: Record<string, unknown> } | undefined);

function frozenOfAccessToken(token: { extra?: Record<string, unknown> } | undefined): FrozenAssurance | undefined {
  const extra = token?.extra;
  if (!extra || typeof extra.acr !== 'string') return undefined;
  return {
    acr: extra.acr,
    amr: extra.amr as string[],
    authTime: extra.auth_time as number,
    accountLevel: extra.account_level as 1 | 2,
    authenticationLevel: extra.authentication_level as number,
    phishingResistant: extra.phishing_resistant as boolean,
    strong: extra.strong_proof === true,
    policy: extra.assurance_policy as string,
  };
}

/**
 * Finds the person behind a session or token. A locked or closed account is not found, so that nothing is issued to it; a
 * refresh token is refused when the client's floors have been raised above what was proven, or its policy was withdrawn.
 */
export function createFindAccount(parts: AccountParts) {
  return async (ctx: KoaContextWithOIDC, id: string, token?: unknown): Promise<AccountOf | undefined> => {
    const load = () => parts.subscribers.find(id);
    const subscriber = await (parts.units.current()?.read(`subscriber ${id}`, load) ?? load());
    if (subscriber?.state !== 'active') return undefined;
    const source = token as TokenSource | undefined;
    if (source?.kind === 'RefreshToken') await refuseUnmetRefresh(parts, source);
    return {
      accountId: id,
      subscriber,
      claims: async (use, scope, asked = {}) => {
        const scopes = new Set(scope.split(' '));
        const available = claimsAbout(subscriber, parts.clock.now());
        // An ID token for `openid` alone holds what every relying party understands, and nothing of ours.
        if (use === 'id_token' && !scopes.has('assurance') && !('account_type' in asked)) delete available.account_type;
        // Only one scope opens the number, and reading it is a statement of its own.
        if (scopes.has('vn_pin')) {
          const number = await parts.subscribers.identityNumber(id);
          if (number) available.personal_identification_number = number;
        }
        const entities = ctx.oidc.entities as Record<string, TokenSource | undefined>;
        const frozen = frozenIn(source) ?? frozenIn(entities.AuthorizationCode) ?? frozenIn(entities.AccessToken);
        return { ...available, ...(frozen && scopes.has('assurance') ? assuranceClaims(frozen) : {}), sub: id };
      },
    };
  };
}

async function refuseUnmetRefresh(parts: AccountParts, token: TokenSource): Promise<void> {
  const client = token.clientId ? await parts.relyingParties.find(token.clientId) : undefined;
  const floors = client ? [client.floors] : [];
  for (const scope of token.scope?.split(' ') ?? []) {
    const floor = client?.scopeFloors?.[scope];
    if (floor) floors.push(floor);
  }
  if (!token.assurance || !stillHolds(token.assurance, floors, policyAt(epochSeconds(parts.clock.now())))) {
    throw new errors.InvalidGrant('the authentication behind this refresh token is no longer enough');
  }
}
