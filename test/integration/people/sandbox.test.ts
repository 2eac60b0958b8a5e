import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAssurancePolicies } from '../../../src/domain/assurance-policies/index.ts';
import { createJournal } from '../../../src/domain/audit/index.ts';
import { type ChipCardBinding, createAuthenticators } from '../../../src/domain/authenticators/index.ts';
import { createGuardianships } from '../../../src/domain/guardianships/index.ts';
import { createTrustStore, USUAL_CARD_RULES } from '../../../src/domain/proofing/index.ts';
import { documentKey } from '../../../src/domain/register-events/index.ts';
import { createRelyingParties, secretMatches } from '../../../src/domain/relying-parties/index.ts';
import { createSubscribers, type Subscriber } from '../../../src/domain/subscribers/index.ts';
import { createHashingPool } from '../../../src/platform/hashing-pool.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { sql } from '../../../src/platform/sql.ts';
import { type Write, writeTogether } from '../../../src/platform/unit-of-work.ts';
import {
  createSandboxClients,
  NEWCOMERS,
  PERSONAS,
  passportOf,
  personaCards,
  presentCardNumber,
  productionFaults,
  SANDBOX_ENTERPRISES,
  seedSandbox,
} from '../../../src/sandbox/index.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { sandboxExaminer } from '../../support/examiner.ts';
import { sandboxFaces } from '../../support/faces.ts';
import { testSealer } from '../../support/people.ts';

const clock = fixedClock();
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
const place = (master: string) => ({
  issuer: 'http://localhost:3000',
  ports: { airline: 3001, bank: 3002, portal: 3003, clinic: 3004 },
  master: new Secret(Buffer.alloc(32, master)),
});

function parts(clients = createSandboxClients(place('a'))) {
  const { database } = fresh;
  const journal = createJournal({ database, clock });
  const subscribers = createSubscribers({ database, clock, journal, sealer: testSealer('subscribers') });
  const authenticators = createAuthenticators({
    ...{ database, clock, journal },
    policy: createAssurancePolicies({ database }).inForce,
    holdingUnlocked: subscribers.holdingUnlocked,
    sealer: testSealer('authenticators'),
    hashing: createHashingPool(),
    examineCard: sandboxExaminer(clock).examine,
    stands: async () => true,
    holdsPassport: async () => true,
    faces: sandboxFaces(async () => undefined).faces,
    relyingPartyId: 'localhost',
    relyingPartyName: 'SenID',
    origin: 'http://localhost:3000',
    codes: { admit: async () => ({ admitted: true }), queue: () => [] },
  });
  return {
    subscribers,
    relyingParties: createRelyingParties({ database, clock, journal, sandbox: true }),
    authenticators,
    clients,
    trustStore: createTrustStore({ database, clock, journal, fourEyes: false, rules: USUAL_CARD_RULES }),
    now: clock.now(),
    guardianships: createGuardianships({
      ...{ database: fresh.database, clock, journal, authenticators },
      told: async () => [],
    }),
    write: (writes: readonly Write[]) => writeTogether(fresh.database, writes),
    documentKey: (documentNumber: string) => documentKey(testSealer('register-events'), documentNumber),
    credentials: {
      kinds: async (id: string) => (await authenticators.of(id)).map(({ kind }) => kind),
      bindPassword: (id: string, password: string) => authenticators.install(id, { kind: 'password', password }),
      bindTotp: (id: string, secret: string) => authenticators.install(id, { kind: 'totp', secret }),
      bindPhone: (id: string, phone: string) => authenticators.install(id, { kind: 'message-otp', phone }),
      bindCard: (id: string, card: ChipCardBinding) => authenticators.install(id, { kind: 'chip-card', card }),
    },
  };
}
const everything = async (): Promise<unknown> =>
  fresh.database.rows(sql`
    SELECT (SELECT count(*) FROM subscribers) AS people, (SELECT count(*) FROM proofing_records) AS proofings,
      (SELECT count(*) FROM subscriber_locks) AS locks, (SELECT count(*) FROM authenticators) AS authenticators,
      (SELECT count(*) FROM clients) AS clients, (SELECT sum(version) FROM clients) AS versions,
      (SELECT count(*) FROM resource_servers) AS servers`);

beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.end());

