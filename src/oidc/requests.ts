import type { AssuranceContexts, Demand, Floors } from '../domain/assurance/index.ts';
import { demandOf } from '../domain/assurance/index.ts';
import type { Client } from '../domain/relying-parties/index.ts';
import { SCOPE_CLAIMS } from './claims.ts';
import { verifiedNames } from './verified-claims/asked.ts';

/** The parameters of an authorization request that say how much proof it wants; as the library keeps them. */
export interface RequestParameters {
  readonly acr_values?: string;
  readonly claims?: string;
  readonly scope?: string;
  readonly resource?: string | string[];
  readonly max_age?: string | number;
  readonly prompt?: string;
  readonly id_token_hint?: string;
}

interface ClaimsParameter {
  readonly id_token?: Record<string, { essential?: boolean; value?: unknown; values?: unknown } | null>;
  readonly userinfo?: Record<string, unknown>;
}

/** The `claims` parameter; the library has checked that it is an object of objects before anybody asks here. */
export function claimsParameter(parameters: RequestParameters): ClaimsParameter {
  if (!parameters.claims) return {};
  try {
    return JSON.parse(parameters.claims) as ClaimsParameter;
  } catch {
    return {};
  }
}

/** The one `sub` that a request wants an ID token for (OpenID Connect Core §5.5.1). */
export const subjectClaimed = (parameters: RequestParameters): unknown =>
  claimsParameter(parameters).id_token?.sub?.value;

/** Every claim name that the `claims` parameter asks for, in either place. */
export const claimsAskedByName = (parameters: RequestParameters): string[] => {
  const { id_token = {}, userinfo = {} } = claimsParameter(parameters);
  return [...new Set([...Object.keys(id_token), ...Object.keys(userinfo)])];
};

/** What an authorization or a token reaches for. */
export interface Touched {
  readonly scopes: readonly string[];
  /** Asked for by name. */
  readonly claims: readonly string[];
  readonly resources: readonly string[];
}

/** The floors that are touched: the client's, and those of each scope, claim and resource; a scope touches its claims too. */
export function floorsOf(client: Client, { scopes, claims, resources }: Touched): Floors[] {
  const opened = scopes.flatMap((scope): readonly string[] =>
    Object.hasOwn(SCOPE_CLAIMS, scope) ? SCOPE_CLAIMS[scope as keyof typeof SCOPE_CLAIMS] : [],
  );
  const named = (table: Readonly<Record<string, Floors>> | undefined, names: readonly string[]): Floors[] =>
    names.flatMap((name) => (table && Object.hasOwn(table, name) ? [table[name]!] : []));
  return [
    client.floors,
    ...named(client.scopeFloors, scopes),
    ...named(client.claimFloors, [...opened, ...claims]),
    ...named(client.resourceFloors, resources),
  ];
}

const touchedBy = (parameters: RequestParameters): Touched => ({
  scopes: parameters.scope?.split(' ') ?? [],
  claims: [...claimsAskedByName(parameters), ...verifiedNames(claimsParameter(parameters))],
  resources: [parameters.resource ?? []].flat(),
});

const strings = (value: unknown): string[] | undefined =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : undefined;

/**
 * What a request demands, from every source together: `acr_values`, the `claims` parameter (read by ourselves, because the
 * library lets `acr_values` and its default overwrite an essential `acr`), the client's default and its floors.
 * `requestedAt` (epoch seconds) is when the request came: `prompt=login` counts only proofs from then on.
 */
export function demandOfRequest(
  client: Client,
  parameters: RequestParameters,
  contexts: AssuranceContexts,
  requestedAt: number,
  more: readonly Floors[] = [],
): Demand {
  const acr = claimsParameter(parameters).id_token?.acr ?? undefined;
  const values = strings(acr?.values);
  const maxAge = parameters.max_age ?? (client.metadata.default_max_age as number | undefined);
  return demandOf(
    {
      acrValues: parameters.acr_values?.split(' ').filter(Boolean),
      ...(acr
        ? {
            claimsAcr: {
              essential: acr.essential === true,
              ...(typeof acr.value === 'string' ? { value: acr.value } : {}),
              ...(values ? { values } : {}),
            },
          }
        : {}),
      defaultAcrValues: strings(client.metadata.default_acr_values),
      voluntary: client.acrVoluntary,
      floors: [...floorsOf(client, touchedBy(parameters)), ...more],
      maxAge: maxAge === undefined ? undefined : Number(maxAge),
      freshSince: parameters.prompt?.split(' ').includes('login') ? requestedAt : undefined,
      requestedAt,
    },
    contexts.withLegacy(client.legacyAcrMap),
  );
}
