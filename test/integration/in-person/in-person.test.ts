import { randomBytes } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sql } from '../../../src/platform/sql.ts';
import { verifiedClaims } from '../../../src/standards/identity-assurance/index.ts';
import { createBrowser, createSend } from '../../support/http-client.ts';
import { type Counter, createCounter } from '../../support/in-person.ts';
import { notWritten } from '../../support/not-written.ts';
import { following, isAsDescribed } from '../../support/openapi.ts';
import { pictureOf } from '../../support/pictures.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { signIn } from '../../support/sign-in.ts';
import { openCard } from '../../support/virtual-card.ts';

const LAN_ANH = 'level-2-chip.genuine';
const HERS = '097190000002';
const QUANG = '097085000003';

let server: TestServer;
let clinic: Counter;
/** How far the server's clock is ahead of the machine's. */
let ahead = 0;
const now = () => new Date(Date.now() + ahead);

beforeAll(async () => {
  server = await startServer({ clock: { now } });
  clinic = await createCounter(server.issuer, server.client('sample-clinic'));
});
// One card is shown again and again here, with other faces.
beforeEach(async () => void (await server.database.execute(sql`UPDATE in_person_verifications SET face_of = NULL`)));
afterAll(() => server.end());

const subscriber = (id: string) =>
  server.app.parts.subscribers.locate(server.persona(id).identityNumber).then((found) => found!.id);

describe('a person at a counter', () => {
  test('is checked by card and face: the signed result says what was asked, and nothing else', async () => {
    const { verified_claims: said, ...result } = await clinic.check(LAN_ANH, await pictureOf(HERS), {
      claims: ['name', 'birthdate'],
    });
    expect(result).toMatchObject({
      ...{ iss: server.issuer, aud: 'sample-clinic', purpose: 'reception', verified: true, reasons: [] },
      checks: { card: 'chip_authentication', card_status: 'authority', face: 'match', register: 'confirmed' },
      assurance_policy: expect.stringContaining(`${server.issuer}/assurance/test/policy/`),
    });
    expect(result.exp! - result.iat!).toBe(300);
    expect(result).not.toHaveProperty('sub');
    expect(said!.claims).toEqual({ name: 'Nguyễn Thị Lan Anh', birthdate: '1990-05-17' });
    expect(said!.verification).toMatchObject({
      trust_framework: `${server.issuer}/ida/test/framework/presence`,
      assurance_level: 'presence-chip-face',
      evidence: [{ type: 'document' }, { type: 'electronic_record' }],
    });
    expect(verifiedClaims.safeParse(said).success).toBe(true);
    expect((await createSend()(String(said!.verification.trust_framework))).status).toBe(200);
  });

  test('may be asked for the card alone where the purpose allows it, and for less than is registered', async () => {
    const result = await clinic.check(LAN_ANH, undefined, { purpose: 'pharmacy', claims: ['age_over_18'] });
    expect(result.checks).toMatchObject({ face: 'not_asked' });
    expect(result.verified_claims!.claims).toEqual({ age_over_18: true });
    const bare = await clinic.check('child.genuine', undefined, { purpose: 'pharmacy' });
    expect([bare.verified, bare.verified_claims!.claims]).toEqual([true, {}]);
    const child = await clinic.check('child.genuine', undefined, { purpose: 'pharmacy', claims: ['age_over_18'] });
    expect(child.verified_claims!.claims).toEqual({ age_over_18: false });
  });

  test('is told before who asks, what for, on what ground, what leaves and that nothing is kept', async () => {
    const { shown } = await clinic.open({ claims: ['name', 'birthdate'] });
    for (const words of ['Phòng khám Hoa Sen', 'khuôn mặt', 'lập hồ sơ khám bệnh', 'Luật Khám bệnh', 'ngày sinh'])
      expect(shown.vi).toContain(words);
    for (const words of ['Lotus Clinic', 'face', 'open a medical record', 'date of birth', 'keeps neither'])
      expect(shown.en).toContain(words);
    const alone = await clinic.open({ purpose: 'pharmacy', face: false });
    expect(alone.shown.vi).not.toContain('khuôn mặt của bạn');
    expect(alone.shown.en).toContain('Nothing about you is sent');
  });

  test('who has an account reads there who checked them, when, and what left; a stranger’s card leaves no line', async () => {
    const hers = await subscriber('level-2-chip');
    const before = await server.app.parts.consents.disclosures(hers);
    await clinic.check(LAN_ANH, await pictureOf(HERS), { claims: ['name'] });
    const [latest, ...earlier] = await server.app.parts.consents.disclosures(hers);
    expect(earlier).toEqual(before);
    expect(latest).toMatchObject({
      ...{ clientId: 'sample-clinic', claims: ['name'], carrier: 'in_person' },
      ground: { legalBasis: expect.stringContaining('Luật Khám bệnh') },
    });
    // Her card, and somebody else before the camera: she reads of it, and nothing has left.
    await clinic.check(LAN_ANH, await pictureOf(QUANG), { claims: ['name'] });
    expect((await server.app.parts.consents.disclosures(hers))[0]).toEqual(latest);
    const [tried, checked] = (
      await server.app.parts.journal.query({ subscriberId: hers, types: ['in_person.verified', 'in_person.refused'] })
    ).slice(0, 2);
    expect([tried?.type, tried?.detail]).toEqual([
      'in_person.refused',
      { purpose: 'reception', face: true, policy: expect.any(String), reason: 'face_differs' },
    ]);
    expect([checked?.type, checked?.clientId]).toEqual(['in_person.verified', 'sample-clinic']);
    const account = await signIn(
      await createBrowser().open(`${server.issuer}/account/history`),
      server.claimant('level-2-chip'),
    );
    for (const words of ['Phòng khám Hoa Sen đã kiểm tra thẻ của bạn', 'Phòng khám Hoa Sen đã đọc thẻ của bạn'])
      expect(account.words).toContain(words);
    const receipts = await account.open(`${server.issuer}/account/disclosures`);
    expect(receipts.words).toContain('Kiểm tra tại quầy, căn cứ: Luật Khám bệnh, chữa bệnh');
    // What is no genuine card says nothing of whose it is.
    await clinic.check('level-2-chip.cloned', await pictureOf(HERS));
    const [cloned] = await server.app.parts.journal.query({ clientId: 'sample-clinic', types: ['in_person.refused'] });
    expect([cloned?.subscriberId, cloned?.detail?.reason]).toEqual([undefined, 'card_not_genuine']);
  });
});

