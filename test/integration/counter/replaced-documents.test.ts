import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandboxReporter } from '../../../src/app/registers/register-events.ts';
import type { FrozenAssurance } from '../../../src/domain/assurance/index.ts';
import { createSimulatedReporter, type Outcome } from '../../../src/domain/register-events/index.ts';
import { Moved } from '../../../src/domain/subscribers/index.ts';
import { createVerifiedClaims } from '../../../src/oidc/verified-claims/release.ts';
import { systemClock as clock } from '../../../src/platform/clock.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { PERSONAS, presentCardNumber } from '../../../src/sandbox/index.ts';
import { signedIn } from '../../support/attack.ts';
import {
  aCapture,
  allFound,
  anOfficer,
  approvedByStatements,
  cardRead,
  faceTaken,
  printsTaken,
  type Seat,
  served,
} from '../../support/counter.ts';
import type { Page } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { aProofing, testSealer } from '../../support/people.ts';
import { cardKey } from '../../support/register-reports.ts';
import { publicClient } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { settingsOf } from '../../support/settings.ts';

// identity-assurance.md §5: a revoked or replaced card makes the record qualify no longer. Level 2 stays, by the register's word, and
// the counter makes another record of it, as of level 2 that does not count.
let server: TestServer;
let officer: Seat;
let report: (
  kind: 'card-revoked' | 'card-issued',
  who: Persona,
  expiresOn?: string,
  document?: string,
  came?: Outcome,
) => Promise<void>;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  officer = await anOfficer(server, ['intake']);
  const reporter = createSimulatedReporter({
    ...sandboxReporter({ settings: settingsOf(server.environment) }),
    clock,
  });
  report = async (kind, who, expiresOn, document, came = 'applied') => {
    const said = {
      document_number: document ?? (kind === 'card-issued' ? presentCardNumber(who.identityNumber) : 'C00000001'),
      ...(expiresOn ? { expires_on: expiresOn } : {}),
    };
    const taken = await server.app.parts.registerEvents.take(await reporter.report(kind, who.identityNumber, said));
    expect(taken).toMatchObject({ outcome: came });
  };
});
afterAll(() => server?.end());

type Persona = (typeof PERSONAS)[number];
const persona = (id: string): Persona => PERSONAS.find((one) => one.id === id)!;
const accountOf = async ({ identityNumber }: Persona) => (await server.app.parts.subscribers.locate(identityNumber))!;
const idOf = (page: Page): string => /counter\/([0-9a-f-]{36})/.exec(page.url)?.[1] ?? '';
const system = { kind: 'system' } as const;

/** The last day of the card that the drawer has of a persona. */
const NEW_DAY = '2039-08-12';
const OLD_DAY = '2031-06-30';

/** Level 2 on a card with this last day. */
async function onOldCard(who: Persona): Promise<void> {
  const { subscribers } = server.app.parts;
  const account = await accountOf(who);
  const [one] = aProofing().evidence;
  await writeTogether(
    server.database,
    await subscribers.upgrading(account, {
      person: who.person as Parameters<typeof subscribers.upgrading>[1]['person'],
      proofing: aProofing({ evidence: [{ ...one!, expiresOn: OLD_DAY }] }),
      ...{ cardUntil: OLD_DAY, by: system, decided: {} },
    }),
  );
  expect(await accountOf(who)).toMatchObject({ accountLevel: 2 });
}

/** What leaves to whoever asks how they were verified. */
async function told(who: Persona) {
  const { subscribers, relyingParties, policies } = server.app.parts;
  const verified = createVerifiedClaims({
    ...{ issuer: server.issuer, sandbox: true, subscribers, policy: policies.inForce, clock },
    sealer: testSealer('verified-claims'),
  });
  const frozen: FrozenAssurance = {
    ...{ acr: '', amr: [], authTime: 0, phishingResistant: true, strong: true },
    ...{ accountLevel: 2, authenticationLevel: 2, policy: (await policies.inForce()).version },
  };
  return verified.release({
    asked: { verification: { trust_framework: null }, claims: { name: null } },
    person: await accountOf(who),
    client: (await relyingParties.find('sandbox-confidential'))!,
    ...{ agreed: ['verification.trust_framework', 'claims.name'].map((place) => `verified_claims.${place}`), frozen },
  });
}

