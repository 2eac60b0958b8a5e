import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEgress, providerFetch } from '../../src/platform/egress.ts';
import { aListener } from '../support/listener.ts';

// Abuse case 17: addresses that a relying party registers (jwks_uri, backchannel_logout_uri) point inside. No connection reaches
// the listener, and a redirect is not followed.
let inside: Awaited<ReturnType<typeof aListener>>;
beforeAll(async () => {
  inside = await aListener((request, response) => {
    if (request.path === '/away') response.writeHead(302, { location: `${inside.origin}/secret` });
    response.end('secret');
  });
});
afterAll(() => inside.close());

const refused = { code: 'egress.refused' };

describe('every spelling of an inside address is refused before a connection is made', () => {
  test.each([
    ['loopback', '127.0.0.1'],
    ['loopback, short', '127.1'],
    ['decimal', '2130706433'],
    ['octal', '0177.0.0.1'],
    ['hexadecimal', '0x7f.0.0.1'],
    ['hexadecimal, one number', '0x7f000001'],
    ['zero', '0'],
    ['full-width digits', '１２７.０.０.１'],
    ['IPv6 loopback', '[::1]'],
    ['IPv4-mapped', '[::ffff:127.0.0.1]'],
    ['IPv4-mapped, hexadecimal', '[::ffff:7f00:1]'],
    ['IPv4-compatible', '[::127.0.0.1]'],
    ['NAT64', '[64:ff9b::127.0.0.1]'],
    ['metadata', '169.254.169.254'],
    ['private', '10.1.2.3'],
    ['private', '192.168.1.1'],
  ])('%s: %s', async (_, host) => {
    const egress = createEgress();
    await expect(egress(`https://${host}:${inside.port}/`)).rejects.toMatchObject(refused);
    await expect(egress(`http://${host}:${inside.port}/`)).rejects.toMatchObject(refused);
    expect(inside.connections()).toBe(0);
  });

  test.each([
    ['plain http', 'http://relying-party.example/'],
    ['another scheme', 'ftp://relying-party.example/'],
    ['a file', 'file:///etc/passwd'],
    ['data', 'data:application/json,{"keys":[]}'],
    ['credentials', 'https://somebody:secret@relying-party.example/'],
  ])('%s is refused without asking for the name', async (_, url) => {
    let asked = 0;
    const egress = createEgress({
      resolver: async () => {
        asked += 1;
        return ['1.1.1.1'];
      },
    });
    await expect(egress(url)).rejects.toMatchObject(refused);
    expect(asked).toBe(0);
  });
});

describe('a name', () => {
  test.each([
    ['inside', ['127.0.0.1']],
    ['inside as well as outside', ['1.1.1.1', '127.0.0.1']],
    ['inside over IPv6', ['2606:4700::1111', '::1']],
    ['nowhere that can be read', ['not an address']],
  ])('that points %s is refused', async (_, addresses) => {
    const egress = createEgress({ resolver: async () => addresses });
    await expect(egress(`https://rp.example:${inside.port}/`)).rejects.toMatchObject(refused);
    expect(inside.connections()).toBe(0);
  });

  test('that answers outside first and inside then (rebinding) is asked once, and reached where it was checked', async () => {
    // The system itself leads this name to the listener: whoever asked it once more would arrive. 3ffe::/16 was given back
    // (RFC 3701): public by its number, and nobody lives there.
    const answers = [['3ffe::1'], ['127.0.0.1'], ['127.0.0.1']];
    let asked = 0;
    const egress = createEgress({ timeout: 300, resolver: async () => answers[asked++] ?? [] });
    // Whatever becomes of the connection to the public address here, nothing arrives at the private one.
    const begun = Date.now();
    const outcome = await egress(`https://localhost:${inside.port}/`).catch((error: { code: string }) => error.code);
    expect(['egress.too_slow', 'egress.failed']).toContain(outcome);
    expect(Date.now() - begun, 'a connection that is never accepted').toBeLessThan(5_000);
    expect(asked).toBe(1);
    expect(inside.connections()).toBe(0);
  });

  test('that answers inside first and outside then is refused by its first answer', async () => {
    const answers = [['127.0.0.1'], ['3ffe::1'], ['3ffe::1']];
    let asked = 0;
    const egress = createEgress({ timeout: 300, resolver: async () => answers[asked++] ?? [] });
    await expect(egress(`https://localhost:${inside.port}/`)).rejects.toMatchObject(refused);
    expect(asked).toBe(1);
    expect(inside.connections()).toBe(0);
  });
});

test('the sandbox opens exact origins, and no other port, scheme or name', async () => {
  const egress = createEgress({ allowOrigins: [inside.origin] });
  expect((await egress(`${inside.origin}/jwks`)).status).toBe(200);
  const before = inside.connections();
  await expect(egress(`http://127.0.0.1:${inside.port}/jwks`)).rejects.toMatchObject(refused);
  await expect(egress(`http://localhost:${inside.port + 1}/`)).rejects.toMatchObject(refused);
  await expect(egress(`http://localhost.:${inside.port}/`)).rejects.toMatchObject(refused);
  expect(inside.connections()).toBe(before);
});

test('a redirect is an answer, and is not followed', async () => {
  const egress = createEgress({ allowOrigins: [inside.origin] });
  const before = inside.received.length;
  const answer = await egress(`${inside.origin}/away`);
  expect(answer.status).toBe(302);
  expect(inside.received.slice(before).map(({ path }) => path)).toEqual(['/away']);
});

test('the provider fetches a client’s jwks_uri through the guard', async () => {
  const clientFor = (jwksUri: string, egress: ReturnType<typeof createEgress>) => {
    const provider = new Provider('https://id.example', {
      fetch: providerFetch(egress) as never,
      clients: [
        {
          client_id: 'rp',
          token_endpoint_auth_method: 'private_key_jwt',
          jwks_uri: jwksUri,
          redirect_uris: ['https://rp.example/callback'],
        },
      ],
    });
    return provider.Client.find('rp') as Promise<unknown> as Promise<{
      asymmetricKeyStore: { refresh(): Promise<void> };
    }>;
  };
  const before = inside.connections();
  const closed = await clientFor(`https://127.0.0.1:${inside.port}/jwks`, createEgress());
  await expect(closed.asymmetricKeyStore.refresh()).rejects.toMatchObject({ error: 'invalid_client_metadata' });
  expect(inside.connections()).toBe(before);

  const open = await aListener((_request, response) => {
    response.setHeader('content-type', 'application/json').end('{"keys":[]}');
  });
  const sandbox = await clientFor(`${open.origin}/jwks`, createEgress({ allowOrigins: [open.origin] }));
  await sandbox.asymmetricKeyStore.refresh();
  expect(open.received.map(({ path }) => path)).toEqual(['/jwks']);
  await open.close();
});