describe('a sandbox', () => {
  test('is not there before it is seeded, so that production may start', async () => {
    expect(await productionFaults(fresh.database)).toEqual([]);
  });

  test('is finished by the next start when the first was stopped half-way', async () => {
    const stopped = parts();
    let left = 5;
    const bindPassword = async (id: string, password: string): Promise<unknown> => {
      left -= 1;
      if (left < 0) throw new Error('stopped');
      return stopped.credentials.bindPassword(id, password);
    };
    await expect(seedSandbox({ ...stopped, credentials: { ...stopped.credentials, bindPassword } })).rejects.toThrow(
      'stopped',
    );
    await seedSandbox(parts());
    const { credentials } = parts();
    for (const { subscriberId, totp, textMessages, evidence, cardUnbound } of PERSONAS) {
      const card = evidence?.startsWith('chip') && !cardUnbound;
      const kinds = [...(await credentials.kinds(subscriberId))].sort();
      expect(kinds).toEqual([
        ...(card ? ['chip-card'] : []),
        ...(textMessages ? ['message-otp'] : []),
        'password',
        ...(totp ? ['totp'] : []),
      ]);
    }
  });

  test('has records that name the card in the drawer, or the passport that the register names', async () => {
    const { subscribers, documentKey: key } = parts();
    for (const { subscriberId, identityNumber, accountLevel, evidence, id } of PERSONAS) {
      if (accountLevel < 2) continue;
      const number =
        evidence === 'passport' ? passportOf(identityNumber)!.documentNumber : presentCardNumber(identityNumber);
      expect([id, (await subscribers.proofing(subscriberId))?.card]).toEqual([id, key(number)]);
    }
  });

  test('holds an account that a guardian has made, for its holder of fourteen to take over, and an organisation of each sort', async () => {
    const { subscribers, guardianships, authenticators } = parts();
    const ward = NEWCOMERS.find(({ id }) => id === 'ward-of-14')!;
    const account = (await subscribers.locate(ward.person.identityNumber))!;
    expect(account).toMatchObject({ accountLevel: 1, state: 'active', test: true });
    expect(await authenticators.of(account.id)).toEqual([]);
    expect(await guardianships.ofWard(account.id)).toMatchObject({ guardianId: ward.accountBy });
    // Old enough whenever the sandbox runs from now on; the clock of this test stands before that.
    const { database } = fresh;
    const at = (now: string) =>
      createGuardianships({
        ...{ database, authenticators, clock: fixedClock(now), journal: createJournal({ database, clock }) },
        told: async () => [],
      });
    expect(await at('2026-11-19T16:00:00Z').mayBeTakenOver(account)).toBe(false);
    expect(await at('2026-11-19T17:00:00Z').mayBeTakenOver(account)).toBe(true);
    const sorts = SANDBOX_ENTERPRISES.map(({ status, representatives }) => [status, representatives.length]);
    expect(sorts).toEqual([
      ['active', 1],
      ['active', 2],
      ['dissolved', 1],
    ]);
    for (const { enterpriseCode } of SANDBOX_ENTERPRISES) expect(enterpriseCode).toMatch(/^0{8}\d\d$/);
  });

  test('is the same after it is seeded again, and seeding it again takes no time', async () => {
    const before = await everything();
    const from = performance.now();
    await seedSandbox(parts());
    expect(performance.now() - from).toBeLessThan(2_000);
    expect(await everything()).toEqual(before);
  });

  test('keeps production from starting, and says why', async () => {
    const faults = await productionFaults(fresh.database);
    expect(faults).toHaveLength(5);
    for (const fault of faults) expect(fault).toMatch(/^The database (holds|trusts) \d+ .* of a sandbox\.$/);
  });
});

