import type { AssuranceContexts, Context } from './contexts.ts';
import { type Floors, LEAST, type Requirement, together } from './levels.ts';

/** One source that names `acr` values, in its own order of preference. */
export interface AcrRequest {
  readonly source: 'claim' | 'acr_values' | 'default_acr_values';
  /** A necessary request refuses where it is unmet; a voluntary one only chooses which `acr` is answered. */
  readonly necessary: boolean;
  /** The values we know. Empty: only unknown ones were named. */
  readonly contexts: readonly Context[];
}

/** Which proofs are recent enough to count at all. */
export interface Freshness {
  readonly maxAge?: number | undefined;
  readonly freshSince?: number | undefined;
  readonly requestedAt?: number | undefined;
}

/** What a request asks, from all its sources; they all hold together. */
export interface Demand {
  /** In the order in which they decide the answered `acr`. */
  readonly requests: readonly AcrRequest[];
  /** The floors, merged, and never less than one factor. */
  readonly floor: Requirement;
  readonly freshness: Freshness;
  /** Names the pair reached where no requested value is met. */
  readonly contexts: AssuranceContexts;
}

/** The parts of a request that speak of assurance, parsed but not yet understood. */
export interface DemandRequest {
  readonly acrValues?: readonly string[] | undefined;
  /** `claims.id_token.acr`, read by ourselves: the library lets `acr_values` and its default overwrite it. */
  readonly claimsAcr?: { essential?: boolean; value?: string; values?: readonly string[] } | undefined;
  readonly defaultAcrValues?: readonly string[] | undefined;
  /** The client is registered as one whose `acr_values` (and default) are wishes. */
  readonly voluntary: boolean;
  /** Of the client, and of the scopes, claims and resources that are asked for. */
  readonly floors: readonly Floors[];
  readonly maxAge?: number | undefined;
  /** `prompt=login`: only proofs from this moment on count. */
  readonly freshSince?: number | undefined;
  /** When the request came. Given, an answer to this very request is fresh for five minutes, however small `max_age` is. */
  readonly requestedAt?: number | undefined;
}

/**
 * What a request demands. An essential `acr` claim is necessary always (OpenID Connect Core §5.5.1.1); `acr_values` and the
 * client's default are, unless the client is registered as voluntary; an `acr` claim that is not essential is a wish.
 * Unknown values beside a known one are ignored. A necessary source of unknown values alone can never be met, so that
 * a misspelt level refuses instead of being forgotten; a voluntary one of that sort asks nothing.
 */
export function demandOf(request: DemandRequest, contexts: AssuranceContexts): Demand {
  const claim = request.claimsAcr;
  const sources: (readonly [AcrRequest['source'], boolean, readonly string[]])[] = [
    ['claim', claim?.essential === true, claim?.value !== undefined ? [claim.value] : (claim?.values ?? [])],
    ['acr_values', !request.voluntary, request.acrValues ?? []],
    ['default_acr_values', !request.voluntary, request.defaultAcrValues ?? []],
  ];
  return {
    requests: sources
      .filter(([, , values]) => values.length > 0)
      .map(([source, necessary, values]) => ({ source, necessary, contexts: known(values, contexts) }))
      .filter(({ necessary, contexts: understood }) => necessary || understood.length > 0),
    floor: together(LEAST, ...request.floors),
    freshness: { maxAge: request.maxAge, freshSince: request.freshSince, requestedAt: request.requestedAt },
    contexts,
  };
}

/** The contexts that the values name, each once, in order. */
function known(values: readonly string[], contexts: AssuranceContexts): Context[] {
  const found = values.flatMap((value) => contexts.parse(value) ?? []);
  return found.filter((one, at) => found.findIndex(({ name }) => name === one.name) === at);
}
