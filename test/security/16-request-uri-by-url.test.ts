import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerIn } from '../support/attack.ts';
import { createBrowser } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { aListener } from '../support/listener.ts';
import { fapiClient, plainClient, publicClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

// Case 16. A request_uri names a request that was pushed (RFC 9126); nothing is ever fetched from an address in a request,
// or anybody could make this server knock at doors behind the firewall.
describe('a request_uri that is an address', () => {
  let server: TestServer;
  let target: Awaited<ReturnType<typeof aListener>>;
  beforeAll(async () => {
    target = await aListener();
    // Even where the egress would allow it, nobody goes there.
    server = await startServer({ settings: { EGRESS_ALLOWED: `http://127.0.0.1:${target.port}` } });
  });
  afterAll(async () => {
    await server.end();
    await target.close();
  });

  const addresses = () => [
    `http://127.0.0.1:${target.port}/request`,
    `http://localhost:${target.port}/request#x`,
    `http://[::1]:${target.port}/`,
    `https://127.0.0.1:${target.port}/request`,
    `urn:ietf:params:oauth:request_uri:http://127.0.0.1:${target.port}/`,
    `urn:ietf:params:oauth:request_uri:../../${target.port}`,
    'file:///etc/passwd',
    'data:application/jwt,e30.e30.',
    'urn:ietf:params:oauth:request_uri:',
    'urn:example:x',
    '//127.0.0.1/',
    'x',
  ];

  test('is refused in every place it can stand, and nobody comes to look', async () => {
    const plain = await plainClient(server.issuer, server.client('sandbox-confidential'));
    const open = await publicClient(server.issuer, server.client('sandbox-public'));
    const fapi = await fapiClient(server.issuer, server.client('sandbox-fapi'));
    for (const request_uri of addresses()) {
      for (const rp of [plain, open, fapi]) {
        const query = new URLSearchParams({ ...rp.request({ scope: 'openid' }).params, request_uri });
        const page = await createBrowser().open(`${rp.server.authorization_endpoint}?${query}`);
        expect(page.has('identifier'), request_uri).toBe(false);
        if (page.location)
          expect(answerIn(page.location).error, request_uri).toMatch(
            /^(invalid_request_uri|request_uri_not_supported|invalid_request)$/,
          );
        else expect(page.status, request_uri).toBe(400);
        const pushed = await rp.par({ ...rp.request({ scope: 'openid' }).params, request_uri });
        expect(pushed.status, request_uri).toBe(400);
      }
    }
    expect(target.connections()).toBe(0);
    expect(target.received).toEqual([]);
  });

  test('is said not to be supported', async () => {
    const rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
    expect(rp.server.request_uri_parameter_supported).toBe(false);
  });

  test('and nothing is broken afterwards', async () => {
    await checkInvariants(server.database, server.app);
  });
});