describe('the twelve personas', () => {
  const found = async (): Promise<Map<string, Subscriber>> => {
    const { subscribers } = parts();
    const people = await Promise.all(
      PERSONAS.map(async ({ id, subscriberId }) => [id, await subscribers.find(subscriberId)] as const),
    );
    return new Map(people.map(([id, person]) => [id, person!]));
  };

  test('are found by what their cards say, under test numbers, as test people', async () => {
    const { subscribers } = parts();
    const cards = personaCards('SenID');
    expect(cards).toHaveLength(12);
    expect(new Set(cards.map(({ number }) => number)).size).toBe(12);
    for (const card of cards) {
      expect(card.number).toMatch(/^(09[789]|100)\d{9}$/);
      expect(card.password.length).toBeGreaterThanOrEqual(15);
      const person = await subscribers.locate(card.number);
      expect(person).toMatchObject({
        fullName: card.name,
        accountLevel: card.accountLevel,
        state: card.state,
        test: true,
      });
      if (card.phone) expect((await subscribers.locate(card.phone))?.id).toBe(person?.id);
    }
  });

  test('are locked where the story says so, on the ground it says', async () => {
    const { subscribers } = parts();
    const locked = PERSONAS.filter(({ lock }) => lock);
    expect(locked.map(({ id }) => id)).toEqual(['expired-card', 'revoked-card', 'locked', 'deceased']);
    for (const { subscriberId, lock } of locked) {
      expect((await subscribers.locks(subscriberId)).map(({ ground }) => ground)).toEqual([lock]);
    }
  });

  test('of level 2 rest on a proofing record of their own, marked as a test', async () => {
    const rows = await fresh.database.rows<{ id: string }>(sql`
      SELECT s.id FROM subscribers s JOIN proofing_records p ON p.subscriber_id = s.id AND p.id = s.proofing_id
      WHERE s.account_level = 2 AND p.test AND octet_length(p.evidence_hash) = 32`);
    expect(rows).toHaveLength(PERSONAS.filter(({ accountLevel }) => accountLevel === 2).length);
  });

  test('include one with every standard claim, and nobody has an empty one', async () => {
    const people = await found();
    const full = people.get('level-2-chip')!;
    for (const member of [
      'familyName',
      'middleName',
      'givenName',
      'nickname',
      'preferredUsername',
      'profile',
      'picture',
      'website',
      'gender',
      'birthdate',
      'zoneinfo',
      'locale',
      'email',
      'phone',
      'address',
    ] as const) {
      expect(full[member]).toBeTruthy();
    }
    expect([full.emailVerified, full.phoneVerified]).toEqual([true, true]);
    for (const person of people.values()) {
      for (const value of Object.values(person)) expect([null, '', undefined]).not.toContain(value);
    }
  });

  test('include a name of one word, partial birth dates, a foreigner, and somebody without telephone', async () => {
    const people = await found();
    expect(people.get('single-name')).toMatchObject({ fullName: 'Phượng', birthdate: '1993' });
    expect(people.get('single-name')).not.toHaveProperty('familyName');
    expect(people.get('elder')?.birthdate).toBe('1945-08');
    expect(people.get('foreign-resident')).toMatchObject({
      accountType: 'foreigner',
      nationality: 'NOR',
      locale: 'en',
    });
    expect(people.get('no-phone')).not.toHaveProperty('phone');
  });
});

describe('the clients', () => {
  test('have the credentials that their cards say, and keep them over a restart', async () => {
    const { relyingParties } = parts();
    const again = createSandboxClients(place('a')).cards();
    for (const [index, card] of createSandboxClients(place('a')).cards().entries()) {
      expect(again[index]).toEqual(card);
      const client = await relyingParties.find(card.client_id);
      expect(client?.disabledAt).toBeUndefined();
      if (typeof card.client_secret === 'string') expect(secretMatches(client!, card.client_secret)).toBe(true);
      const keys = (card.jwks as { keys: { d?: string; kid: string }[] } | undefined)?.keys;
      if (!keys) continue;
      const stored = (client!.metadata.jwks as { keys: Record<string, unknown>[] }).keys[0]!;
      expect(stored).not.toHaveProperty('d');
      const message = Buffer.from('a client assertion');
      const signature = sign('sha256', message, createPrivateKey({ key: keys[0] as never, format: 'jwk' }));
      expect(verify('sha256', message, createPublicKey({ key: stored as never, format: 'jwk' }), signature)).toBe(true);
    }
  });

  test('differ between two sandboxes', () => {
    const secrets = (master: string) =>
      createSandboxClients(place(master))
        .cards()
        .map(({ client_secret, jwks }) => client_secret ?? jwks);
    const [one, two] = [secrets('a'), secrets('b')];
    expect(one.every((secret, index) => secret === undefined || secret !== two[index])).toBe(true);
    expect(one.filter(Boolean)).toHaveLength(9);
  });

  test('of the samples are told to them by their environment', () => {
    const clients = createSandboxClients(place('a'));
    expect(clients.sampleEnvironment('airline')).toMatchObject({
      ISSUER: 'http://localhost:3000',
      PORT: '3001',
      CLIENT_ID: 'sample-airline',
      CLIENT_SECRET: expect.stringMatching(/^[\w-]{43}$/),
    });
    const bank = clients.sampleEnvironment('bank');
    expect(bank).not.toHaveProperty('CLIENT_SECRET');
    expect(JSON.parse(bank.CLIENT_JWKS!).keys[0]).toMatchObject({ kty: 'EC', alg: 'ES256', d: expect.any(String) });
  });

  test('follow the ports when they move, and no legal entity changes', async () => {
    const moved = { ...place('a'), ports: { airline: 4001, bank: 4002, portal: 4003, clinic: 4004 } };
    await seedSandbox(parts(createSandboxClients(moved)));
    const { relyingParties } = parts();
    expect((await relyingParties.find('sample-airline'))?.metadata.redirect_uris).toEqual([
      'http://localhost:4001/callback',
    ]);
    expect((await relyingParties.find('sample-airline'))?.relyingParty.legalEntity).toBe('lotus-air-jsc');
  });
});
