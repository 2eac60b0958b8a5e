import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangeSubject } from '../../../src/domain/approvals/index.ts';
import { ASSURANCE_POLICY, type Policy, referenceOf } from '../../../src/domain/assurance/index.ts';
import { createAssurancePolicies, createPolicyChanges } from '../../../src/domain/assurance-policies/index.ts';
import { levelBasis } from '../../../src/domain/subscribers/reproofing-store.ts';
import { systemClock as clock } from '../../../src/platform/clock.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { PERSONAS } from '../../../src/sandbox/index.ts';
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
import { eventually } from '../../support/eventually.ts';
import type { Page } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { aParty } from '../../support/newcomers.ts';
import { plainClient, publicClient } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { twoPeople } from '../../support/two-people.ts';

// Whoever has to be proofed anew is, as anybody is who becomes level 2: by an application of the counter.
let server: TestServer;
let officer: Seat;
let second: Seat;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  officer = await anOfficer(server, ['intake']);
  second = await anOfficer(server, ['approver'], { office: 'vn' });
});
afterAll(() => server?.end());

type Persona = (typeof PERSONAS)[number];
const system = { kind: 'system' } as const;
const persona = (id: string): Persona => PERSONAS.find((one) => one.id === id)!;
const accountOf = async ({ identityNumber }: Persona) => (await server.app.parts.subscribers.locate(identityNumber))!;
const idOf = (page: Page): string => /counter\/([0-9a-f-]{36})/.exec(page.url)?.[1] ?? '';
const application = async (page: Page) => (await server.app.parts.counter!.find(idOf(page), officer.operator))!;
const formsOf = (page: Page): string[] => page.forms.map(({ attributes }) => attributes.get('id') ?? '');
const again = (page: Page, { browser }: Seat = officer) => browser.open(page.url.split('?')[0]!);
const recordsOf = (id: string) =>
  server.database.rows<{ id: string }>(sql`SELECT id FROM proofing_records WHERE subscriber_id = ${id}`);
const seen = { seen: 'yes' };
const worn = { ...seen, ground: 'worn', statement: 'Vân tay mòn vì làm muối, mặt và thẻ đều khớp.' };

/** Level 2 counts as 1 since a recovery. */
async function recovered(who: Persona): Promise<void> {
  await writeTogether(
    server.database,
    await server.app.parts.subscribers.requireReproofing(await accountOf(who), system),
  );
  expect(await accountOf(who)).toMatchObject({ accountLevel: 1, reproofingGround: 'recovery' });
}

/** As it was lowered, and with everything found: approved, it is level 2 by a record of its own, and nothing of before signs in. */
async function comesBack(who: Persona, ready: Page, decide: (ready: Page) => Promise<Page>): Promise<void> {
  const before = await accountOf(who);
  const old = (await recordsOf(before.id)).map(({ id }) => id);
  const done = await decide(ready);
  expect(done.words).toContain('Đã duyệt');
  const after = await accountOf(who);
  expect(after).toMatchObject({ id: before.id, state: 'active', accountLevel: 2, recordedLevel: 2 });
  expect([after.reproofingRequiredSince, after.reproofingGround]).toEqual([undefined, undefined]);
  const proofing = (await server.app.parts.subscribers.proofing(after.id))!;
  expect(old).not.toContain(proofing.id);
  expect(proofing).toMatchObject({
    ...{ accountLevel: 2, channel: 'in_person', officer: officer.operator.operatorId },
  });
  expect(await server.app.parts.authenticators.of(after.id)).toEqual([]);
  expect((await application(done)).binding).toBe('waiting');
  await checkInvariants(server.database, server.app);
}
const approved = (ready: Page) => ready.submit(seen, { form: 'approve' });

