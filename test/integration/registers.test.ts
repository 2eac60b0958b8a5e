import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cards } from '../../src/app/cards.ts';
import { foundation } from '../../src/app/foundation.ts';
import { registers } from '../../src/app/registers.ts';
import { LOOKS } from '../../src/cli/doctor/looks.ts';
import type { ChangeSubject } from '../../src/domain/approvals/index.ts';
import { createJournal } from '../../src/domain/audit/index.ts';
import { createCardRuleChanges } from '../../src/domain/proofing/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { Secret } from '../../src/platform/secret.ts';
import { NEWCOMERS, PERSONAS } from '../../src/sandbox/index.ts';
import { giveToken, type LoopbackPartner, say, startPartner } from '../support/partner.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { settingsOf } from '../support/settings.ts';
import { twoPeople } from '../support/two-people.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.end());

describe('in a sandbox', () => {
  test('the register knows every persona and every newcomer, by name, birth date, telephone and face', async () => {
    const { population, telephone, face } = server.app.parts.registers;
    const people = [
      ...PERSONAS.map((one) => ({ ...one.person, identityNumber: one.identityNumber })),
      ...NEWCOMERS.map(({ person }) => person),
    ];
    for (const { identityNumber, fullName, birthdate } of people) {
      // Away at first: it comes back.
      const ask = () => population!.match({ identityNumber, fullName, birthdate });
      const answer = await ask().catch(ask).catch(ask);
      if (answer.matched) expect(answer.person.fullName).toBe(fullName);
      else expect(['deceased', 'document_expired'], fullName).toContain(answer.reason);
      const portrait = await population!.portrait(identityNumber);
      if (!portrait) continue;
      const compared = await face!.compare({ probe: portrait.image, reference: portrait.image });
      expect(compared).toMatchObject({ outcome: 'match', pad: { result: 'pass' } });
    }
    const phones = new Map(
      PERSONAS.flatMap(({ person, identityNumber }) => (person.phone ? [[person.phone, identityNumber]] : [])),
    );
    for (const { phone, phoneOf, person } of NEWCOMERS) if (phone) phones.set(phone, phoneOf ?? person.identityNumber);
    for (const [phone, identityNumber] of phones)
      expect(await telephone!.ownership({ phone, identityNumber })).toMatchObject({ ownership: 'holder' });
  });

  test('no two of its people share a number, a telephone, or a face', async () => {
    const { population, face } = server.app.parts.registers;
    const numbers = [
      ...PERSONAS.map(({ identityNumber }) => identityNumber),
      ...NEWCOMERS.map(({ person }) => person.identityNumber),
    ];
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) expect(number).toMatch(/^(09[789]|100)\d{9}$/);
    const phones = [...PERSONAS.map(({ person }) => person.phone), ...NEWCOMERS.map(({ phone }) => phone)].filter(
      Boolean,
    );
    expect(new Set(phones).size).toBe(phones.length);
    const ask = (number: string) => population!.portrait(number);
    const portraits = (
      await Promise.all(
        numbers.map((number) =>
          ask(number)
            .catch(() => ask(number))
            .catch(() => ask(number)),
        ),
      )
    ).filter((one) => one !== undefined);
    for (const [at, { image: probe }] of portraits.entries())
      for (const { image: reference } of portraits.slice(at + 1))
        expect((await face!.compare({ probe, reference })).outcome).toBe('no_match');
  }, 60_000);

  test('its guardian is a persona of level 2 whose account is open', async () => {
    const guardians = NEWCOMERS.flatMap(({ guardians: numbers = [], byCourt, person }) =>
      numbers.map((number) => [number, person.identityNumber, byCourt ?? false] as const),
    );
    expect(guardians.length).toBeGreaterThan(0);
    expect(guardians.filter(([, , byCourt]) => byCourt)).toHaveLength(1);
    for (const [guardian, ward, byCourt] of guardians) {
      expect(PERSONAS.find(({ identityNumber }) => identityNumber === guardian)).toMatchObject({ accountLevel: 2 });
      expect(PERSONAS.find(({ identityNumber }) => identityNumber === guardian)?.lock).toBeUndefined();
      expect(await server.app.parts.registers.population!.guardianship({ guardian, ward })).toEqual({
        basis: byCourt ? 'guardian_of_adult' : 'guardian_of_minor',
      });
    }
  });

  test('nobody of the newcomers has an account, but for whoever comes to take one over', async () => {
    for (const { person, accountBy } of NEWCOMERS) {
      const account = await server.app.parts.subscribers.locate(person.identityNumber);
      expect(account !== undefined, person.fullName).toBe(accountBy !== undefined);
    }
  });

  test('the page shows each card in both languages, in less than 100 kB with its pictures', async () => {
    for (const language of ['vi', 'en']) {
      const page = await (await fetch(`${server.issuer}/sandbox/newcomers?lang=${language}`)).text();
      const sources = [...page.matchAll(/<img src="([^"]+)"/g)].map(([, source]) => source!);
      expect(sources).toHaveLength(NEWCOMERS.length);
      const pictures = await Promise.all(
        sources.map(async (source) => (await (await fetch(`${server.issuer}${source}`)).arrayBuffer()).byteLength),
      );
      expect(page.length + pictures.reduce((sum, size) => sum + size, 0)).toBeLessThan(100_000);
      for (const { person } of NEWCOMERS) expect(page).toContain(person.fullName);
    }
    const { newcomers } = (await (await fetch(`${server.issuer}/sandbox/newcomers.json`)).json()) as {
      newcomers: { identityNumber: string }[];
    };
    expect(newcomers.map(({ identityNumber }) => identityNumber)).toEqual(
      NEWCOMERS.map(({ person }) => person.identityNumber),
    );
  });

  test('a picture is a JPEG of 480 × 640, and there are no others', async () => {
    const picture = await fetch(`${server.issuer}/sandbox/pictures/one-word/screen.jpg`);
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    for (const path of ['one-word/screen', 'one-word/holo.jpg', 'nobody/plain.jpg', '__proto__/plain.jpg'])
      expect((await fetch(`${server.issuer}/sandbox/pictures/${path}`)).status).toBe(404);
  });
});

