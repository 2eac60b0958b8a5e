import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, parseRegistration } from '../../../src/domain/relying-parties/index.ts';
import { usableAt } from '../../../src/domain/relying-parties/metadata/credentials.ts';
import { findsClientsInMemory, OUR_METADATA } from '../../../src/oidc/clients/library-clients.ts';
import { createEgress, providerFetch } from '../../../src/platform/egress.ts';
import { newId } from '../../../src/platform/ids.ts';
import { aRegistration } from '../../support/clients.ts';
import { aListener } from '../../support/listener.ts';

// Issue 4 §1: overlapping keys with an end. Both sign while both are good; from its end on a key proves nothing, wherever it stands.
const pair = (kid: string) => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid } };
};
const pairs = [pair('old'), pair('new')];
const jwks = { keys: pairs.map(({ jwk }) => jwk) };
const issuer = 'http://localhost:3000';
let host: Awaited<ReturnType<typeof aListener>>;
beforeAll(async () => {
  host = await aListener((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(jwks));
  });
});
afterAll(() => host.close());

/** Which of the two keys the protocol library lets this client in with, at a moment. */
async function lettingIn(metadata: object, now: string): Promise<string[]> {
  const registration = aRegistration({
    keyExpiry: { old: '2027-01-01' },
    metadata: {
      token_endpoint_auth_method: 'private_key_jwt',
      grant_types: ['client_credentials'],
      ...metadata,
    },
    allowedScopes: [],
  });
  const parsed = parseRegistration(registration);
  if (!parsed.parsed) throw new Error(JSON.stringify(parsed.faults));
  const relyingParty = { ...parsed.registration.relyingParty, legalEntity: 'x' };
  const client: Client = usableAt({ ...parsed.registration, relyingParty, version: 1 }, new Date(now));
  const signing = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...signing, alg: 'ES256', use: 'sig' }] },
    cookies: { keys: ['a key of this test'] },
    fetch: providerFetch(createEgress({ allowOrigins: [host.origin] })) as never,
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: () => 'sub',
    sectorIdentifierUriValidate: () => false,
    features: { devInteractions: { enabled: false }, clientCredentials: { enabled: true } },
    clientAuthMethods: ['private_key_jwt'],
    extraClientMetadata: { properties: OUR_METADATA },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'], clientAuthSigningAlgValues: ['ES256'] },
  } as never);
  const apiClients = { usable: async () => undefined };
  findsClientsInMemory(provider, { issuer, relyingParties: { find: async () => client }, apiClients });
  const server = createServer(provider.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const outcomes: string[] = [];
    for (const { kid, privateKey } of pairs) {
      const assertion = await new SignJWT({ iss: client.clientId, sub: client.clientId, jti: newId() })
        .setProtectedHeader({ alg: 'ES256', kid })
        .setAudience(issuer)
        .setIssuedAt()
        .setExpirationTime('1 minute')
        .sign(privateKey);
      const answer = await fetch(`http://127.0.0.1:${port}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: client.clientId,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion,
        }),
      });
      const { error } = (await answer.json()) as { error?: string };
      if (answer.status !== 200) expect(error).toBe('invalid_client');
      if (answer.status === 200) outcomes.push(kid);
    }
    return outcomes;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test.each([
  ['by value', () => ({ jwks })],
  ['at a jwks_uri', () => ({ jwks_uri: `${host.origin}/jwks` })],
])('a key %s lets in until its end, the other one after it too', async (_, metadata) => {
  expect(await lettingIn(metadata(), '2026-12-31T23:59:59Z')).toEqual(['old', 'new']);
  expect(await lettingIn(metadata(), '2027-01-01T00:00:00Z')).toEqual(['new']);
});
