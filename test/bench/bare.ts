import { exportJWK, generateKeyPair } from 'jose';
import type { ClientMetadata } from 'oidc-provider';
import { RESOURCE } from '../support/bare-provider.ts';
import { CALLBACK } from '../support/http-client.ts';
import { freePort } from '../support/samples.ts';
import { readFrom, startMeasured, stopMeasured, type Target, untilServing } from './target.ts';

/** Bare oidc-provider with its memory adapter. `padding` reads its page so many times more, to match our requests. */
export async function startBare(folder: string): Promise<Target & { padding: number }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const kid = { kid: 'fapi', alg: 'ES256' };
  const redirect_uris = [CALLBACK];
  const codeAndRefresh = ['authorization_code', 'refresh_token'];
  const plain = { client_id: 'plain', client_secret: 'a secret of the bench, long enough', redirect_uris };
  const open = { client_id: 'public', token_endpoint_auth_method: 'none', redirect_uris };
  const fapi = {
    client_id: 'fapi',
    redirect_uris,
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: true,
  };
  const clients = [
    { ...plain, grant_types: [...codeAndRefresh, 'client_credentials'] },
    { ...open, grant_types: codeAndRefresh },
    { ...fapi, grant_types: codeAndRefresh, jwks: { keys: [{ ...(await exportJWK(publicKey)), ...kid }] } },
  ] as ClientMetadata[];
  const port = await freePort();
  const log = `${folder}/bare.log`;
  const child = await startMeasured('./bare-server.ts', { PORT: String(port), CLIENTS: JSON.stringify(clients) }, log);
  const issuer = `http://localhost:${port}`;
  await untilServing(`${issuer}/.well-known/openid-configuration`, child, log);
  const target: Target & { padding: number } = {
    issuer,
    clients: { plain, public: open, fapi: { ...fapi, jwks: { keys: [{ ...(await exportJWK(privateKey)), ...kid }] } } },
    resource: RESOURCE,
    padding: 0,
    async signIn(page) {
      for (let more = 0; more < target.padding; more += 1) await page.open(page.url);
      return page.submit();
    },
    read: () => readFrom(child),
    databaseMs: async () => 0,
    stop: () => stopMeasured(child),
  };
  return target;
}
