import { describe, expect, test } from 'vitest';
import { expiringAt } from '../../../../src/domain/relying-parties/expiring.ts';
import {
  type Client,
  parseRegistration,
  type Registration,
  secretMatches,
  toProviderMetadata,
} from '../../../../src/domain/relying-parties/index.ts';
import { usableAt } from '../../../../src/domain/relying-parties/metadata/credentials.ts';
import { startCredentialWatch } from '../../../../src/jobs/watch-credentials.ts';
import { tokenHash } from '../../../../src/platform/ids.ts';
import { aKeySet, aRegistration } from '../../../support/clients.ts';
import { fixedClock } from '../../../support/clock.ts';

const [key] = aKeySet().keys;
const keyed = (changes: Partial<Registration> = {}) =>
  aRegistration({
    metadata: {
      redirect_uris: ['https://lotus.example/callback'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [key, { ...key, kid: 'k2' }] },
    },
    ...changes,
  });
const client = (registration: Registration, more: Partial<Client> = {}): Client => {
  const parsed = parseRegistration(registration);
  if (!parsed.parsed) throw new Error(JSON.stringify(parsed.faults));
  const { relyingParty } = parsed.registration;
  return { ...parsed.registration, relyingParty: { ...relyingParty, legalEntity: 'x' }, version: 1, ...more };
};
const pathsOf = (input: Registration): string[] => {
  const parsed = parseRegistration(input);
  return parsed.parsed ? [] : parsed.faults.map(({ path }) => path);
};
const at = (moment: string) => new Date(moment);

describe('a key has an end', () => {
  test('written as a moment or a day, for a kid that is there', () => {
    expect(pathsOf(keyed({ keyExpiry: { k1: '2027-01-01', k2: '2027-01-01T12:00:00Z' } }))).toEqual([]);
    expect(client(keyed({ keyExpiry: { k1: '2027-01-01' } })).keyExpiry).toEqual({ k1: '2027-01-01T00:00:00Z' });
    expect(pathsOf(keyed({ keyExpiry: { k3: '2027-01-01' } }))).toEqual(['keyExpiry.k3']);
    expect(pathsOf(keyed({ keyExpiry: { k1: 'soon' } }))).toEqual(['keyExpiry.k1']);
  });

  test('from which on the library is not told of it, and of the other it is', () => {
    const both = client(keyed({ keyExpiry: { k1: '2027-01-01', k2: '2027-02-01' } }));
    const kids = (one: Client) =>
      (toProviderMetadata(one).jwks as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
    const before = usableAt(both, at('2026-12-31T23:59:59.999Z'));
    expect([kids(before), before.goodUntil]).toEqual([['k1', 'k2'], at('2027-01-01T00:00:00Z')]);
    const after = usableAt(both, at('2027-01-01T00:00:00Z'));
    expect([kids(after), after.goodUntil]).toEqual([['k2'], at('2027-02-01T00:00:00Z')]);
    const last = usableAt(both, at('2027-02-01T00:00:00Z'));
    expect([kids(last), last.goodUntil]).toEqual([[], undefined]);
  });

  test('of a jwks_uri, which is named so that it is passed over', () => {
    const metadata = { ...keyed().metadata, jwks: undefined, jwks_uri: 'https://lotus.example/jwks' };
    const remote = client(keyed({ metadata, keyExpiry: { k9: '2027-01-01' } }));
    expect(usableAt(remote, at('2026-12-31T00:00:00Z')).expiredKeys).toBeUndefined();
    expect(usableAt(remote, at('2027-01-01T00:00:00Z')).expiredKeys).toEqual(['k9']);
  });
});

describe('a secret', () => {
  const withSecrets = client(aRegistration({ secretExpiresAt: '2027-03-01' }), {
    secretHash: tokenHash('new'),
    previousSecret: { hash: tokenHash('old'), until: at('2027-01-01T00:00:00Z') },
  });
  const good = (moment: string) =>
    ['new', 'old', ''].map((one) => secretMatches(usableAt(withSecrets, at(moment)), one));

  test('is good until its end, and the one before it until its own', () => {
    expect(good('2026-12-31T00:00:00Z')).toEqual([true, true, false]);
    expect(good('2027-01-01T00:00:00Z')).toEqual([true, false, false]);
    expect(good('2027-03-01T00:00:00Z')).toEqual([false, false, false]);
  });

  test('has no end where there is none', () => {
    expect(pathsOf(keyed({ secretExpiresAt: '2027-01-01' }))).toEqual(['secretExpiresAt']);
  });
});

describe('what ends is told', () => {
  const now = at('2027-01-01T00:00:00Z');
  const keyExpiry = (day: string) => ({ clientId: 'a', keyExpiry: { k1: day } });

  test.each([
    ['2027-02-01', undefined],
    ['2027-01-31', '30_days'],
    ['2027-01-08', '7_days'],
    ['2027-01-02', '1_day'],
    ['2027-01-01', 'expired'],
    ['2026-01-01', 'expired'],
  ])('a key that ends on %s: %s', (day, within) => {
    expect(expiringAt([keyExpiry(day)], now).map((one) => one.within)).toEqual(within ? [within] : []);
  });

  test('the soonest first, and no secret that has made way', () => {
    const clients = [
      { clientId: 'b', secretExpiresAt: '2027-01-20', formerSecretUntil: at('2027-01-05T00:00:00Z') },
      { clientId: 'c', formerSecretUntil: at('2026-12-05T00:00:00Z') },
      { clientId: 'a', keyExpiry: { k2: '2027-01-01' } },
    ];
    expect(expiringAt(clients, now).map(({ clientId, what, kid }) => [clientId, what, kid])).toEqual([
      ['a', 'key', 'k2'],
      ['b', 'previous_secret', undefined],
      ['b', 'secret', undefined],
    ]);
  });

  test('by a line of the log for each and a figure for each nearness', async () => {
    const lines: unknown[] = [];
    const gauges = new Map<string, () => number>();
    const watch = startCredentialWatch({
      relyingParties: {
        expiring: async (moment) => expiringAt([keyExpiry('2027-01-02'), keyExpiry('2026-12-02')], moment),
      },
      clock: fixedClock('2027-01-01T00:00:00Z'),
      log: { warn: (...line) => void lines.push(line) },
      metrics: { gauge: (name, _help, read) => void gauges.set(name, read) },
      failed: (error) => void lines.push(error),
    });
    await watch.stop();
    expect(lines).toMatchObject([
      ['client: key has ended', { code: 'expired' }],
      ['client: key ends soon', { code: '1_day' }],
    ]);
    expect(Object.fromEntries([...gauges].map(([name, read]) => [name, read()]))).toEqual({
      senid_client_credentials_expired: 1,
      senid_client_credentials_1_day: 1,
      senid_client_credentials_7_days: 0,
      senid_client_credentials_30_days: 0,
    });
  });
});
