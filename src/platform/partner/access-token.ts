import * as client from 'openid-client';
import type { Clock } from '../clock.ts';
import type { Egress } from '../egress.ts';
import type { Secret } from '../secret.ts';

/** How we show a partner who asks: OAuth 2.0 client credentials (RFC 6749 §4.4), the secret by HTTP Basic. */
export interface ClientCredentials {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly scope?: string;
}

/** An access token that is fetched when there is none, kept while it is good, and forgotten when it was refused. */
export interface AccessToken {
  get(): Promise<string>;
  forget(token: string): void;
}

/** Seconds before its end that a token is not used any more; and how long one is kept that does not say when it ends. */
const MARGIN = 30;
const WITHOUT_END = 60;

export function createAccessToken(parts: {
  readonly credentials: ClientCredentials;
  readonly egress: Egress;
  readonly clock: Clock;
}): AccessToken {
  const { credentials, clock } = parts;
  const server = { issuer: new URL(credentials.tokenUrl).origin, token_endpoint: credentials.tokenUrl };
  const secret = credentials.clientSecret.reveal();
  const configuration = new client.Configuration(
    server,
    credentials.clientId,
    undefined,
    client.ClientSecretBasic(secret),
  );
  configuration[client.customFetch] = (url, { method, headers, body, signal }) =>
    parts.egress(url, { method, headers, body: body as string | URLSearchParams | undefined, signal: signal ?? null });
  // The guard decides about plain http: it lets it pass for named origins only.
  client.allowInsecureRequests(configuration);

  let kept: { token: string; until: number } | undefined;
  let fetching: Promise<string> | undefined;
  const fetchToken = async (): Promise<string> => {
    const asked = clock.now().getTime();
    const scope = credentials.scope === undefined ? {} : { scope: credentials.scope };
    const answer = await client.clientCredentialsGrant(configuration, scope);
    const lasts = Math.max(0, (answer.expires_in ?? WITHOUT_END + MARGIN) - MARGIN);
    kept = { token: answer.access_token, until: asked + lasts * 1000 };
    return answer.access_token;
  };
  return {
    async get() {
      if (kept && clock.now().getTime() < kept.until) return kept.token;
      fetching ??= fetchToken().finally(() => {
        fetching = undefined;
      });
      return fetching;
    },
    forget(token) {
      if (kept?.token === token) kept = undefined;
    },
  };
}
