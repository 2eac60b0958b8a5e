import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJournal } from '../../src/domain/audit/index.ts';
import { clientChanges, parseRegistration } from '../../src/domain/relying-parties/index.ts';
import { createEgress, type EgressOptions } from '../../src/platform/egress.ts';
import { aProductionRegistration, aRegistration } from '../support/clients.ts';
import { fixedClock } from '../support/clock.ts';
import { freshDatabase } from '../support/database.ts';
import { aListener } from '../support/listener.ts';

// Abuse case 17, the registry's side: every address that a client may register. In production an address inside is refused when
// it is read; a name that leads inside is refused when it is called, and what proposes a client calls it once.
const MEMBERS = [
  'jwks_uri',
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'client_uri',
  'initiate_login_uri',
  'backchannel_logout_uri',
  'eventsUri',
];
/** All but the last are metadata of the protocol. */
const placeOf = (member: string): string => (member === 'eventsUri' ? member : `metadata.${member}`);
const HOSTS = [
  '127.0.0.1',
  '127.1',
  '0',
  '2130706433',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '169.254.169.254',
  '10.0.0.1',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[fd00:ec2::254]',
  'localhost',
  'admin.localhost',
];

describe.each(MEMBERS)('%s', (member) => {
  const faultsOf = (address: string) => {
    const { metadata, ...rest } = aProductionRegistration();
    const at = { [member]: address };
    const parsed = parseRegistration(
      member === 'eventsUri' ? { ...rest, metadata, ...at } : { ...rest, metadata: { ...metadata, ...at } },
    );
    return parsed.parsed ? [] : parsed.faults.map(({ path }) => path);
  };

  test.each(HOSTS)('in production is not at %s', (host) => {
    expect(faultsOf(`https://${host}/x`)).toContain(placeOf(member));
    expect(faultsOf(`http://${host}/x`)).toContain(placeOf(member));
    expect(faultsOf(`https://${host}:8443/x`)).toContain(placeOf(member));
  });

  test('may be at a public address and at a name', () => {
    expect(faultsOf('https://lotus.example/x')).toEqual([]);
    expect(faultsOf('https://203.162.4.190/x')).toEqual([]);
  });
});

test('there is no sector_identifier_uri, no request_uris and no other address to fetch', () => {
  for (const member of ['sector_identifier_uri', 'request_uris', 'backchannel_client_notification_endpoint']) {
    const { metadata, ...rest } = aRegistration();
    const parsed = parseRegistration({ ...rest, metadata: { ...metadata, [member]: 'https://lotus.example/' } });
    expect(parsed).toMatchObject({ parsed: false, faults: [{ path: `metadata.${member}` }] });
  }
});

describe('what proposes a client calls its addresses through the guard', () => {
  let inside: Awaited<ReturnType<typeof aListener>>;
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => {
    fresh = await freshDatabase();
    inside = await aListener((request, response) => {
      response.writeHead(request.path === '/away' ? 302 : 200, { location: 'http://127.0.0.1/secret' });
      response.end('{"keys":[]}');
    });
  });
  afterAll(async () => {
    await inside.close();
    await fresh.end();
  });

  const look = async (address: string, options: EgressOptions) => {
    const { database } = fresh;
    const clock = fixedClock();
    const subject = clientChanges({
      ...{
        database,
        clock,
        sandbox: true,
        journal: createJournal({ database, clock }),
        relyingParties: { forget: () => {} },
      },
      egress: createEgress(options),
    });
    const parsed = subject.parse({
      ...aRegistration(),
      eventsUri: address,
      metadata: {
        redirect_uris: ['https://lotus.example/callback'],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: address,
        backchannel_logout_uri: address,
      },
    });
    if (!parsed.parsed) throw new Error(JSON.stringify(parsed.faults));
    return (await subject.test(parsed.value, undefined)).map(({ level, path }) => `${level} ${path}`);
  };
  const all = ['error metadata.jwks_uri', 'error metadata.backchannel_logout_uri', 'error eventsUri'];

  test('a name that leads inside is an error, and no connection is made', async () => {
    const at = `https://rp.example:${inside.port}/jwks`;
    for (const addresses of [['127.0.0.1'], ['1.1.1.1', '127.0.0.1'], ['::1']])
      expect(await look(at, { resolver: async () => addresses })).toEqual(all);
    expect(inside.connections()).toBe(0);
  });

  test('a name that answers outside first and inside then (rebinding) is never reached inside', async () => {
    // The system itself leads this name to the listener: whoever asked it once more would arrive. 3ffe::/16 was given back
    // (RFC 3701): public by its number, and nobody lives there.
    let asked = 0;
    const resolver = async () => (asked++ === 0 ? ['3ffe::1'] : ['127.0.0.1']);
    const findings = await look(`https://localhost:${inside.port}/jwks`, { resolver, timeout: 300 });
    expect(findings).toEqual(all);
    expect(asked).toBe(3);
    expect(inside.connections()).toBe(0);
  });

  test('a redirect is an answer: no key set is behind it', async () => {
    const allowed = { allowOrigins: [inside.origin] };
    expect(await look(`${inside.origin}/away`, allowed)).toEqual([
      'error metadata.jwks_uri',
      'warning metadata.backchannel_logout_uri',
      'warning eventsUri',
    ]);
    expect(inside.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /away',
      'HEAD /away',
      'HEAD /away',
    ]);
  });
});
