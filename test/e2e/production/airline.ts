import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { exportJWK, type JWK } from 'jose';
import * as oidc from 'openid-client';
import { fetch } from 'undici';
import { TLS, trusting } from './server.ts';

/** An airline that signs its requests for tokens with a key of its own, on https, with a library that is not ours. */
export interface Airline {
  readonly origin: string;
  /** Public: what is registered. */
  readonly jwks: { readonly keys: readonly JWK[] };
  /** Where passengers come back to, from now on; it answers at any path. */
  returnTo: string;
  end(): Promise<void>;
}

export async function startAirline(issuer: string, clientId: string): Promise<Airline> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'airline-1', use: 'sig', alg: 'ES256' };
  const key = await crypto.subtle.importKey(
    'pkcs8',
    privateKey.export({ format: 'der', type: 'pkcs8' }),
    { name: 'ECDSA', namedCurve: 'P-256' },
    false,
    ['sign'],
  );
  const provider = await oidc.discovery(
    new URL(issuer),
    clientId,
    { id_token_signed_response_alg: 'ES256' },
    oidc.PrivateKeyJwt({ key, kid: jwk.kid }),
    { [oidc.customFetch]: (url, options) => fetch(url, { ...options, dispatcher: trusting } as never) as never },
  );
  const asked = new Map<string, { nonce: string; verifier: string }>();

  const checkIn = async (redirectUri: string): Promise<string> => {
    const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
    asked.set(state, { nonce, verifier });
    const request = {
      ...{ redirect_uri: redirectUri, scope: 'openid assurance profile', state, nonce },
      ...{ code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
    };
    return oidc.buildAuthorizationUrl(provider, request).href;
  };

  const board = async (here: URL): Promise<string> => {
    const state = here.searchParams.get('state') ?? '';
    const { nonce, verifier } = asked.get(state) ?? { nonce: '', verifier: '' };
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
    const tokens = await oidc.authorizationCodeGrant(provider, here, checks);
    const claims = tokens.claims()!;
    const { name } = await oidc.fetchUserInfo(provider, tokens.access_token, claims.sub);
    return JSON.stringify({ name, ...claims });
  };

  const airline = { returnTo: '/callback' };
  const server = createServer({ cert: readFileSync(TLS.cert), key: readFileSync(TLS.key) }, (request, response) => {
    const here = new URL(request.url ?? '/', origin);
    const page = (status: number, text: string) =>
      response
        .writeHead(status, { 'content-type': 'text/html; charset=utf-8' })
        .end(
          `<!doctype html><html lang="vi"><title>Lotus Air</title><link rel="icon" href="data:,"><pre>${text}</pre>`,
        );
    if (here.pathname === '/check-in')
      checkIn(`${origin}${airline.returnTo}`).then(
        (location) => response.writeHead(302, { location }).end(),
        (error) => page(500, String(error)),
      );
    else if (here.searchParams.has('state'))
      board(here).then(
        (told) => page(200, told),
        (error) => page(400, String(error)),
      );
    else page(404, '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  return Object.assign(airline, {
    ...{ origin, jwks: { keys: [jwk] } },
    async end(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