/** From "nothing is told" to a record of the document that is there now. */
async function provenAnew(who: Persona): Promise<void> {
  const before = await accountOf(who);
  const old = (await server.app.parts.subscribers.proofing(before.id))!;
  expect(before).toMatchObject({ state: 'active', accountLevel: 2 });
  expect(await told(who)).toBeUndefined();

  const ready = await allFound(server, officer, who);
  expect(ready.words).toContain('Giấy tờ làm căn cứ cho mức 2 đã hết hạn, bị thu hồi hoặc được đổi');
  expect(ready.words).not.toContain('Do kẻ khác mở');
  const { counter, subscribers } = server.app.parts;
  const application = (await counter!.find(idOf(ready), officer.operator))!;
  expect(await counter!.approve(application, 'false', officer.operator)).toEqual({ decided: false, reason: 'claim' });
  const done = await ready.submit({ seen: 'yes' }, { form: 'approve' });
  expect(done.words).toContain('Đã duyệt');

  const after = await accountOf(who);
  expect(after).toMatchObject({ id: before.id, state: 'active', accountLevel: 2, recordedLevel: 2 });
  const proofing = (await subscribers.proofing(after.id))!;
  expect(proofing).toMatchObject({ officer: officer.operator.operatorId, channel: 'in_person' });
  expect(proofing.evidence).toContainEqual(expect.objectContaining({ kind: 'chip_card', expiresOn: NEW_DAY }));
  expect(await subscribers.lastDays(after.id)).toEqual({ card: NEW_DAY });
  expect(await told(who)).toMatchObject({ claims: { name: who.person.fullName } });
  // The former record is history.
  const kept = await server.database.rows<{ id: string }>(
    sql`SELECT id FROM proofing_records WHERE subscriber_id = ${after.id}`,
  );
  expect(kept.map(({ id }) => id)).toEqual(expect.arrayContaining([old.id, proofing.id]));
  // Bound afresh, with the card that was read, as everybody is who was at a counter.
  expect(await server.app.parts.authenticators.of(after.id)).toEqual([]);
  // And then there is nothing to prove.
  expect((await served(server, officer, who)).words).toContain('Tài khoản này đã ở mức 2');
  await checkInvariants(server.database, server.app);
}

describe('whose document is over comes to the counter, and has a record of the new one', () => {
  test('a card that was replaced: until then refused, told on both sides, and told to relying parties afterwards', async () => {
    const who = persona('level-1');
    await onOldCard(who);
    const { id } = await accountOf(who);
    const { journal, subscribers } = server.app.parts;
    expect(await told(who)).toMatchObject({ claims: { name: who.person.fullName } });
    expect((await served(server, officer, who)).words).toContain('Tài khoản này đã ở mức 2');

    const rp = await publicClient(server.issuer, server.client('sandbox-public'));
    const { browser } = await signedIn(rp, server.claimant(who.id), { scope: 'openid' });
    const account = async () => (await browser.open(`${server.issuer}/account`)).words;
    const unsaid = 'Mức 2 vẫn dùng được như trước. Nhưng giấy tờ đã kiểm tra';
    expect(await account()).not.toContain(unsaid);
    await report('card-issued', who, NEW_DAY);
    expect(await account()).toContain(unsaid);

    const search = await officer.browser.open(`${server.issuer}/operator/people`);
    const found = await search.submit({ identifier: who.identityNumber, reason: 'counter_visit' }, { form: 'find' });
    const said = 'Giấy tờ làm căn cứ cho mức 2 đã hết hạn, bị thu hồi hoặc được đổi';
    expect(found.words).toContain(said);
    const page = await found.follow(`${new URL(found.url).pathname}/counter`);
    expect(page.words).toContain(said);
    expect((await page.follow('/operator/new-application')).words).toContain('Nhận hồ sơ lên mức 2');

    await provenAnew(who);
    // It is the record that is new, and no other level; every confirmed address is told.
    const of = { subscriberId: id, limit: 20 };
    const types = (await journal.query(of)).map(({ type, detail }) => detail?.notice ?? type);
    expect(types).toEqual(expect.arrayContaining(['proofing.recorded', 'counter.approved', 'level_2_at_counter']));
    const levels = await journal.query({ ...of, types: ['subscriber.level_changed'] });
    expect(levels.map(({ actor }) => actor.kind)).toEqual(['system']);
    expect(await subscribers.anewGround(await accountOf(who))).toBeUndefined();
  });

  test('a card that was revoked: once the new one has opened the account', async () => {
    const who = persona('elder');
    expect(await told(who)).toBeDefined();
    await report('card-revoked', who);
    // Received, and not approved while the account is locked.
    const page = await cardRead(await served(server, officer, who), `${who.id}.genuine`);
    const ready = await printsTaken(await faceTaken(officer, page, who.identityNumber), aCapture());
    const { counter } = server.app.parts;
    const application = (await counter!.find(idOf(ready), officer.operator))!;
    expect(await counter!.approve(application, 'own', officer.operator)).toEqual({
      ...{ decided: false, reason: 'account_locked' },
    });
    await ready.submit({}, { form: 'withdraw' });
    await report('card-issued', who, NEW_DAY);
    await provenAnew(who);
  });

  test('which a recovery does not hide: its ground is told first, and the same visit settles both', async () => {
    const who = persona('single-name');
    await report('card-revoked', who);
    await report('card-issued', who, NEW_DAY);
    const { subscribers } = server.app.parts;
    await writeTogether(server.database, await subscribers.requireReproofing(await accountOf(who), system));
    expect(await subscribers.anewGround(await accountOf(who))).toBe('recovery');
    const ready = await allFound(server, officer, who);
    await ready.submit({ seen: 'yes' }, { form: 'approve' });
    expect(await accountOf(who)).toMatchObject({ accountLevel: 2 });
    expect(await subscribers.anewGround(await accountOf(who))).toBeUndefined();
    expect(await told(who)).toBeDefined();
  });
});

