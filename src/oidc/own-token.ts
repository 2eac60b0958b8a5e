import type Provider from 'oidc-provider';

/** A token that a client got for itself, as our own resource sees it. */
export interface OwnToken {
  readonly clientId: string;
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
  /** Bound to a key or a certificate: presented alone it proves nothing. */
  readonly bound: boolean;
}

/** Introspection (RFC 7662) without a request: a token of client_credentials that was issued here and has not ended. */
export async function ownToken(provider: Provider, value: string): Promise<OwnToken | undefined> {
  const found = await provider.ClientCredentials.find(value);
  if (!found?.isValid || !found.clientId) return undefined;
  const { aud, scopes } = found as unknown as { aud?: string | string[]; scopes: ReadonlySet<string> };
  return {
    clientId: found.clientId,
    audiences: [aud ?? []].flat(),
    scopes: [...scopes],
    bound: found.isSenderConstrained(),
  };
}
