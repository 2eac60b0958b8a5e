import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sandboxReporter } from '../../../src/app/registers/register-events.ts';
import { ASSURANCE_POLICY, type Policy, parsePolicy, referenceOf } from '../../../src/domain/assurance/index.ts';
import { createFaceVerifier } from '../../../src/domain/biometrics/index.ts';
import { addressesOf } from '../../../src/domain/notices/index.ts';
import { type Proofing, proofingFaults, proofingWrite } from '../../../src/domain/proofing/index.ts';
import { createSimulatedReporter } from '../../../src/domain/register-events/index.ts';
import { createRemoteProofings, type Visit } from '../../../src/domain/remote-proofing/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { drawPerson } from '../../../src/sandbox/index.ts';
import { fixedClock } from '../../support/clock.ts';
import { createBrowser } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { aCitizen } from '../../support/newcomers.ts';
import { notWritten } from '../../support/not-written.ts';
import { anApplicant, aProofing } from '../../support/people.ts';
import { pictureOf } from '../../support/pictures.ts';
import { passkeyFor, remoteWorld, visitOf } from '../../support/remote-proofing.ts';
import { SAVED_ANEW } from '../../support/saved-anew.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { settingsOf } from '../../support/settings.ts';
import { signIn } from '../../support/sign-in.ts';
import { cardWithPortrait, evidenceOf, virtualCard } from '../../support/virtual-card.ts';

// Issue 6 §2: chip, face and register over the network. What comes of it is a record of level 1, whatever anybody says.
const KHOI = '097098000001';
const LAN_ANH = '097190000002';
const clock = fixedClock(new Date().toISOString());
let server: TestServer;
let world: ReturnType<typeof remoteWorld>;
let khoi: Visit;
beforeAll(async () => {
  server = await startServer({ jobs: false, clock });
  await Promise.all([passkeyFor(server, KHOI), passkeyFor(server, LAN_ANH)]);
});
afterAll(() => server?.end());
beforeEach(async () => {
  for (const table of ['remote_sittings', 'remote_proofings'])
    await server.database.execute(sql.raw(`DELETE FROM ${table}`));
  world = remoteWorld(server, { clock });
  khoi = await visitOf(server, KHOI, { clock });
});

const rows = <T extends object>(statement: ReturnType<typeof sql>) => server.database.rows<T>(statement);
const events = async (type: string) =>
  (await server.app.parts.journal.query({ subscriberId: khoi.subscriber.id, types: [type as never], limit: 100 })) as {
    detail: Record<string, unknown>;
  }[];
const recorded = async () =>
  (
    await rows<{ proofing_id: string }>(
      sql`SELECT proofing_id FROM remote_proofings WHERE subscriber_id = ${khoi.subscriber.id} ORDER BY decided_at DESC`,
    )
  ).map(({ proofing_id }) => proofing_id);
/** Consent and card. */
const asFarAsFace = async (visit: Visit = khoi) => {
  expect(await world.remote.begin(visit)).toEqual({ begun: true });
  expect(await world.takeCard(visit)).toEqual({ taken: true });
};
const whole = async () => {
  await asFarAsFace();
  expect(await world.takeFace(khoi, KHOI)).toEqual({ taken: true });
};
const fail = { taken: false };
const OFFICER = { kind: 'operator', id: newId() } as const;

