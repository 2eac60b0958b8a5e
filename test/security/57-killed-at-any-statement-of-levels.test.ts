import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandboxReporter } from '../../src/app/registers/register-events.ts';
import type { ChangeSubject } from '../../src/domain/approvals/index.ts';
import { ASSURANCE_POLICY, type Policy } from '../../src/domain/assurance/index.ts';
import { createAssurancePolicies, createPolicyChanges } from '../../src/domain/assurance-policies/index.ts';
import { createJournal } from '../../src/domain/audit/index.ts';
import { createSimulatedReporter } from '../../src/domain/register-events/index.ts';
import { systemClock as clock } from '../../src/platform/clock.ts';
import { createDatabase } from '../../src/platform/database.ts';
import { PERSONAS } from '../../src/sandbox/index.ts';
import { signedIn } from '../support/attack.ts';
import { aCapture, anOfficer, cardRead, served } from '../support/counter.ts';
import type { Page } from '../support/http-client.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aMortal, type Mortal } from '../support/mortal.ts';
import { aCitizen } from '../support/newcomers.ts';
import { pictureOf } from '../support/pictures.ts';
import { publicClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { settingsOf } from '../support/settings.ts';
import { messagesTo, phoneCode, signUp } from '../support/sign-up.ts';
import { type CreationOptions, softwarePasskey } from '../support/software-passkey.ts';
import { twoPeople } from '../support/two-people.ts';

// Level 2 is given, taken and handed over in few statements: the process dies before each of them, the twelve invariants of
// domain.md 8c are asked, and another process goes on where it was.
describe('case 57: the process is killed at any statement of what gives and takes levels', { timeout: 120_000 }, () => {
  let server: TestServer;
  let mortal: Mortal;
  beforeAll(async () => {
    // The other process of this server: it delivers, checks and sweeps, and stays alive.
    server = await startServer();
    mortal = await aMortal(server);
  });
  afterAll(async () => {
    await mortal?.end();
    await server?.end();
  });

  const wrong: string[] = [];
  /** Dies at every statement of it; each time nothing is broken. Answers how often it died. */
  const everywhere = async (what: string, work: () => Promise<unknown>): Promise<number> => {
    wrong.length = 0;
    const points = await mortal.throughout(work, async (n) => {
      const broken = await brokenInvariants(server.database, server.app);
      wrong.push(...broken.map((one) => `${what}, statement ${n + 1}: ${one}`));
    });
    expect(wrong).toEqual([]);
    expect([what, points > 2]).toEqual([what, true]);
    return points;
  };
  const passkey = () => {
    const { hostname, origin } = new URL(server.issuer);
    return softwarePasskey({ rpId: hostname, origin, backedUp: true });
  };
  /** Binds a new passkey by a page that is opened anew: a challenge is spent by whoever died over it. */
  const bindOn = async (ways: Page, notice: string): Promise<void> => {
    const options = JSON.parse(ways.form('register-form').attributes.get('data-options') ?? '{}') as CreationOptions;
    const response = JSON.stringify(passkey().create(options));
    const done = await ways.submit({ response, name: 'Chìa' }, { form: 'register-form' });
    if (!done.url.includes(notice) && !done.words.includes(notice)) throw new Error(`${done.status} ${done.url}`);
  };

  test('at the counter: taking, examining, deciding, the code, and binding afresh', async () => {
    const { identityNumber, person } = PERSONAS.find(({ id }) => id === 'level-1')!;
    const seat = await anOfficer(server, ['intake']);
    const { operator } = seat;
    const page = await served(server, seat, { identityNumber, person });
    const id = /counter\/([0-9a-f-]{36})/.exec(page.url)?.[1] ?? '';
    const counter = mortal.app.parts.counter!;
    const application = async () => (await counter.find(id, operator))!;
    const before = (await server.app.parts.subscribers.locate(identityNumber))!;

    await everywhere('take', async () => expect(await counter.take(await application(), operator)).toBe('taken'));
    // The reader's session goes through the living process: the card's own answer is what is looked at.
    await cardRead(await seat.browser.open(page.url.split('?')[0]!), 'level-1.genuine');
    await everywhere('the fingerprints', async () =>
      expect(await counter.fingerprints(await application(), aCapture(), operator)).toMatchObject({ done: true }),
    );
    await everywhere('the face', async () =>
      expect(await counter.portrait(await application(), await pictureOf(identityNumber), operator)).toMatchObject({
        ...{ done: true, result: 'passed' },
      }),
    );
    const decide = async (): Promise<void> => {
      const one = await application();
      if (one.state !== 'APPROVED') expect(await counter.approve(one, 'own', operator)).toEqual({ decided: true });
    };
    await everywhere('the decision', decide);
    const after = (await server.app.parts.subscribers.find(before.id))!;
    expect([after.accountLevel, (await application()).state]).toEqual([2, 'APPROVED']);

    let code = '';
    await everywhere('the code', async () => {
      const given = await counter.giveCode(await application(), operator);
      if (!given.given) throw new Error(given.reason);
      code = given.code;
    });
    const phone = mortal.browser();
    const ways = await (await phone.open(`${server.issuer}/counter`)).submit({ code }, { form: 'code-form' });
    await everywhere('binding afresh', async () => {
      if ((await application()).binding === 'waiting') await bindOn(await phone.open(ways.url), 'đã ở mức 2');
    });
    const kinds = (await server.app.parts.authenticators.of(before.id)).map(({ kind }) => kind).sort();
    expect([(await application()).binding, kinds]).toEqual(['bound', ['chip-card', 'passkey']]);
  });

  test.each(['death', 'number-cancelled'] as const)('a register event: %s', async (kind) => {
    const citizen = await aCitizen(server);
    const rp = await publicClient(server.issuer, server.client('sandbox-public'));
    const { tokens } = await signedIn(rp, citizen, { scope: 'openid offline_access', prompt: 'consent' });
    const settings = settingsOf(server.environment);
    const reporter = createSimulatedReporter({ ...sandboxReporter({ settings }), clock });
    const token = await reporter.report(kind, citizen.identifier, {});
    // What was not answered is sent again: it was taken whole, or not at all.
    await everywhere(kind, async () =>
      expect(await mortal.app.parts.registerEvents.take(token)).toMatchObject({ taken: true }),
    );
    expect((await server.app.parts.subscribers.find(citizen.id))?.state).toBe('locked');
    expect((await rp.refresh(tokens.refresh_token!)).status).toBe(400);
    const taken = await server.app.parts.journal.query({
      ...{ subscriberId: citizen.id, types: ['subscriber.locked'], limit: 10 },
    });
    expect(taken).toHaveLength(1);
  });

  test('a hand-over at fourteen', async () => {
    const huong = { identityNumber: '097312000033', fullName: 'Nguyễn Mướp Hương', birthdate: '2012-11-20' };
    const phone = '+84900000133';
    const { subscribers, guardianships, authenticators } = server.app.parts;
    const ward = (await subscribers.locate(huong.identityNumber))!.id;
    const browser = mortal.browser();
    await signUp(server, browser, { ...huong, phone, picture: await pictureOf(huong.identityNumber) });
    const activation = async () =>
      (await messagesTo(server.issuer, phone)).flatMap(
        (text) => /\b[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{4}\b/.exec(text) ?? [],
      )[0];
    await expect.poll(activation, { timeout: 20_000 }).toBeDefined();
    const heard = (await messagesTo(server.issuer, phone)).length;
    const code = (await activation())!;
    const asked = await (await browser.open(`${server.issuer}/sign-up/activate`)).submit({ code });
    const ways = await asked.submit({ code: await phoneCode(server, phone, heard) });
    await everywhere('the hand-over', async () => {
      const bound = await authenticators.of(ward);
      const held = await guardianships.ofWard(ward);
      // Whole, or not at all: her passkey, the guardian's part, and her telephone.
      expect(Boolean(held?.handedOver)).toBe(bound.length > 0);
      if (bound.length === 0) await bindOn(await browser.open(ways.url), '/sign-up/activated');
    });
    expect(await subscribers.locate(phone)).toMatchObject({ id: ward, accountLevel: 1 });
    expect((await guardianships.ofWard(ward))?.handedOver).toBeDefined();
  });

  test('an assurance policy: put in force, and what a withdrawn one had given', async () => {
    const version = new Date().toISOString().slice(0, 10);
    // In Viet Nam, seven hours ahead.
    const yesterday = new Date(Date.now() + (7 - 24) * 3_600_000).toISOString().slice(0, 10);
    const stricter: Policy = {
      ...ASSURANCE_POLICY,
      ...{ version, withdrawn: [ASSURANCE_POLICY.version] },
      evidence: ASSURANCE_POLICY.evidence.map((row) =>
        row.id === 'account-2.counter' ? { ...row, effectiveUntil: yesterday } : row,
      ),
    };
    const database = createDatabase({ url: server.databaseUrl, onStatement: mortal.onStatement });
    const subject = createPolicyChanges({
      ...{ clock, journal: createJournal({ database, clock }), policies: createAssurancePolicies({ database }) },
    });
    const people = twoPeople({ database, clock, subject: subject as ChangeSubject });
    const { id, revision } = await people.proposed(stricter);
    const inForce = async () => (await createAssurancePolicies({ database: server.database }).inForce()).version;
    await everywhere('the policy', async () => {
      if ((await inForce()) === version) return people.approvals.list({ limit: 1 } as never);
      return expect(await people.approvals.approve(id, { revision, by: people.binh })).toMatchObject({ done: true });
    });
    expect(await inForce()).toBe(version);
    await database.close();

    // At the next use of an account it is looked at again, once, whoever died over it: each time somebody else's.
    for (let n = 0, lived = false; !lived; n += 1) {
      const { id: whom } = await aCitizen(server);
      lived = await mortal.until(n, () => mortal.app.parts.subscribers.find(whom));
      expect(await brokenInvariants(server.database, server.app)).toEqual([]);
      const found = await server.app.parts.subscribers.find(whom);
      expect([n, found?.accountLevel, found?.recordedLevel]).toEqual([n, 1, 2]);
      const events = await server.app.parts.journal.query({
        ...{ subscriberId: whom, types: ['subscriber.level_changed'], limit: 10 },
      });
      expect([n, events.length]).toEqual([n, 1]);
      expect(lived && n < 3).toBe(false);
    }
  });
});