describe('a check that does not succeed says one reason of a closed list, and no claim leaves with it', () => {
  const refusedFor = async (reason: string, card: string, picture: Buffer | undefined, asked: object = {}) => {
    const result = await clinic.check(card, picture, asked, now());
    expect([result.verified, result.reasons]).toEqual([false, [reason]]);
    expect(Object.keys(result).sort()).toEqual(
      ['assurance_policy', 'aud', 'exp', 'iat', 'iss', 'jti', 'nonce', 'purpose', 'reasons', 'verified'].sort(),
    );
  };

  test.each([
    ['cloned', 'card_not_genuine'],
    ['changed-dg1', 'card_not_genuine'],
    ['changed-dg2', 'card_not_genuine'],
    ['revoked-signer', 'card_not_genuine'],
    ['unknown-authority', 'card_not_genuine'],
    ['expired-card', 'card_not_valid'],
    ['withdrawn-card', 'card_not_valid'],
  ])('a card that is %s: %s', async (fault, reason) => {
    const { cards } = (await createSend()(`${server.issuer}/sandbox/cards.json`)).json<{ cards: { id: string }[] }>();
    const known = cards.map(({ id }) => id).filter((id) => id.startsWith('level-2-chip.'));
    expect(known).toContain(`level-2-chip.${fault}`);
    await refusedFor(reason, `level-2-chip.${fault}`, await pictureOf(HERS), { claims: ['name'] });
  });

  test('another face, a picture of a screen, and one that nobody looked at for an attack', async () => {
    await refusedFor('face_differs', LAN_ANH, await pictureOf(QUANG));
    await refusedFor('face_not_live', LAN_ANH, await pictureOf(HERS, 'screen'));
    await refusedFor('face_not_live', LAN_ANH, await pictureOf(HERS, 'unchecked'));
  });

  test('a picture that has come before, at whatever counter', async () => {
    const picture = await pictureOf(HERS);
    expect((await clinic.check(LAN_ANH, picture)).verified).toBe(true);
    await refusedFor('face_not_live', LAN_ANH, picture);
  });

  test('who is locked, has died or is registered otherwise are one reason, and say nothing of the ground', async () => {
    for (const id of ['locked', 'deceased'])
      await refusedFor('holder_not_confirmed', `${id}.genuine`, await pictureOf(server.persona(id).identityNumber));
    // The lock of a moment ago counts.
    const quang = await subscriber('level-2-chip-face');
    const lock = await server.app.parts.subscribers.lock(quang, 'holder_request', { kind: 'subscriber', id: quang });
    await refusedFor('holder_not_confirmed', 'level-2-chip-face.genuine', await pictureOf(QUANG));
    await server.app.parts.subscribers.unlock(quang, lock.id, { kind: 'subscriber', id: quang });
    expect((await clinic.check('level-2-chip-face.genuine', await pictureOf(QUANG))).verified).toBe(true);
    const { population } = server.app.parts.registers;
    const registered = population as unknown as {
      amend(number: string, amended: (entry: object) => object): void;
      behave(mood: string): void;
    };
    registered.amend(QUANG, (entry) => ({ ...entry, standing: 'deceased' }));
    await refusedFor('holder_not_confirmed', 'level-2-chip-face.genuine', await pictureOf(QUANG));
    registered.amend(QUANG, ({ standing: _, ...entry }: { standing?: string }) => entry);
    registered.behave('unreachable');
    await refusedFor('register_silent', 'level-2-chip-face.genuine', await pictureOf(QUANG));
    registered.behave('well');
  });

  test('a thief with a card learns nothing of its holder: the face comes first', async () => {
    await refusedFor('face_differs', 'locked.genuine', await pictureOf(QUANG));
  });

  test('faces beside one card: five that differ within an hour, also at once, and then none is looked at', async () => {
    const card = 'deceased.genuine';
    const theirs = () => pictureOf(server.persona('deceased').identityNumber);
    const all = await Promise.all(Array.from({ length: 8 }, async () => clinic.check(card, await pictureOf(QUANG))));
    expect(all.map(({ reasons }) => reasons.join()).sort()).toEqual([
      ...Array(5).fill('face_differs'),
      ...Array(3).fill('face_too_often'),
    ]);
    await refusedFor('face_too_often', card, await theirs());
    expect((await clinic.check(LAN_ANH, await pictureOf(HERS))).verified).toBe(true);
    await server.database.execute(
      sql`UPDATE in_person_verifications SET opened_at = opened_at - interval '61 minutes' WHERE face_of IS NOT NULL`,
    );
    await refusedFor('holder_not_confirmed', card, await theirs());
    // Of a face that was the one on the card nothing is left to count.
    const [row] = await server.database.rows<{ count: number }>(
      sql`SELECT count(*) FROM in_person_verifications WHERE face_of IS NOT NULL AND opened_at > now() - interval '50 minutes'`,
    );
    expect(row?.count).toBe(0);
  });

  test('a reader that gave up', async () => {
    const begun = await clinic.open();
    const card = openCard(LAN_ANH, { random: randomBytes })!;
    let commands = 0;
    const transmit = (command: Buffer) => {
      commands += 1;
      return commands > 5 ? Promise.reject(new Error('the card is gone')) : card.transmit(command);
    };
    expect((await clinic.lay({ ...card, transmit }, begun.reader)).status).toBe('refused');
    const reply = await clinic.finish(begun.id, await pictureOf(HERS));
    expect((await clinic.read(reply.json<{ result: string }>().result)).reasons).toEqual(['card_not_read']);
  });
});