describe('somebody at home', () => {
  test('is proofed by card, face and register: one record of level 1, with what was checked and by which rules', async () => {
    const before = await events('remote_proofing.completed');
    await whole();
    const current = (await world.remote.current(khoi.subscriber))!;
    expect(current).toMatchObject({
      ...{ accountLevel: 1, channel: 'remote', faceMatched: true, fingerprintsMatched: false, officer: 'system' },
      policy: 'remote-chip-face@2024-07-01',
      assurance: { ...referenceOf(ASSURANCE_POLICY), row: 'account-2.remote' },
      evidence: [
        { kind: 'chip_card', checks: ['passive_authentication', 'chip_authentication', 'face_match'] },
        { kind: 'register_entry', checks: ['register_match', 'face_match'] },
      ],
    });
    expect(current.evidence.every(({ hash }) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
    const completed = await events('remote_proofing.completed');
    expect(completed.length).toBe(before.length + 1);
    expect(completed[0]!.detail).toMatchObject({
      ...{ proofing: current.id, row: 'account-2.remote', policy: '2026-01-01.1' },
      ...{ chip_outcome: 'match', chip_padResult: 'pass', register_outcome: 'match', register_padResult: 'pass' },
    });
    const media = addressesOf(await world.parts.reachable(khoi.subscriber)).map(({ medium }) => medium);
    expect(media).toEqual(['sms', 'mail']);
    const told = (await events('notice.queued')).filter(({ detail }) => detail.notice === 'remote_proofing_completed');
    expect(told.map(({ detail }) => detail.media)).toEqual([media]);
    // The account is what it was, and nothing of the sitting is left.
    const after = (await server.app.parts.subscribers.find(khoi.subscriber.id))!;
    expect([after.accountLevel, after.recordedLevel]).toEqual([1, 1]);
    expect((await server.app.parts.subscribers.proofing(after.id))?.id).not.toBe(current.id);
    expect(await rows(sql`SELECT FROM remote_sittings`)).toEqual([]);
    await checkInvariants(server.database, server.app);
  });

  test('takes one step after the other: no face before the card, no card twice, and nothing without consent', async () => {
    expect(await world.remote.step(khoi)).toBeUndefined();
    expect(await world.remote.askCard(khoi)).toMatchObject({ asked: false, reason: 'overtaken' });
    expect(await world.remote.askFace(khoi)).toMatchObject({ asked: false, reason: 'overtaken' });
    await world.remote.begin(khoi);
    expect(await world.remote.askFace(khoi)).toMatchObject({ asked: false, reason: 'overtaken' });
    const picture = await pictureOf(KHOI);
    expect(await world.remote.takeFace(khoi, { token: 'x'.repeat(43), picture })).toMatchObject(fail);
    const { asked, evidence, token } = await world.read(khoi, { persona: 'level-1' });
    expect(asked.asked).toBe(true);
    // The card's token is none of the face's.
    expect(await world.remote.takeFace(khoi, { token: token!, picture })).toMatchObject({
      ...fail,
      reason: 'overtaken',
    });
    expect(await world.remote.takeCard(khoi, { token: token!, read: evidence! })).toEqual({ taken: true });
    // The same answer once more, and another card, now that the face is next.
    expect(await world.remote.takeCard(khoi, { token: token!, read: evidence! })).toMatchObject({
      ...fail,
      reason: 'overtaken',
    });
    expect(await world.remote.askCard(khoi)).toMatchObject({ asked: false, reason: 'overtaken' });
    expect(await recorded()).toEqual([]);
  });

  test('has what is under way to themselves: another session, and a page that was shown before, are not heard', async () => {
    await asFarAsFace();
    const elsewhere = { ...khoi, sessionKey: 'another-session' };
    expect(await world.remote.askFace(elsewhere)).toMatchObject({ asked: false, reason: 'overtaken' });
    const [first, second] = [await world.remote.askFace(khoi), await world.remote.askFace(khoi)];
    if (!first.asked || !second.asked) throw new Error('nothing was asked');
    const picture = await pictureOf(KHOI);
    expect(await world.remote.takeFace(khoi, { token: first.token, picture })).toMatchObject({ reason: 'overtaken' });
    const answers = await Promise.all(
      [0, 1, 2].map(() => world.remote.takeFace(khoi, { token: second.token, picture })),
    );
    expect(answers.filter(({ taken }) => taken).length).toBe(1);
    expect((await recorded()).length).toBe(1);
    // Somebody begins elsewhere: what was begun here is over.
    await world.remote.begin(khoi);
    await world.remote.begin(elsewhere);
    expect(await world.remote.askCard(khoi)).toMatchObject({ reason: 'overtaken' });
  });

  test('and has twenty minutes', async () => {
    await asFarAsFace();
    clock.advance(20 * 60 + 1);
    expect(await world.takeFace(khoi, KHOI)).toMatchObject({ asked: { reason: 'overtaken' } });
    await world.remote.sweep();
    expect(await rows(sql`SELECT FROM remote_sittings WHERE sealed IS NOT NULL`)).toEqual([]);
  });
});

describe('the card', () => {
  test('must be the account’s own: somebody else’s genuine one is refused, and named so', async () => {
    await world.remote.begin(khoi);
    expect(await world.takeCard(khoi, { persona: 'level-2-chip' })).toMatchObject({
      reason: 'card',
      refusal: 'document.another',
    });
    expect((await events('remote_proofing.refused'))[0]!.detail).toMatchObject({
      step: 'card',
      refusal: 'document.another',
    });
  });

  test('must be so by number and by birth date', async () => {
    // Somebody born on the same day, and a number under which another day stands.
    const sameDay = { ...khoi, subscriber: { ...khoi.subscriber, birthdate: '1990-05-17' } };
    const anotherDay = { ...khoi, subscriber: { ...khoi.subscriber, birthdate: '1998-03-15' } };
    const yearAlone = { ...khoi, subscriber: { ...khoi.subscriber, birthdate: '1998' } };
    for (const [visit, persona] of [
      [sameDay, 'level-2-chip'],
      [anotherDay, 'level-1'],
    ] as const) {
      await world.remote.begin(visit);
      expect(await world.takeCard(visit, { persona })).toMatchObject({ refusal: 'document.another' });
    }
    await world.remote.begin(yearAlone);
    expect(await world.takeCard(yearAlone)).toEqual({ taken: true });
  });

  test('answers this very question: what was recorded in another reading is refused', async () => {
    await world.remote.begin(khoi);
    const before = await world.read(khoi, { persona: 'level-1' });
    const asked = await world.remote.askCard(khoi);
    if (!asked.asked) throw new Error('nothing was asked');
    const replayed = await world.remote.takeCard(khoi, { token: asked.token, read: before.evidence! });
    expect(replayed).toMatchObject({ reason: 'card', refusal: 'document.another' });
    // Under the session of now, with the answer to the challenge of then.
    const again = await world.remote.askCard(khoi);
    if (!again.asked) throw new Error('nothing was asked');
    const { chip: _, ...active } = await evidenceOf(virtualCard({ persona: 'level-2-chip' }), {
      ...{ challenge: Buffer.from(asked.challenge, 'base64url'), session: again.session },
    });
    expect(await world.remote.takeCard(khoi, { token: again.token, read: active })).toMatchObject({
      reason: 'card',
      refusal: expect.stringMatching(/^(aa|chip)\./),
    });
  });

  test.each([
    ['cloned', /^(chip|ca|aa)\./],
    ['expired-card', /^document\.expired$/],
    ['withdrawn-card', /^document\.revoked$/],
    ['changed-dg2', /^dg\.hash$/],
    ['foreign-card', /^(csca|document)\./],
    ['replayed-answer', /^(aa|ca|chip)\./],
    ['unknown-authority', /^(csca|dsc)\./],
  ] as const)('that is %s is none', async (fault, refusal) => {
    const lanAnh = await visitOf(server, LAN_ANH, { clock });
    await world.remote.begin(lanAnh);
    expect(await world.takeCard(lanAnh, { persona: 'level-2-chip', fault })).toMatchObject({
      reason: 'card',
      refusal: expect.stringMatching(refusal),
    });
  });

  test('of which no authority answers is not enough from afar', async () => {
    const waived = {
      ...world.parts,
      examineCard: (async (...of) => {
        const examined = await world.parts.examineCard(...of);
        return examined.genuine ? { ...examined, standing: { status: 'not_asked', from: 'nobody' } } : examined;
      }) as typeof world.parts.examineCard,
    };
    const remote = createRemoteProofings(waived);
    await remote.begin(khoi);
    const asked = await remote.askCard(khoi);
    if (!asked.asked) throw new Error('nothing was asked');
    const read = await evidenceOf(virtualCard({ persona: 'level-1' }), {
      ...{ challenge: Buffer.from(asked.challenge, 'base64url'), session: asked.session },
    });
    expect(await remote.takeCard(khoi, { token: asked.token, read })).toMatchObject({
      refusal: 'document.status_unknown',
    });
  });

  test('that did not come to be read says nothing against anybody', async () => {
    await world.remote.begin(khoi);
    for (let time = 0; time < 7; time += 1) {
      const asked = await world.remote.askCard(khoi);
      if (!asked.asked) throw new Error('nothing was asked');
      const read = { session: asked.session, refused: 'reader.cancelled' } as const;
      expect(await world.remote.takeCard(khoi, { token: asked.token, read })).toMatchObject({
        refusal: 'reader.cancelled',
      });
    }
    expect(await world.takeCard(khoi)).toEqual({ taken: true });
  });
});

describe('the face', () => {
  test.each([
    ['of somebody else', LAN_ANH, 'plain', 'face'],
    ['on a screen', KHOI, 'screen', 'face'],
    ['that nobody looked at for attacks', KHOI, 'unchecked', 'face'],
    ['that is blurred', KHOI, 'blurred', 'picture'],
    ['of two people', KHOI, 'several', 'picture'],
  ] as const)('%s does not pass, and nothing is recorded', async (_, of, mark, reason) => {
    await asFarAsFace();
    expect(await world.takeFace(khoi, of, mark)).toMatchObject({ taken: false, reason });
    expect(await recorded()).toEqual([]);
    // The card need not be read again.
    expect(await world.takeFace(khoi, KHOI)).toEqual({ taken: true });
  });

  test('is that of the chip too: a card in which another face stands is not enough, whoever the register knows', async () => {
    // The register's entry has her own face, and the card of her number has another: here the other way round.
    world.population.amend(KHOI, (entry) => ({
      ...entry,
      portrait: async () => ({ image: await drawPerson(LAN_ANH) }),
    }));
    await asFarAsFace();
    for (const of of [KHOI, LAN_ANH])
      expect(await world.takeFace(khoi, of)).toMatchObject({ taken: false, reason: 'face' });
    const [first, second] = (await events('remote_proofing.refused')).map(({ detail }) => detail);
    expect(second).toMatchObject({ chip_outcome: 'match', register_outcome: 'no_match' });
    expect(first).toMatchObject({ chip_outcome: 'no_match' });
    expect(first).not.toHaveProperty('register_outcome');
  });

  test('is looked at by no engine that sees no attack, whatever the installation is content with', async () => {
    world = remoteWorld(server, { clock, pad: 'none' });
    await asFarAsFace();
    expect(await world.takeFace(khoi, KHOI)).toMatchObject({ taken: false, reason: 'face' });
    expect(await recorded()).toEqual([]);
  });

  test('that was sent before is none, in whichever file it comes; the next one that a camera makes is', async () => {
    const send = async (picture: Buffer) => {
      const asked = await world.remote.askFace(khoi);
      if (!asked.asked) throw new Error('nothing was asked');
      return world.remote.takeFace(khoi, { token: asked.token, picture });
    };
    const picture = await pictureOf(KHOI);
    await asFarAsFace();
    expect(await send(picture)).toEqual({ taken: true });
    const [first] = await recorded();
    await asFarAsFace();
    for (const again of [
      picture,
      await SAVED_ANEW['quality 40'](picture),
      await SAVED_ANEW['half the size'](picture),
    ]) {
      expect(await send(again)).toMatchObject({ taken: false, reason: 'face' });
      // It is the same face, by both portraits: that it has come before is all that is wrong with it.
      expect((await events('remote_proofing.refused'))[0]!.detail).toMatchObject({
        ...{ chip_outcome: 'match', register_outcome: 'match', chip_padResult: 'pass', reused: true },
      });
    }
    expect(await recorded()).toEqual([first]);
    expect(await send(await pictureOf(KHOI))).toEqual({ taken: true });
    expect((await recorded()).length).toBe(2);
  });

  test('of which nothing could be written is sent again in its sitting, and is one of before in the next', async () => {
    const send = async (picture: Buffer) => {
      const asked = await world.remote.askFace(khoi);
      if (!asked.asked) throw new Error('nothing was asked');
      return world.remote.takeFace(khoi, { token: asked.token, picture });
    };
    const [picture, kept] = [await pictureOf(KHOI), await pictureOf(KHOI)];
    await asFarAsFace();
    for (const one of [picture, kept]) await notWritten(server.database, () => expect(send(one)).rejects.toThrow());
    expect(await recorded()).toEqual([]);
    expect(await send(picture)).toEqual({ taken: true });
    await asFarAsFace();
    for (const one of [picture, kept]) expect(await send(one)).toMatchObject({ taken: false, reason: 'face' });
    // What was looked at, and could not be the end, is looked at once: the register says otherwise in the midst of it.
    const mine = await pictureOf(KHOI);
    const { stands } = world.parts;
    const remote = createRemoteProofings({ ...world.parts, stands: async () => false });
    const asked = await world.remote.askFace(khoi);
    if (!asked.asked) throw new Error('nothing was asked');
    expect(await remote.takeFace(khoi, { token: asked.token, picture: mine })).toMatchObject({
      reason: 'card_reported',
    });
    expect(await stands(KHOI, KHOI.slice(3))).toBe(true);
    await asFarAsFace();
    expect(await send(mine)).toMatchObject({ taken: false, reason: 'face' });
  });

  test('that is the portrait of the chip it was compared with is none at a sign-in either, as long as the card stands', async () => {
    const portrait = await pictureOf(LAN_ANH);
    const { width, height } = await sharp(portrait).metadata();
    const card = cardWithPortrait(
      { identityNumber: LAN_ANH, fullName: 'Nguyễn Thị Lan Anh', birthDate: '1990-05-17', sex: 'F' },
      { bytes: portrait, width, height },
    );
    const hers = await visitOf(server, LAN_ANH, { clock });
    expect(await world.remote.begin(hers)).toEqual({ begun: true });
    const asked = await world.remote.askCard(hers);
    if (!asked.asked) throw new Error('nothing was asked');
    const { session, token } = asked;
    const challenge = Buffer.from(asked.challenge, 'base64url');
    const read = await evidenceOf(card, { session, challenge });
    expect(await world.remote.takeCard(hers, { token, read })).toEqual({ taken: true });
    const { face: matcher, population: portraits, used, pictures } = world.parts;
    const faces = createFaceVerifier({
      ...{ matcher, portraits, used, pictures, pad: 'active-challenge' },
      identityNumber: async () => LAN_ANH,
    });
    expect(await world.takeFace(hers, LAN_ANH)).toEqual({ taken: true });
    // Not the one that the register has: and what an engine takes for her face.
    for (const shown of [portrait, await SAVED_ANEW['quality 60'](portrait)])
      expect(await faces.verify(hers.subscriber.id, shown)).toMatchObject({
        came: 'attack',
        detail: { outcome: 'match', padResult: 'pass', reused: true },
      });
    expect(await faces.verify(hers.subscriber.id, await pictureOf(LAN_ANH))).toMatchObject({ came: 'same' });
    const until = await rows<{ day: string }>(sql`SELECT to_char(until, 'YYYY-MM-DD') AS day FROM in_person_pictures
      WHERE until > now() + interval '1 year'`);
    expect(until.map(({ day }) => day)).toContain('2039-08-13');
  });

  test('that is the portrait of the chip, or of the register, is none', async () => {
    await asFarAsFace();
    const asked = await world.remote.askFace(khoi);
    if (!asked.asked) throw new Error('nothing was asked');
    const picture = await drawPerson(KHOI);
    expect(await world.remote.takeFace(khoi, { token: asked.token, picture })).toMatchObject({ reason: 'face' });
    expect((await events('remote_proofing.refused'))[0]!.detail).toMatchObject({ chip_outcome: 'match', reused: true });
    expect(await recorded()).toEqual([]);
  });

  test('of somebody whom the register has no portrait of is not guessed', async () => {
    world.population.amend(KHOI, ({ portrait: _, ...entry }) => entry);
    await asFarAsFace();
    expect(await world.takeFace(khoi, KHOI)).toMatchObject({ reason: 'no_portrait' });
  });

  test('is asked for five times, then there is a pause that grows, whoever begins anew', async () => {
    await asFarAsFace();
    for (let time = 0; time < 5; time += 1)
      expect(await world.takeFace(khoi, LAN_ANH)).toMatchObject({ reason: 'face' });
    expect(await world.takeFace(khoi, KHOI)).toMatchObject({ asked: { reason: 'throttled', retryAfter: 900 } });
    expect(await world.remote.begin(khoi)).toMatchObject({ begun: false, reason: 'throttled', retryAfter: 900 });
    expect(await world.remote.hindrance(khoi)).toMatchObject({ reason: 'throttled' });
    clock.advance(901);
    khoi = await visitOf(server, KHOI, { clock });
    await asFarAsFace();
    expect(await world.takeFace(khoi, LAN_ANH)).toMatchObject({ reason: 'face' });
    expect(await world.remote.begin(khoi)).toMatchObject({ reason: 'throttled', retryAfter: 1800 });
    clock.advance(1801);
    khoi = await visitOf(server, KHOI, { clock });
    // Whoever succeeds has nothing counted against them any more.
    await whole();
    expect(await rows(sql`SELECT FROM remote_sittings`)).toEqual([]);
  });
});

describe('the register', () => {
  test('is silent: nothing is decided, no attempt is counted, and what was done stays done', async () => {
    await asFarAsFace();
    for (const mood of ['unreachable', 'too_slow', 'busy'] as const) {
      world.population.behave(mood);
      expect(await world.takeFace(khoi, KHOI)).toEqual({ taken: false, reason: 'silent' });
    }
    world.population.behave('well');
    for (let time = 0; time < 5; time += 1)
      expect(await world.takeFace(khoi, KHOI, 'silent')).toEqual({ taken: false, reason: 'silent' });
    expect(await recorded()).toEqual([]);
    expect(await world.takeFace(khoi, KHOI)).toEqual({ taken: true });
  });

  test.each([
    ['another name', { fullName: 'Trần Minh Khải' }],
    ['another birth date', { birthdate: '1998-03-15' }],
  ])('knows %s: nothing comes of it', async (_, person) => {
    world.population.amend(KHOI, (entry) => ({ ...entry, person: { ...entry.person, ...person } }));
    await asFarAsFace();
    expect(await world.takeFace(khoi, KHOI)).toMatchObject({ reason: 'register' });
    expect(await recorded()).toEqual([]);
  });

  test('knows that the holder has died: nothing comes of it', async () => {
    world.population.amend(KHOI, (entry) => ({ ...entry, standing: 'deceased' }));
    await asFarAsFace();
    expect(await world.takeFace(khoi, KHOI)).toMatchObject({ reason: 'register' });
  });
});

describe('who cannot', () => {
  test('where it is off, or the assurance policy in force has no such row, nobody can and nothing counts', async () => {
    await whole();
    const off = createRemoteProofings({ ...world.parts, on: false });
    const evidence = ASSURANCE_POLICY.evidence.filter(({ id }) => id !== 'account-2.remote');
    const without = createRemoteProofings({
      ...world.parts,
      assurance: async () => ({ ...ASSURANCE_POLICY, evidence }),
    });
    const nobody = createRemoteProofings({ ...world.parts, population: undefined });
    for (const one of [off, without, nobody]) {
      expect(await one.offered()).toBe(false);
      expect(await one.begin(khoi)).toEqual({ begun: false, reason: 'not_offered' });
    }
    expect(await off.current(khoi.subscriber)).toBeUndefined();
    expect(await server.app.parts.remoteProofings.offered()).toBe(false);
  });

  test('somebody below fourteen, and a ward of any age', async () => {
    const child = await aCitizen(server, { level: 1, person: { birthdate: '2015-04-01' } });
    expect(await world.remote.begin(await visitOf(server, child.identifier, { clock }))).toEqual({
      begun: false,
      reason: 'minor',
    });
    const guardian: Proofing = aProofing({
      ...{ accountLevel: 1, channel: 'remote', fingerprintsMatched: false },
      evidence: [
        { kind: 'register_entry', strength: 'strong', checks: ['register_match', 'guardian'], hash: 'a'.repeat(64) },
      ],
    });
    const ward = anApplicant({ identityNumber: '099398700001', phone: '+84987700001' });
    await server.app.parts.subscribers.register(ward, { by: { kind: 'system' }, proofing: guardian });
    expect(await world.remote.begin(await visitOf(server, ward.identityNumber, { clock }))).toEqual({
      begun: false,
      reason: 'ward',
    });
  });

  test('somebody whose proofs are old, weak, or of an authenticator that is gone', async () => {
    expect(await world.remote.begin({ ...khoi, proofs: [] })).toEqual({ begun: false, reason: 'step_up_needed' });
    const old = khoi.proofs.map((proof) => ({ ...proof, at: proof.at - 301 }));
    expect(await world.remote.begin({ ...khoi, proofs: old })).toEqual({ begun: false, reason: 'step_up_needed' });
    const gone = khoi.proofs.map((proof) => ({ ...proof, authenticatorId: newId() }));
    expect(await world.remote.begin({ ...khoi, proofs: gone })).toEqual({ begun: false, reason: 'step_up_needed' });
    // Two factors, the highest that this account knows, and not a strong one.
    const citizen = await aCitizen(server, { level: 1 });
    const { authenticators } = server.app.parts;
    const { subscriber, sessionKey } = await visitOf(server, citizen.identifier, { clock });
    const proofs = (await authenticators.of(subscriber.id)).map(({ id, kind }) => ({
      ...{ authenticatorId: id, kind, at: clock.now().getTime() / 1000 },
    }));
    expect(await world.remote.begin({ subscriber, sessionKey, proofs })).toEqual({
      begun: false,
      reason: 'not_strong',
    });
  });

  test('a locked account, at whichever step it is locked, and one that was read before', async () => {
    const { subscribers } = server.app.parts;
    await asFarAsFace();
    const asked = await world.remote.askFace(khoi);
    if (!asked.asked) throw new Error('nothing was asked');
    const by = { kind: 'subscriber', id: khoi.subscriber.id } as const;
    const lock = await subscribers.lock(khoi.subscriber.id, 'holder_request', by);
    // The page knows it as it was a moment ago: the statement that writes does not.
    const picture = await pictureOf(KHOI);
    expect(await world.remote.takeFace(khoi, { token: asked.token, picture })).toEqual({
      taken: false,
      reason: 'account',
    });
    const locked = (await subscribers.find(khoi.subscriber.id))!;
    expect(await world.remote.begin({ ...khoi, subscriber: locked })).toEqual({ begun: false, reason: 'account' });
    await subscribers.unlock(khoi.subscriber.id, lock.id, { kind: 'operator', id: newId() });
    expect(await recorded()).toEqual([]);
    const closed = { ...khoi.subscriber, state: 'closed' as const };
    expect(await world.remote.begin({ ...khoi, subscriber: closed })).toEqual({ begun: false, reason: 'account' });
  });

  test('an account that is being recovered, or waits for its re-proofing; and a recovery ends what was proofed', async () => {
    await whole();
    const recovering = createRemoteProofings({ ...world.parts, isRecovering: async () => true });
    expect(await recovering.begin(khoi)).toEqual({ begun: false, reason: 'recovering' });
    const waits = { ...khoi.subscriber, reproofingRequiredSince: clock.now() };
    expect(await world.remote.begin({ ...khoi, subscriber: waits })).toEqual({ begun: false, reason: 'recovering' });
    expect(await world.remote.current(waits)).toBeUndefined();
    expect(await world.remote.current(khoi.subscriber)).toBeDefined();
    // It may begin while the face is compared.
    let isRecovering = false;
    const { population } = world.parts;
    const match: NonNullable<typeof population>['match'] = async (claimed) => {
      isRecovering = true;
      return population!.match(claimed);
    };
    const slow = createRemoteProofings({
      ...{ ...world.parts, population: { ...population!, match } },
      isRecovering: async () => isRecovering,
    });
    await asFarAsFace();
    const asked = await slow.askFace(khoi);
    if (!asked.asked) throw new Error('nothing was asked');
    const answer = { token: asked.token, picture: await pictureOf(KHOI) };
    expect(await slow.takeFace(khoi, answer)).toEqual({ taken: false, reason: 'recovering' });
    expect((await recorded()).length).toBe(1);
    await writeTogether(server.database, await world.remote.ending(khoi.subscriber.id));
    expect(await world.remote.current(khoi.subscriber)).toBeUndefined();
    expect((await events('remote_proofing.ended'))[0]!.detail).toMatchObject({ ground: 'recovery' });
    // Nothing to end once more.
    expect((await world.remote.ending(khoi.subscriber.id)).length).toBe(1);
  });
});

describe('what was proofed counts', () => {
  const endings = async () => (await events('remote_proofing.ended')).map(({ detail }) => detail.ground);

  test('while its card is good: one that is withdrawn or lost ends it for good, one of which nobody answers waits', async () => {
    await whole();
    world.authority.behave('down');
    clock.advance(1);
    expect(await world.remote.current(khoi.subscriber)).toBeUndefined();
    world.authority.behave('well');
    expect(await world.remote.current(khoi.subscriber)).toBeDefined();
    world.statuses[KHOI.slice(3)] = 'withdrawn';
    expect(await world.remote.current(khoi.subscriber)).toBeUndefined();
    expect((await endings())[0]).toBe('card_refused');
    delete world.statuses[KHOI.slice(3)];
    expect(await world.remote.current(khoi.subscriber)).toBeUndefined();
    const told = (await events('notice.queued')).filter(({ detail }) => detail.notice === 'remote_proofing_ended');
    expect(told.length).toBeGreaterThan(0);
  });

  test('to the last day of the card', async () => {
    await whole();
    const today = new Date(clock.now().getTime() + 7 * 3_600_000).toISOString().slice(0, 10);
    await server.database.execute(sql`UPDATE remote_proofings SET document_expires_on = ${today}::date`);
    expect(await world.remote.current(khoi.subscriber)).toBeDefined();
    await server.database.execute(sql`UPDATE remote_proofings SET document_expires_on = ${today}::date - 1`);
    const both = await Promise.all([0, 1].map(() => world.remote.current(khoi.subscriber)));
    expect(both).toEqual([undefined, undefined]);
    expect((await endings())[0]).toBe('card_expired');
  });

  test('by a policy that is believed: where it is withdrawn, by the one in force, or not', async () => {
    let policy: Policy = ASSURANCE_POLICY;
    world = remoteWorld(server, { clock, policy: async () => policy });
    await whole();
    policy = { ...ASSURANCE_POLICY, version: '2026-12-01', withdrawn: ['2026-01-01.1'] };
    expect(await world.remote.current(khoi.subscriber)).toBeDefined();
    policy = { ...policy, evidence: policy.evidence.filter(({ id }) => id !== 'account-2.remote') };
    expect(await world.remote.current(khoi.subscriber)).toBeUndefined();
    expect((await endings())[0]).toBe('policy_withdrawn');
  });

  test('until somebody was met in presence', async () => {
    await whole();
    const { subscribers } = world.parts;
    const met = async () => aProofing({ decidedAt: new Date(clock.now().getTime() + 1) });
    const since = createRemoteProofings({ ...world.parts, subscribers: { ...subscribers, proofing: met } });
    expect(await since.current(khoi.subscriber)).toBeUndefined();
  });
});

describe('level 2 never comes of it', () => {
  const remoteRecord = (accountLevel: 1 | 2): Proofing =>
    aProofing({
      ...{ accountLevel, channel: 'remote', faceMatched: true, fingerprintsMatched: true },
      decidedAt: clock.now(),
    });

  test('whatever the assurance policy is made to say', async () => {
    const rows = ASSURANCE_POLICY.evidence.map(({ off: _, ...row }) => row);
    const wild: Policy = { ...ASSURANCE_POLICY, version: '2026-12-01', evidence: rows };
    // No two people can agree on it …
    expect(JSON.stringify(parsePolicy(wild))).toContain('Level 2 is reached in presence.');
    // … and were it in force all the same, a record of level 1 came of it.
    world = remoteWorld(server, { clock, policy: async () => wild });
    await whole();
    expect(await world.remote.current(khoi.subscriber)).toMatchObject({ accountLevel: 1 });
    expect((await server.app.parts.subscribers.find(khoi.subscriber.id))!.accountLevel).toBe(1);
  });

  test('by no record that the domain writes', async () => {
    expect(proofingFaults(remoteRecord(2), 30)).toContain('Level 2 is reached in presence.');
    const { subscribers } = server.app.parts;
    const by = { kind: 'system' } as const;
    expect(() => subscribers.recording(khoi.subscriber, remoteRecord(2), by)).toThrow('no record beside');
    expect(() => subscribers.recording(khoi.subscriber, aProofing(), by)).toThrow('no record beside');
    const { fullName, birthdate, nationality, accountType, locale } = khoi.subscriber;
    const person = { fullName, birthdate, nationality, accountType, locale };
    const raised = { person, proofing: remoteRecord(2), cardUntil: undefined, by, decided: {} };
    await expect(subscribers.upgrading(khoi.subscriber, raised)).rejects.toThrow('Level 2 is reached in presence.');
  });

  test('by no statement that anybody sends to the database', async () => {
    await whole();
    const { id, test: isTest } = khoi.subscriber;
    const [proofing = ''] = await recorded();
    const insert = proofingWrite(id, remoteRecord(2), { age: 30, test: isTest }).statement;
    await expect(server.database.execute(insert)).rejects.toThrow('level_2_in_presence');
    for (const statement of [
      sql`UPDATE proofing_records SET account_level = 2 WHERE id = ${proofing}`,
      sql`UPDATE proofing_records SET channel = 'in_person' WHERE id = ${proofing}`,
    ])
      await expect(server.database.execute(statement)).rejects.toThrow('append-only');
    // The record of level 1 carries no account of level 2.
    await expect(
      server.database.execute(
        sql`UPDATE subscribers SET account_level = 2, proofing_id = ${proofing} WHERE id = ${id}`,
      ),
    ).rejects.toThrow('level_rests_on_its_proofing');
    await expect(
      server.database.execute(sql`UPDATE remote_proofings SET account_level = 2 WHERE proofing_id = ${proofing}`),
    ).rejects.toThrow('remote_never_level_2');
    // Nor is a record of level 2 a remote one.
    const [lanAnh] = await rows<{ id: string; proofing_id: string }>(
      sql`SELECT id, proofing_id FROM subscribers WHERE account_level = 2 LIMIT 1`,
    );
    await expect(
      server.database.execute(sql`INSERT INTO remote_proofings (subscriber_id, proofing_id, test, document, document_expires_on, decided_at)
        VALUES (${lanAnh!.id}, ${lanAnh!.proofing_id}, true, '\\x00', '2039-01-01', now())`),
    ).rejects.toThrow('remote_rests_on_its_record');
  });
});

describe('where it is off', () => {
  test('there is no page of it, nor a way to one', async () => {
    const { identifier } = server.claimant('level-1');
    const claimant = { identifier, passkey: await passkeyFor(server, identifier) };
    const browser = createBrowser();
    const account = await signIn(await browser.open(`${server.issuer}/account`), claimant, 'passkey');
    expect(account.url).toBe(`${server.issuer}/account`);
    expect(account.text).not.toContain('/account/remote');
    for (const path of ['', '/card', '/face', '/card/x/state'])
      expect((await browser.open(`${server.issuer}/account/remote${path}`)).status).toBe(404);
    for (const path of ['', '/card', '/face'])
      expect((await browser.open(`${server.issuer}/account/remote${path}`, { method: 'POST' })).status).toBe(404);
  });
});

describe('a card that the register reports as held or revoked, or as replaced, whatever its authority says', () => {
  const SHOWN = KHOI.slice(3);
  const stateOf = async () => (await server.app.parts.subscribers.find(khoi.subscriber.id))!;
  const report = async (
    kind: 'card-held' | 'card-revoked' | 'card-returned' | 'card-issued',
    document_number: string,
  ) => {
    const reporter = createSimulatedReporter({
      ...sandboxReporter({ settings: settingsOf(server.environment) }),
      clock,
    });
    const token = await reporter.report(kind, KHOI, { document_number });
    expect(await server.app.parts.registerEvents.take(token)).toMatchObject({ outcome: 'applied' });
  };
  /** The one that was shown is the one in force again, and nobody locked. */
  const asBefore = async () => {
    clock.advance(1);
    await report('card-issued', SHOWN);
    khoi = await visitOf(server, KHOI, { clock });
    expect(khoi.subscriber.state).toBe('active');
  };
  beforeEach(asBefore);

  test('is refused when it is shown, and said to be', async () => {
    clock.advance(1);
    await report('card-issued', 'C00000007');
    expect((await stateOf()).state).toBe('active');
    await world.remote.begin(khoi);
    expect(await world.takeCard(khoi)).toEqual({ taken: false, reason: 'card_reported' });
    expect((await events('remote_proofing.refused'))[0]!.detail).toMatchObject({ step: 'card', why: 'card_reported' });
    expect(await world.remote.step(khoi)).toBe('card');
    expect(await world.remote.askFace(khoi)).toMatchObject({ asked: false });
    // Held, and lifted by an officer: the register says so still.
    clock.advance(1);
    await report('card-held', 'C00000007');
    for (const { id, ground } of await server.app.parts.subscribers.locks(khoi.subscriber.id))
      if (ground === 'card_held') await server.app.parts.subscribers.unlock(khoi.subscriber.id, id, OFFICER);
    khoi = await visitOf(server, KHOI, { clock });
    await world.remote.begin(khoi);
    expect(await world.takeCard(khoi)).toEqual({ taken: false, reason: 'card_reported' });
    await asBefore();
    await world.remote.begin(khoi);
    expect(await world.takeCard(khoi)).toEqual({ taken: true });
  });

  test('is found out at the decision too, where it is reported between card and face: what was begun is over', async () => {
    await asFarAsFace();
    clock.advance(1);
    await report('card-issued', 'C00000008');
    expect(await world.takeFace(khoi, KHOI)).toEqual({ taken: false, reason: 'card_reported' });
    expect(await recorded()).toEqual([]);
    expect(await world.remote.step(khoi)).toBeUndefined();
    expect((await events('remote_proofing.refused'))[0]!.detail).toMatchObject({ step: 'face', why: 'card_reported' });
  });

  test('carries no proofing any more', async () => {
    await whole();
    const current = async () => world.remote.current(await stateOf());
    expect(await current()).toBeDefined();
    clock.advance(1);
    await report('card-revoked', SHOWN);
    // Locked meanwhile, and lifted with the new card: the old one carries nothing.
    clock.advance(1);
    await report('card-issued', 'C00000009');
    expect((await stateOf()).state).toBe('active');
    expect(await current()).toBeUndefined();
    expect((await events('remote_proofing.ended'))[0]!.detail).toMatchObject({ ground: 'card_refused' });
  });
});