describe('level 2 counts again by an application of the counter', () => {
  test('after a recovery: everything is unbound, told and bound afresh; subs stay, and what was agreed to before', async () => {
    const who = persona('single-name');
    const { consents, journal, relyingParties } = server.app.parts;
    const config = server.client('sandbox-public');
    const rp = await publicClient(server.issuer, config);
    await signedIn(rp, server.claimant(who.id), { scope: 'openid profile' });
    const { id } = await accountOf(who);
    const record = await relyingParties.find(config.client_id);
    const sub = () => relyingParties.subjectFor(id, record!.relyingParty.legalEntity);
    const known = await sub();
    await recovered(who);
    expect((await server.app.parts.authenticators.of(id)).length).toBeGreaterThan(0);
    // Whoever has recovered it agrees to something more.
    const later = await aParty(server, 'agreed-to-since');
    await signedIn(await plainClient(server.issuer, later), server.claimant(who.id), { scope: 'openid profile' });
    expect(await consents.find(id, later.client_id)).toBeDefined();

    const ready = await allFound(server, officer, who);
    expect(ready.words).toContain('Mức 2 tạm chưa dùng được: cần xác minh lại');
    expect(ready.words).toContain('Tài khoản này đã được khôi phục');
    // It was hers by card, face and fingerprints once: nobody else had opened it.
    expect(ready.words).not.toContain('Do kẻ khác mở');
    expect(await server.app.parts.counter!.approve(await application(ready), 'false', officer.operator)).toEqual({
      ...{ decided: false, reason: 'claim' },
    });
    await comesBack(who, ready, approved);
    expect(await sub()).toBe(known);
    expect(await consents.find(id, config.client_id)).toBeDefined();
    expect(await consents.find(id, later.client_id)).toBeUndefined();
    const events = await journal.query({ subscriberId: id, limit: 50 });
    const types = events.map(({ type, detail }) => detail?.notice ?? type);
    expect(types).toEqual(expect.arrayContaining(['level_2_at_counter', 'counter.approved', 'proofing.recorded']));
    expect(events.find(({ type }) => type === 'subscriber.level_changed')).toMatchObject({
      ...{ actor: { kind: 'operator', id: officer.operator.operatorId }, detail: { level: 2, from: 1 } },
    });
    // And then there is nothing to prove again.
    expect((await served(server, officer, who)).words).toContain('Tài khoản này đã ở mức 2');
  });

  test('after a hand-over at fourteen', async () => {
    const who = persona('child');
    const account = await accountOf(who);
    await writeTogether(server.database, await server.app.parts.subscribers.takingOver(account, '+84987654321'));
    expect(await accountOf(who)).toMatchObject({ accountLevel: 1, reproofingGround: 'handed_over' });
    const ready = await allFound(server, officer, who);
    expect(ready.words).toContain('vừa tự nhận tài khoản từ người giám hộ');
    await comesBack(who, ready, approved);
  });

  test('with worn fingers, by a second officer, and once more when it does not count again', async () => {
    const who = persona('no-phone');
    for (const _ of ['first', 'again']) {
      await recovered(who);
      const ready = await allFound(server, officer, who, { capture: aCapture('WORN') });
      expect(formsOf(ready)).not.toContain('approve');
      const asked = await ready.submit(worn, { form: 'propose' });
      expect(asked.words).toContain('Chờ cán bộ thứ hai');
      const { counter } = server.app.parts;
      const { shown } = (await counter!.waiting(await application(asked)))!;
      expect(await counter!.confirm(await application(asked), shown, officer.operator)).toMatchObject({
        ...{ decided: false, reason: 'same_officer' },
      });
      await comesBack(who, asked, async (page) => (await again(page, second)).submit({}, { form: 'confirm' }));
      expect(await server.app.parts.subscribers.proofing((await accountOf(who)).id)).toMatchObject({
        ...{ fingerprintsMatched: false, overridden: 'fingerprint_match' },
        secondOfficer: second.operator.operatorId,
      });
    }
    // Who had left before binding binds by the last of them alone.
    const { id } = await accountOf(who);
    const bindings = await server.database.rows<{ binding: string }>(
      sql`SELECT binding FROM level_2_applications WHERE account_id = ${id} ORDER BY decided_at`,
    );
    expect(bindings.map(({ binding }) => binding)).toEqual(['none', 'waiting']);
  });
});