describe('a verification', () => {
  const code = (reply: { text: string; status: number; headers: Record<string, unknown> }) => {
    expect(reply.headers['content-type']).toContain('application/problem+json');
    const { code: said, status } = JSON.parse(reply.text) as { code: string; status: number };
    expect(status).toBe(reply.status);
    return [reply.status, said];
  };

  test('has its result handed out once, also to two who ask at once', async () => {
    const begun = await clinic.open();
    await clinic.lay(LAN_ANH, begun.reader);
    const pictures = await Promise.all([1, 2, 3, 4].map(() => pictureOf(HERS)));
    const replies = await Promise.all(pictures.map((one) => clinic.finish(begun.id, one)));
    expect(replies.filter(({ status }) => status === 200).length).toBe(1);
    for (const reply of replies.filter(({ status }) => status !== 200))
      expect(['in_person.at_work', 'in_person.used']).toContain(code(reply)[1]);
    expect(code(await clinic.finish(begun.id, await pictureOf(HERS)))).toEqual([410, 'in_person.used']);
    expect(code(await clinic.call('GET', `/verifications/${begun.id}`))).toEqual([410, 'in_person.used']);
  });

  test('of which nothing could be written is asked again with the same picture; in another one that was kept', async () => {
    const begun = await clinic.open();
    await clinic.lay(LAN_ANH, begun.reader);
    const picture = await pictureOf(HERS);
    await notWritten(server.database, async () => expect((await clinic.finish(begun.id, picture)).status).toBe(500));
    await server.database.execute(sql`UPDATE in_person_verifications SET working_until = NULL`);
    const reply = await clinic.finish(begun.id, picture);
    expect((await clinic.read(reply.json<{ result: string }>().result, now())).reasons).toEqual([]);
    expect((await clinic.check(LAN_ANH, picture, {}, now())).reasons).toEqual(['face_not_live']);
  });

  test('waits for the card, tells how far it is and no more, and takes another picture when one was no good', async () => {
    const begun = await clinic.open();
    const state = async () => (await clinic.call('GET', `/verifications/${begun.id}`)).json();
    expect(await state()).toEqual({ card: 'waiting', expires_at: begun.expires_at });
    const early = await clinic.finish(begun.id, await pictureOf(HERS));
    expect(code(early)).toEqual([409, 'in_person.card_waiting']);
    await clinic.lay(LAN_ANH, begun.reader);
    expect(await state()).toMatchObject({ card: 'read' });
    expect(code(await clinic.finish(begun.id))).toEqual([400, 'in_person.picture_missing']);
    const blurred = await clinic.finish(begun.id, await pictureOf(HERS, 'blurred'));
    expect(code(blurred)).toEqual([422, 'in_person.picture']);
    expect(blurred.json()).toMatchObject({ issues: ['blurred'], pictures_left: 2 });
    expect(await state()).toMatchObject({ card: 'read' });
    const silent = await clinic.finish(begun.id, await pictureOf(HERS, 'silent'));
    expect(code(silent)).toEqual([503, 'in_person.face_silent']);
    expect((await clinic.finish(begun.id, Buffer.from('no picture'))).json()).toMatchObject({ pictures_left: 1 });
    const good = await clinic.finish(begun.id, await pictureOf(HERS));
    expect((await clinic.read(good.json<{ result: string }>().result)).verified).toBe(true);
    const again = await clinic.open();
    await clinic.lay(LAN_ANH, again.reader);
    for (const _ of [1, 2]) expect((await clinic.finish(again.id, await pictureOf(HERS, 'dark'))).status).toBe(422);
    const third = await clinic.finish(again.id, await pictureOf(HERS, 'dark'));
    expect((await clinic.read(third.json<{ result: string }>().result)).reasons).toEqual(['picture_unusable']);
  });

  test('takes no picture that it did not ask for', async () => {
    const begun = await clinic.open({ purpose: 'pharmacy', face: false });
    await clinic.lay(LAN_ANH, begun.reader);
    expect(code(await clinic.finish(begun.id, await pictureOf(HERS)))).toEqual([400, 'in_person.picture_not_asked']);
    expect((await clinic.finish(begun.id)).status).toBe(200);
  });

  test('is over after two minutes, and its nonce is good for no other', async () => {
    const begun = await clinic.open();
    await clinic.lay(LAN_ANH, begun.reader);
    const same = { json: { purpose: 'reception', nonce: begun.nonce } };
    expect(code(await clinic.call('POST', '/verifications', same))).toEqual([409, 'in_person.nonce_used']);
    ahead += 121_000;
    expect(code(await clinic.finish(begun.id, await pictureOf(HERS)))).toEqual([410, 'in_person.expired']);
    await server.app.parts.inPerson.sweep();
    expect(code(await clinic.call('GET', `/verifications/${begun.id}`))).toEqual([410, 'in_person.expired']);
    expect(code(await clinic.call('POST', '/verifications', same))).toEqual([409, 'in_person.nonce_used']);
    const left = await server.database.rows(sql`SELECT FROM in_person_verifications WHERE sealed IS NOT NULL`);
    expect(left).toEqual([]);
    // Nobody fetched what the card told: that is gone with the question, too.
    expect(await server.app.parts.readerSessions.outcome(begun.reader.session, `in person ${begun.id}`)).toBe(
      'expired',
    );
    await server.app.parts.readerSessions.sweep();
    expect(await server.database.rows(sql`SELECT FROM reader_sessions WHERE settled_at IS NOT NULL`)).toEqual([]);
    // What came before a camera is known for a day, by hashes.
    const { usedPictures } = server.app.parts;
    await usedPictures.sweep();
    expect(await server.database.rows(sql`SELECT FROM in_person_pictures`)).not.toEqual([]);
    ahead += 25 * 3_600_000;
    await server.app.parts.inPerson.sweep();
    expect(await server.database.rows(sql`SELECT FROM in_person_verifications`)).toEqual([]);
    await usedPictures.sweep();
    expect(await server.database.rows(sql`SELECT FROM in_person_pictures`)).toEqual([]);
    ahead = 0;
  });

  test('asks of the chip only what it needs, and answers a result of its own type', async () => {
    const needs = async (asked: object) => {
      const { reader } = await clinic.open(asked);
      const seen: string[] = [];
      const card = openCard(LAN_ANH, { random: randomBytes })!;
      await (await import('../../../src/reader/read-card.ts')).readCard({
        ...{ url: reader.url, token: reader.token, password: { kind: 'CAN', secret: card.can } },
        transmit: card.transmit,
        onProgress: (_, file) => void (file && seen.push(file)),
      });
      return seen;
    };
    expect(await needs({ purpose: 'pharmacy', face: false, claims: ['age_over_18'] })).not.toContain('DG2');
    expect(await needs({})).toContain('DG2');
    const begun = await clinic.open();
    await clinic.lay(LAN_ANH, begun.reader);
    const { result } = (await clinic.finish(begun.id, await pictureOf(HERS))).json<{ result: string }>();
    expect(decodeProtectedHeader(result)).toMatchObject({ typ: 'verification-result+jwt', alg: 'ES256' });
    expect(Object.keys(decodeJwt(result))).not.toContain('sub');
  });
});

