import { type CryptoKey, importJWK, type JWK } from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hire, program } from '../../support/api-operators.ts';
import { aProductionClient } from '../../support/api-scene.ts';
import { startServer, type TestServer } from '../../support/server.ts';

// The README's section on the admin API, by a client that is not ours.
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.end());

/** As an integrator would write it. */
async function adminApi(issuer: string, clientId: string, privateJwk: JWK, scope: string) {
  const key = { key: (await importJWK(privateJwk, 'ES256')) as CryptoKey, kid: 'k1' };
  const auth = client.PrivateKeyJwt(key);
  // Plain http is for a sandbox on one's own machine.
  const execute = [client.allowInsecureRequests];
  const config = await client.discovery(new URL(issuer), clientId, {}, auth, { execute });
  const resource = `${issuer}/admin/v1`;
  const { access_token } = await client.clientCredentialsGrant(config, { resource, scope });
  return (method: string, path: string, body?: object, ifMatch?: string | null) =>
    client.fetchProtectedResource(
      config,
      access_token,
      new URL(resource + path),
      method,
      body ? JSON.stringify(body) : undefined,
      new Headers({ 'content-type': 'application/json', ...(ifMatch ? { 'if-match': ifMatch } : {}) }),
    );
}

test('a change of a client: proposed by one operator’s program, approved by another’s', async () => {
  const api = async (role: 'rp_admin' | 'approver') => {
    const { id, privateKey } = await program(server, await hire(server, [role]));
    return adminApi(server.issuer, id, privateKey.export({ format: 'jwk' }) as JWK, `admin:${role}`);
  };
  const [mai, binh] = [await api('rp_admin'), await api('approver')];
  const value = aProductionClient();

  const drafted = await mai('POST', '/change-requests', {
    kind: 'client',
    value,
    reason: 'Lotus Air checks in with SenID',
  });
  expect(drafted.status).toBe(201);
  const path = new URL(drafted.headers.get('location')!, server.issuer).pathname.replace('/admin/v1', '');
  const proposed = await mai('POST', `${path}/propose`, {}, drafted.headers.get('etag'));
  expect(proposed.status).toBe(200);

  const seen = await binh('GET', path);
  expect(await seen.json()).toMatchObject({ state: 'proposed', reason: 'Lotus Air checks in with SenID' });
  const approved = await binh('POST', `${path}/approve`, { note: 'agreed' }, seen.headers.get('etag'));
  expect(await approved.json()).toMatchObject({ state: 'applied' });
  expect(await (await mai('GET', `/clients/${value.clientId}`)).json()).toMatchObject({ number: 1, disabled: false });
});