describe('whose new card runs out on the very day of the former one', () => {
  const FORMER = 'C00000031';
  const isOver = async (who: Persona) => {
    expect(await told(who)).toBeUndefined();
    expect(await server.app.parts.subscribers.anewGround(await accountOf(who))).toBe('document_over');
  };

  test('is received once the former one was replaced, and what is made there names the card that was read', async () => {
    const who = persona('no-phone');
    const { database } = server;
    const { id } = await accountOf(who);
    // As a counter had made it on that card.
    await database.transaction(async (transaction) => {
      await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
      await transaction.execute(sql`UPDATE proofing_records SET card = ${cardKey(server, FORMER)},
        evidence = jsonb_set(evidence, '{0,expiresOn}', to_jsonb(${NEW_DAY}::text)) WHERE subscriber_id = ${id}`);
      await transaction.execute(sql`UPDATE subscribers SET card_expires_on = ${NEW_DAY}::date WHERE id = ${id}`);
    });
    expect(await told(who)).toBeDefined();
    await report('card-issued', who, NEW_DAY);
    await report('card-revoked', who, undefined, FORMER, 'former_card');
    await isOver(who);
    await provenAnew(who);
    // And so it goes with the one that was read there.
    await report('card-issued', who, NEW_DAY, 'C00000032');
    await isOver(who);
  });

  test('the card in the drawer is the one that was shown for a sandbox’s people', async () => {
    const who = persona('child');
    await report('card-issued', who, NEW_DAY);
    expect(await told(who)).toBeDefined();
    await report('card-issued', who, NEW_DAY, 'C00000033');
    await isOver(who);
  });
});

describe('a card of which the register has reported what its authority does not know', () => {
  const who = persona('level-2-chip-face');
  const said = 'đã báo thẻ này bị giữ, bị thu hồi, hoặc đã có thẻ mới hơn';
  const isNow = (document?: string) => report('card-issued', who, NEW_DAY, document);
  const asPresented = async (page: Page) => (await server.app.parts.counter!.find(idOf(page), officer.operator))!;

  test('is nobody’s evidence when it is shown: the officer reads why, and the journal has it', async () => {
    const { counter, journal } = server.app.parts;
    // As after a recovery: level 2 is proven anew.
    const { subscribers } = server.app.parts;
    await writeTogether(server.database, await subscribers.requireReproofing(await accountOf(who), system));
    await isNow('C00000021');
    const page = await cardRead(await served(server, officer, who), `${who.id}.genuine`);
    expect(page.words).toContain(said);
    const last = (await counter!.checks(idOf(page))).findLast(({ kind }) => kind === 'card');
    expect(last).toMatchObject({ result: 'failed', detail: { refusal: 'document.reported' } });
    const [event] = await journal.query({ types: ['counter.checked'], limit: 1 });
    expect(event!.detail).toMatchObject({ application: idOf(page), refusal: 'document.reported' });
    const asSeen = (lang: string) =>
      officer.browser.open(`${server.issuer}/operator/counter/${idOf(page)}?lang=${lang}`);
    expect((await asSeen('en')).words).toContain('The register has reported that this card was taken away');
    expect(await counter!.approve(await asPresented(page), 'own', officer.operator)).toEqual({
      ...{ decided: false, reason: 'lacking' },
    });
    await (await asSeen('vi')).submit({}, { form: 'withdraw' });
  });

  test('nor where it was reported between the reading and the decision, or the code', async () => {
    const { counter } = server.app.parts;
    await isNow();
    const ready = await allFound(server, officer, who);
    await isNow('C00000022');
    const before = await accountOf(who);
    const no = await ready.submit({ seen: 'yes' }, { form: 'approve' });
    expect(no.words).toContain(`${said}: không duyệt được`);
    expect(await accountOf(who)).toEqual(before);

    await isNow();
    expect(await counter!.approve(await asPresented(ready), 'own', officer.operator)).toEqual({ decided: true });
    const code = async () => counter!.giveCode(await asPresented(ready), officer.operator, true);
    expect(await code()).toMatchObject({ given: true });
    await isNow('C00000023');
    expect(await code()).toEqual({ given: false, reason: 'card_reported' });
    const page = await officer.browser.open(`${server.issuer}/operator/counter/${idOf(ready)}`);
    expect((await page.submit({ seen: 'yes' }, { form: 'give-code' })).words).toContain(
      `Chưa đưa mã được: cơ sở dữ liệu ${said}`,
    );
    await isNow();
    expect(await code()).toMatchObject({ given: true });
  });
});