describe('the description at /in-person/v1/openapi.json', () => {
  test('is what discovery leads to, and every answer is as it says', async () => {
    const send = createSend();
    const discovery = (await send(`${server.issuer}/.well-known/openid-configuration`)).json();
    expect(discovery.in_person_verification_endpoint).toBe(`${clinic.resource}/verifications`);
    const document = (await send(`${clinic.resource}/openapi.json`)).json<{
      openapi: string;
      paths: Record<
        string,
        Record<string, { responses: Record<string, { content: Record<string, { schema: object }> }> }>
      >;
      components: { schemas: Record<string, object> };
    }>();
    expect(document.openapi).toBe('3.1.0');
    const follow = following(document.components.schemas);
    const schema = (path: string, method: string, status: string, type = 'application/json') =>
      follow(document.paths[path]![method]!.responses[status]!.content[type]!.schema) as never;
    const opened = await clinic.call('POST', '/verifications', {
      json: { purpose: 'reception', nonce: randomBytes(24).toString('hex'), claims: ['name'] },
    });
    expect(isAsDescribed(schema('/verifications', 'post', '201'), opened.json())).toBe(true);
    const { id, reader } = opened.json<{ id: string; reader: never }>();
    expect(opened.headers.location).toBe(`/in-person/v1/verifications/${id}`);
    const state = await clinic.call('GET', `/verifications/${id}`);
    expect(isAsDescribed(schema('/verifications/{id}', 'get', '200'), state.json())).toBe(true);
    const early = await clinic.finish(id, await pictureOf(HERS));
    const problem = schema('/verifications/{id}/result', 'post', 'default', 'application/problem+json');
    expect(isAsDescribed(problem, early.json())).toBe(true);
    await clinic.lay(LAN_ANH, reader);
    const done = await clinic.finish(id, await pictureOf(HERS));
    expect(isAsDescribed(schema('/verifications/{id}/result', 'post', '200'), done.json())).toBe(true);
    const result = follow(document.components.schemas.VerificationResult) as { properties: object };
    const said = decodeJwt(done.json<{ result: string }>().result);
    expect(isAsDescribed(result as never, said)).toBe(true);
    expect(Object.keys(said).filter((name) => !Object.hasOwn(result.properties, name))).toEqual([]);
    expect(isAsDescribed(result as never, { ...said, verified: 'yes' })).toBe(false);
  });
});