describe('level 2 does not count again', () => {
  const who = persona('level-2-chip');
  const lift = (id: string, more = sql.raw('')) =>
    server.database.execute(sql`UPDATE subscribers SET reproofing_required_since = NULL ${more} WHERE id = ${id}`);
  const refused = { code: 'SL002' };

  test('by two ticks in a form: there is none, and whoever posts where it was finds nothing', async () => {
    await recovered(who);
    const search = await officer.browser.open(`${server.issuer}/operator/people`);
    const asked = { identifier: who.identityNumber, reason: 'counter_visit' };
    const found = await search.submit(asked, { form: 'find' });
    expect(found.words).toContain('Tài khoản này đã được khôi phục');
    const page = await found.follow(`${new URL(found.url).pathname}/counter`);
    expect(formsOf(page)).not.toContain('reproofing-form');
    expect(page.words).toContain('Tài khoản này đã được khôi phục');
    expect((await page.follow('/operator/new-application')).words).toContain('Nhận hồ sơ lên mức 2');
    const csrf = page.form('recovery-form').values.get('csrf') ?? '';
    const fields = { csrf, document: 'XXXXXX', face: 'yes', fingerprints: 'yes', confirm: 'yes' };
    const body = new URLSearchParams(fields).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const person = new URL(found.url).pathname;
    for (const path of [`${person}/reproofing`, `/operator/reproofings/${newId()}`]) {
      const answer = await officer.browser.send(`${server.issuer}${path}`, { method: 'POST', headers, body });
      expect([path, answer.status]).toEqual([path, 404]);
    }
    expect((await accountOf(who)).accountLevel).toBe(1);
  });

  test('by what was found before it had to be proven again', async () => {
    const ready = await allFound(server, officer, who);
    expect(formsOf(ready)).toContain('approve');
    await recovered(who);
    const page = await again(ready);
    expect(formsOf(page)).not.toContain('approve');
    expect(page.words).toMatch(/Khuôn mặt\s*Của lần trước/);
    const { counter } = server.app.parts;
    const approve = async () => counter!.approve(await application(ready), 'own', officer.operator);
    expect(await approve()).toEqual({ decided: false, reason: 'lacking' });
    // One after the other: as long as one of them is missing, nothing.
    const carded = await cardRead(page, `${who.id}.genuine`);
    expect(await approve()).toEqual({ decided: false, reason: 'lacking' });
    const faced = await faceTaken(officer, await again(carded), who.identityNumber);
    expect(await approve()).toEqual({ decided: false, reason: 'lacking' });
    const printed = await printsTaken(faced, aCapture());
    await comesBack(who, printed, approved);
  });

  test('whatever the program says: the database asks for the record, the application and its checks since', async () => {
    await recovered(who);
    const { id } = await accountOf(who);
    await expect(lift(id)).rejects.toMatchObject(refused);
    // Two officers' word is none any more.
    await server.database.execute(sql`INSERT INTO reproofings (subscriber_id, id, required_since, way, first_officer, second_officer,
        face_matched, fingerprints_matched, evidence_hash, begun_at, decided_at)
      SELECT id, gen_random_uuid(), reproofing_required_since, 'counter', gen_random_uuid(), gen_random_uuid(), true, true,
        sha256('x'), now(), now() FROM subscribers WHERE id = ${id}`);
    await expect(lift(id)).rejects.toMatchObject(refused);
    // Nor is a record that no application ends in.
    const record = newId();
    await server.database.execute(sql`INSERT INTO proofing_records (subscriber_id, id, account_level, channel, applicant_age,
        face_matched, fingerprints_matched, evidence, evidence_hash, officer, policy, decided_at, test, assurance_policy,
        assurance_policy_hash, assurance_row)
      SELECT ${id}, ${record}, account_level, channel, applicant_age, true, true, evidence, evidence_hash,
        ${officer.operator.operatorId}, policy, now(), test, assurance_policy, assurance_policy_hash, assurance_row
      FROM proofing_records WHERE subscriber_id = ${id} AND account_level = 2 LIMIT 1`);
    const rest = sql`, proofing_id = ${record}`;
    await expect(lift(id, rest)).rejects.toMatchObject(refused);
    // Nor one whose checks were made before; and with those of today it is believed.
    const approvedBy = (at: Date) =>
      approvedByStatements(
        server,
        { ...who.person, identityNumber: who.identityNumber },
        { accountId: id, officer: officer.operator.operatorId, at },
      );
    await approvedBy(new Date(Date.now() - 3_600_000));
    await expect(lift(id, rest)).rejects.toMatchObject(refused);
    await approvedBy(new Date());
    await lift(id, rest);
    expect((await accountOf(who)).accountLevel).toBe(2);
  });

  test('to an officer whose own account it is', async () => {
    await recovered(who);
    const self = await anOfficer(server, ['intake', 'approver'], { number: who.identityNumber });
    expect((await served(server, self, who)).words).toContain('Đây là chính bạn');
    const ready = await allFound(server, officer, who);
    const asked = await application(ready);
    expect(await server.app.parts.counter!.take(asked, self.operator)).toBe('self');
    await ready.submit({}, { form: 'withdraw' });
  });
});