describe('whose record is in force keeps it', () => {
  const who = persona('level-2-chip');

  test('whatever was found: no officer decides over it, and no statement of ours raises it', async () => {
    const { subscribers, counter } = server.app.parts;
    // Begun while it had to be proven anew, and settled elsewhere since.
    const before = await accountOf(who);
    await writeTogether(server.database, await subscribers.requireReproofing(before, system));
    const ready = await allFound(server, officer, who);
    await server.database.transaction(async (transaction) => {
      await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
      await transaction.execute(
        sql`UPDATE subscribers SET reproofing_required_since = NULL, reproofing_ground = NULL WHERE id = ${before.id}`,
      );
    });
    const application = (await counter!.find(idOf(ready), officer.operator))!;
    expect(await counter!.approve(application, 'own', officer.operator)).toEqual({
      ...{ decided: false, reason: 'account_level_2' },
    });
    await ready.submit({}, { form: 'withdraw' });
    const raising = await subscribers.upgrading(await accountOf(who), {
      person: who.person as Parameters<typeof subscribers.upgrading>[1]['person'],
      ...{ proofing: aProofing({ decidedAt: new Date() }), cardUntil: undefined, by: system, decided: {} },
    });
    await expect(writeTogether(server.database, raising)).rejects.toBeInstanceOf(Moved);
  });

  test('whatever the program says: the database asks for what is over, the record, the application and its checks', async () => {
    const { database } = server;
    const { id } = await accountOf(who);
    const record = newId();
    await database.execute(sql`INSERT INTO proofing_records (subscriber_id, id, account_level, channel, applicant_age,
        face_matched, fingerprints_matched, evidence, evidence_hash, officer, policy, decided_at, test, assurance_policy,
        assurance_policy_hash, assurance_row)
      SELECT ${id}, ${record}, account_level, channel, applicant_age, true, true, evidence, evidence_hash,
        ${officer.operator.operatorId}, policy, now(), test, assurance_policy, assurance_policy_hash, assurance_row
      FROM proofing_records WHERE subscriber_id = ${id} AND account_level = 2 LIMIT 1`);
    const rest = () =>
      database.execute(sql`UPDATE subscribers SET proofing_id = ${record}, updated_at = now() WHERE id = ${id}`);
    const approvedBy = (at: Date) =>
      approvedByStatements(
        server,
        { ...who.person, identityNumber: who.identityNumber },
        { accountId: id, officer: officer.operator.operatorId, at },
      );
    const refused = { code: 'SL002' };
    await expect(rest()).rejects.toMatchObject({ ...refused, message: expect.stringContaining('in force') });
    await report('card-revoked', who);
    await report('card-issued', who, NEW_DAY);
    // Over, and no application ends in that record; or one whose checks are of before the former record.
    await expect(rest()).rejects.toMatchObject(refused);
    await approvedBy(new Date('2020-01-01T00:00:00Z'));
    await expect(rest()).rejects.toMatchObject(refused);
    await approvedBy(new Date());
    await rest();
    expect((await server.app.parts.subscribers.proofing(id))?.id).toBe(record);
  });
});