describe('over HTTPS', () => {
  let partner: LoopbackPartner;
  const { registers: about } = Object.fromEntries(LOOKS);
  beforeAll(async () => {
    partner = await startPartner({
      token: giveToken,
      answer: (_path, _question, response) => say(response, { ownership: 'holder', asOf: '2026-03-02T07:00:00Z' }),
    });
  });
  afterAll(() => partner.stop());
  afterEach(() => {
    partner.script.token = giveToken;
  });

  /** As in production, but for https: the partner stands on loopback. */
  const wired = (
    names: readonly (
      | 'populationRegistry'
      | 'telephoneRegistry'
      | 'enterpriseRegistry'
      | 'faceMatcher'
      | 'fingerprintMatcher'
    )[],
  ) => {
    const settings = {
      ...settingsOf(server.environment),
      ...{ profile: 'production' as const, faceMatcherPad: 'tested' as const },
      ...Object.fromEntries(
        names.flatMap((name) => [
          [`${name}Url`, partner.url],
          [`${name}TokenUrl`, partner.url.replace('/v1', '/token')],
          [`${name}ClientId`, 'senid'],
          [`${name}ClientSecret`, new Secret('secret')],
        ]),
      ),
    };
    const base = foundation(settings, systemClock, {});
    return { settings, base, registers: registers(base) };
  };
  const look = ({ registers: found, settings }: ReturnType<typeof wired>) =>
    about!({ parts: { registers: found } as never, settings, now: new Date() });

  test('without settings there is nobody, simulated least of all', async () => {
    const none = wired([]);
    for (const name of ['population', 'telephone', 'face']) expect(none.registers).not.toHaveProperty(name);
    expect(await look(none)).toEqual({ says: 'none, so nobody signs up online', warnings: [] });
    await none.base.database.close();
  });

  test('nobody is believed by a setting that two people did not agree to; when they have, no server has to start anew', async () => {
    const settings = { ...wired([]).settings, cardStatus: 'waived' as const };
    const base = foundation(settings, systemClock, {});
    const journal = createJournal(base);
    const { trustStore, documentStatuses } = cards(base, journal);
    const card = { issuingState: 'VNM', documentNumber: '001099012345', sodSha256: 'aa' };
    const refusal = async () => (await documentStatuses.check(card, new Date())).refusal?.code;
    const subject = createCardRuleChanges({ clock: systemClock, journal, forget: trustStore.forget }) as ChangeSubject;
    const { change } = twoPeople({ ...base, subject });
    expect(await refusal()).toBe('document.status_unknown');
    await change({ CARD_STATUS: 'waived' });
    expect(await refusal()).toBeUndefined();
    await change({});
    expect(await refusal()).toBe('document.status_unknown');
    await base.database.close();
  });

  test('questions are counted, by who was asked and what came of them, and the breaker shows', async () => {
    const { base, registers: found } = wired(['telephoneRegistry', 'faceMatcher']);
    const question = { phone: '+84900000041', identityNumber: '097190000041' };
    await found.telephone!.ownership(question);
    for (let time = 0; time < 4; time += 1)
      await found.face!.compare({ probe: Buffer.from('x'), reference: Buffer.from('y') }).catch(() => {});
    expect(found.face!.pad).toBe('tested');
    const metrics = await base.metrics.text();
    for (const line of [
      'senid_partner_requests_total{partner="telephone_registry",outcome="answered"} 1',
      'senid_partner_requests_total{partner="face_matcher",outcome="garbage"} 3',
      'senid_partner_requests_total{partner="face_matcher",outcome="resting"} 1',
      'senid_telephone_registry_resting 0',
      'senid_face_matcher_resting 1',
    ])
      expect(metrics.split('\n')).toContain(line);
    expect(metrics).not.toContain(question.identityNumber);
    await base.database.close();
  });

  test('senid doctor says who is there, who is missing, and who refuses us', async () => {
    const some = wired(['populationRegistry', 'telephoneRegistry']);
    expect(await look(some)).toEqual({
      says: 'population register over HTTPS, telephone register over HTTPS, face engine off, fingerprint system off',
      warnings: ['nobody signs up online without the face engine: see senid settings'],
    });
    await some.base.database.close();
    partner.script.token = (_request, _form, response) => say(response, { error: 'invalid_client' }, 401);
    const online = ['populationRegistry', 'telephoneRegistry', 'faceMatcher'] as const;
    const uncounted = wired(online);
    expect((await look(uncounted)).warnings).toContain(
      'nobody reaches level 2 at a counter without the fingerprint system: see senid settings',
    );
    await uncounted.base.database.close();
    const all = wired([...online, 'fingerprintMatcher']);
    const asked = partner.asked.length;
    expect((await look(all)).warnings).toEqual(
      ['population register', 'telephone register', 'face engine', 'fingerprint system'].map(
        (what) => `the ${what} gives us no access token (refused): are address, name and secret right?`,
      ),
    );
    // Nobody was asked about anybody.
    expect(partner.asked).toHaveLength(asked);
    await all.base.database.close();
  });

  test('and names the register of enterprises where one is configured', async () => {
    const some = wired(['populationRegistry', 'telephoneRegistry', 'enterpriseRegistry']);
    expect((await look(some)).says).toBe(
      'population register over HTTPS, telephone register over HTTPS, register of enterprises over HTTPS, face engine off, fingerprint system off',
    );
    await some.base.database.close();
  });
});