describe('under stricter rules', () => {
  /** Whoever is level 2 has shown a chip that proves itself, and what was decided before is not believed. */
  const stricter: Policy = {
    ...ASSURANCE_POLICY,
    version: new Date().toISOString().slice(0, 10),
    withdrawn: [ASSURANCE_POLICY.version],
    evidence: ASSURANCE_POLICY.evidence.map((row) =>
      row.accountLevel === 2 && !('off' in row && row.off) ? { ...row, needs: [...row.needs, 'genuine-chip'] } : row,
    ),
  };

  test('whose record is not enough comes to the counter, and has one by them', async () => {
    const who = persona('foreign-resident');
    expect((await accountOf(who)).accountLevel).toBe(2);
    const { database } = server;
    const policies = createAssurancePolicies({ database });
    const subject = createPolicyChanges({ clock, journal: server.app.parts.journal, policies }) as ChangeSubject;
    expect(await twoPeople({ database, clock, subject }).change(stricter)).toMatchObject({ done: true });
    await eventually(async () => (await server.app.parts.policies.inForce()).version).toBe(stricter.version);
    expect(await accountOf(who)).toMatchObject({ accountLevel: 1, reproofingGround: 'policy_withdrawn' });

    const page = await cardRead(await served(server, officer, who), `${who.id}.passport`);
    const ready = await printsTaken(await faceTaken(officer, page, who.identityNumber), aCapture());
    expect(ready.words).toContain('Quy tắc đã cấp mức 2 bị thu hồi');
    // A re-proofing of before is older than the record: what it rested on is asked of neither.
    const { id } = await accountOf(who);
    await database.execute(sql`INSERT INTO reproofings (subscriber_id, id, required_since, way, first_officer, second_officer,
        face_matched, fingerprints_matched, evidence_hash, begun_at, decided_at, assurance_policy, assurance_policy_hash)
      VALUES (${id}, ${newId()}, now(), 'counter', gen_random_uuid(), gen_random_uuid(), true, true, sha256('x'),
        now() - interval '1 day', now() - interval '1 day', ${ASSURANCE_POLICY.version}, ${referenceOf(ASSURANCE_POLICY).hash})`);
    await comesBack(who, ready, approved);
    const proofing = await server.app.parts.subscribers.proofing(id);
    expect(proofing).toMatchObject({ assurance: { version: stricter.version } });
    expect(await levelBasis(database, id)).toEqual({ policy: stricter.version, proofing: proofing!.id });
    expect((await accountOf(who)).accountLevel).toBe(2);
  });
});
