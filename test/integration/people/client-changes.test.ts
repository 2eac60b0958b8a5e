import { createHash, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BaseChanged, type ChangeSubject } from '../../../src/domain/approvals/index.ts';
import { createJournal } from '../../../src/domain/audit/index.ts';
import {
  clientChanges,
  createRelyingParties,
  newSecretForChange,
  type Registration,
  type RelyingParties,
  secretMatches,
} from '../../../src/domain/relying-parties/index.ts';
import { createEgress } from '../../../src/platform/egress.ts';
import { newId } from '../../../src/platform/ids.ts';
import { type Sql, sql } from '../../../src/platform/sql.ts';
import { aKeySet, aProductionRegistration, aRegistration } from '../../support/clients.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { aListener } from '../../support/listener.ts';
import { type TwoPeople, twoPeople } from '../../support/two-people.ts';

// Issue 4 §1 and §2: no single person puts a client into production or changes it there, by any way.
const admin = { kind: 'operator', id: 'admin-1' } as const;
const clock = fixedClock('2026-11-20T08:00:00Z');
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let here: RelyingParties;
let people: TwoPeople;
let host: Awaited<ReturnType<typeof aListener>>;
let keys: unknown = aKeySet();
const subjectIn = (sandbox: boolean) =>
  clientChanges({
    ...{
      database: fresh.database,
      clock,
      sandbox,
      relyingParties: here,
      journal: createJournal({ database: fresh.database, clock }),
    },
    egress: createEgress({ allowOrigins: [host.origin] }),
  });

beforeAll(async () => {
  fresh = await freshDatabase();
  host = await aListener((request, response) => {
    const away = request.path === '/away';
    response.writeHead(away ? 302 : 200, { 'content-type': 'application/json', location: `${host.origin}/jwks` });
    response.end(JSON.stringify(keys));
  });
  const { database } = fresh;
  const parts = { database, clock, journal: createJournal({ database, clock }) };
  here = createRelyingParties({ ...parts, sandbox: true });
  people = twoPeople({ database, clock, subject: subjectIn(true) });
});
afterAll(async () => {
  await host.close();
  await fresh.end();
});

const keyed = (changes: Partial<Registration> = {}) =>
  aProductionRegistration({
    metadata: {
      redirect_uris: ['https://lotus.example/callback'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: aKeySet(),
    },
    ...changes,
  });

/** A client in production, through both. The relying party is its own, so that no test renames another's. */
async function inProduction(changes: Partial<Registration> = {}) {
  const id = `rp-${newId()}`;
  const base = keyed(changes);
  const registration = {
    ...base,
    relyingParty: { ...base.relyingParty, id, legalEntity: { ...base.relyingParty.legalEntity, id } },
  };
  const step = await people.change(registration);
  if (!step.done) throw new Error(JSON.stringify(step));
  return { registration, clientId: registration.clientId, request: step.request };
}

describe('a client comes into production', () => {
  test('by a proposal and an approval: found, journalled, and its first version names the change request', async () => {
    const { registration, clientId, request } = await inProduction();
    expect(request.risks).toEqual([{ code: 'new_in_production', path: 'environment' }]);
    expect(await here.find(clientId)).toMatchObject({ clientId, environment: 'production' });
    const [first, ...more] = await here.versions(clientId);
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      number: 1,
      by: `operator:${people.binh.operatorId}`,
      at: clock.now(),
      changeRequest: request.id,
      disabled: false,
      registration: { clientId, purpose: registration.purpose, metadata: registration.metadata },
    });
    const events = await createJournal({ database: fresh.database, clock }).query({ clientId });
    expect(events.find(({ type }) => type === 'client.registered')).toMatchObject({ detail: { change: request.id } });
  });

  test('and by no function of this module', async () => {
    const fault = { registered: false, faults: [{ path: 'environment' }] };
    expect(await here.register(keyed(), admin)).toMatchObject(fault);
    const sandboxed = aRegistration();
    await here.register(sandboxed, admin);
    expect(await here.update({ ...keyed(), clientId: sandboxed.clientId }, admin)).toMatchObject(fault);
    const { registration, clientId } = await inProduction();
    const lowered = { ...registration, environment: 'sandbox' as const };
    expect(await here.update(lowered, admin)).toMatchObject({ registered: false });
    expect(await here.renewSecret(clientId, admin)).toMatchObject({ registered: false });
    expect(await here.find(clientId)).toMatchObject({ environment: 'production' });
  });

  test('without contacts, sector and a purpose for each scope and claim it does not', async () => {
    const { relyingParty, purposes: _, ...rest } = keyed({ allowedClaims: ['birthdate'] });
    const { sector: __, contacts: ___, ...party } = relyingParty;
    const drafted = await people.draft({ ...rest, relyingParty: party });
    expect(drafted).toMatchObject({ drafted: false, reason: 'faulty' });
    expect('faults' in drafted && drafted.faults.map(({ path }) => path).sort()).toEqual([
      'allowedClaims.0',
      'allowedScopes.1',
      'allowedScopes.2',
      'relyingParty.contacts.dataProtection',
      'relyingParty.contacts.security',
      'relyingParty.contacts.technical',
      'relyingParty.sector',
    ]);
  });
});

/** What the database answers one hand. */
const refused = { code: 'SL004' };

describe('in the database, whoever writes', () => {
  const run = (statement: Sql) => fresh.database.execute(statement);
  const columns = sql.raw('relying_party_id, fapi, metadata, terms, registered_at');

  test.each([
    ['a redirect URI', `metadata = jsonb_set(metadata, '{redirect_uris,0}', '"https://evil.example/"')`],
    ['floors', `terms = jsonb_set(terms, '{floors}', '{}', true) || '{"acrVoluntary": true}'`],
    ['keys', `metadata = metadata - 'jwks' || '{"jwks_uri": "https://evil.example/jwks"}'`],
    ['claims', `terms = jsonb_set(terms, '{allowedClaims}', '["personal_identification_number"]')`],
    ['a secret', `secret_hash = sha256('known')`],
    ['its environment', `environment = 'sandbox'`],
    ['the request that it came by', `change_request_id = NULL`],
    ['its name', `client_id = client_id || '-2'`],
  ])('a client in production does not change by one hand: %s', async (_, change) => {
    const { clientId } = await inProduction();
    await expect(run(sql`UPDATE clients SET ${sql.raw(change)} WHERE client_id = ${clientId}`)).rejects.toMatchObject(
      refused,
    );
    await expect(run(sql`DELETE FROM clients WHERE client_id = ${clientId}`)).rejects.toMatchObject(refused);
    expect(await here.versions(clientId)).toHaveLength(1);
  });

  test('a row does not begin in production, nor get there from the sandbox', async () => {
    const sandboxed = aRegistration();
    await here.register(sandboxed, admin);
    await expect(
      run(sql`INSERT INTO clients (client_id, environment, ${columns})
        SELECT 'by-hand', 'production', ${columns} FROM clients WHERE client_id = ${sandboxed.clientId}`),
    ).rejects.toMatchObject(refused);
    await expect(
      run(sql`UPDATE clients SET environment = 'production' WHERE client_id = ${sandboxed.clientId}`),
    ).rejects.toMatchObject(refused);
  });

  test('an applied request serves once, for its own client', async () => {
    const one = await inProduction();
    const other = await inProduction();
    const harm = sql.raw(`metadata = metadata || '{"tos_uri": "https://evil.example/"}'`);
    // Its own, used already; another client's; one that does not exist.
    for (const id of [one.request.id, other.request.id, newId()]) {
      await expect(
        run(sql`UPDATE clients SET ${harm}, change_request_id = ${id} WHERE client_id = ${one.clientId}`),
      ).rejects.toMatchObject(refused);
    }
    // A way round by a second change: the old request is behind a newer one.
    const step = await people.change({ ...one.registration, acrVoluntary: true });
    expect(step.done).toBe(true);
    await expect(
      run(sql`UPDATE clients SET ${harm}, change_request_id = ${one.request.id} WHERE client_id = ${one.clientId}`),
    ).rejects.toMatchObject(refused);
  });

  test('a request that is proposed, or approved by who proposed it, opens nothing', async () => {
    const { registration, clientId } = await inProduction();
    const { id } = await people.proposed({ ...registration, acrVoluntary: true });
    const write = sql`UPDATE clients SET terms = terms || '{"acrVoluntary": true}', change_request_id = ${id} WHERE client_id = ${clientId}`;
    await expect(run(write)).rejects.toMatchObject(refused);
    await expect(
      run(sql`UPDATE change_requests SET state = 'applied', revision = revision + 1, approver = proposer,
        approver_person = proposer_person, applied_at = now(), decided_at = now() WHERE id = ${id}`),
    ).rejects.toMatchObject({ code: 'SL003' });
  });

  test.each([
    [
      'other words',
      `metadata = metadata || '{"tos_uri": "https://evil.example/"}', terms = terms || '{"acrVoluntary": true}'`,
    ],
    ['another secret beside the words', `terms = terms || '{"acrVoluntary": true}', secret_hash = sha256('known')`],
    ['let in again beside the words', `terms = terms || '{"acrVoluntary": true}', disabled_at = now()`],
  ])('what two people agreed on is not changed on the way: %s', async (_, change) => {
    const { registration, clientId } = await inProduction();
    const { id } = await people.proposed({ ...registration, acrVoluntary: true });
    const attempt = fresh.database.transaction(async (transaction) => {
      await transaction.execute(sql`UPDATE change_requests SET state = 'applied', revision = revision + 1,
        approver = ${people.binh.operatorId}, approver_person = ${people.binh.person}, decided_at = now(), applied_at = now()
        WHERE id = ${id}`);
      await transaction.execute(
        sql`UPDATE clients SET ${sql.raw(change)}, change_request_id = ${id} WHERE client_id = ${clientId}`,
      );
    });
    await expect(attempt).rejects.toMatchObject(refused);
    expect((await here.find(clientId))?.acrVoluntary).toBe(false);
  });

  test('the name, mark and legal entity behind a client in production stay, with an old request too', async () => {
    const { registration, request } = await inProduction();
    const { id } = registration.relyingParty;
    const rename = sql`UPDATE relying_parties SET name_vi = 'Ngân hàng khác' WHERE id = ${id}`;
    const rename2 = sql`UPDATE legal_entities SET name_en = 'Another' WHERE id = ${id}`;
    const mark = sql`UPDATE relying_parties SET mark = 'X', colour = '#000000' WHERE id = ${id}`;
    for (const statement of [rename, rename2, mark]) {
      await expect(run(statement)).rejects.toMatchObject(refused);
      await expect(
        fresh.database.transaction(async (transaction) => {
          await transaction.execute(sql`SELECT set_config('senid.change_request', ${request.id}, true)`);
          await transaction.execute(statement);
        }),
      ).rejects.toMatchObject(refused);
    }
    // Nor by a client of the sandbox that says it is of the same relying party.
    const party = { ...registration.relyingParty, name: { vi: 'Ngân hàng khác', en: 'Another bank' } };
    expect(await here.register(aRegistration({ relyingParty: party }), admin)).toMatchObject({ registered: false });
  });

  test('they change with a change request, and each client of the relying party has a version that names it', async () => {
    const { registration, clientId } = await inProduction();
    const sibling = aRegistration({ relyingParty: registration.relyingParty });
    expect(await here.register(sibling, admin)).toMatchObject({ registered: true });
    const relyingParty = { ...registration.relyingParty, name: { vi: 'Tên mới', en: 'New name' }, mark: 'TM' };
    const step = await people.change({ ...registration, relyingParty });
    if (!step.done) throw new Error(JSON.stringify(step));
    expect(step.request.risks.map(({ code }) => code)).toEqual(['party_changed', 'party_changed', 'party_changed']);
    // What the first request said is not brought back by it: it has served.
    const [first] = (await here.versions(clientId)).slice(-1);
    await expect(
      fresh.database.transaction(async (transaction) => {
        await transaction.execute(sql`SELECT set_config('senid.change_request', ${first!.changeRequest}, true)`);
        await transaction.execute(sql`UPDATE relying_parties SET name_vi = ${registration.relyingParty.name.vi},
          name_en = ${registration.relyingParty.name.en}, mark = ${registration.relyingParty.mark}
          WHERE id = ${registration.relyingParty.id}`);
      }),
    ).rejects.toMatchObject(refused);
    for (const id of [clientId, sibling.clientId]) {
      const versions = await here.versions(id);
      expect(versions.map(({ number }) => number)).toEqual([2, 1]);
      expect(versions[0]).toMatchObject({
        changeRequest: step.request.id,
        registration: { relyingParty: { mark: 'TM' } },
      });
    }
  });

  test('one person stops a client at once, and two let it in again', async () => {
    const { registration, clientId } = await inProduction();
    expect(await here.disable(clientId, admin)).toBe(true);
    expect((await here.find(clientId))?.disabledAt).toBeDefined();
    expect(await here.enable(clientId, admin)).toBe(false);
    await expect(run(sql`UPDATE clients SET disabled_at = NULL WHERE client_id = ${clientId}`)).rejects.toMatchObject(
      refused,
    );
    const step = await people.change({ ...registration, disabled: false });
    expect(step).toMatchObject({ done: true, request: { risks: [{ code: 'let_in_again', path: 'disabled' }] } });
    expect((await here.find(clientId))?.disabledAt).toBeUndefined();
    expect((await here.versions(clientId)).map(({ disabled }) => disabled)).toEqual([false, true, false]);
  });

  test('a version is never changed, removed or left out, and a plain touch is none', async () => {
    const { registration, clientId } = await inProduction();
    await expect(run(sql`UPDATE client_versions SET number = 9 WHERE client_id = ${clientId}`)).rejects.toMatchObject({
      code: 'SL002',
    });
    await expect(run(sql`DELETE FROM client_versions WHERE client_id = ${clientId}`)).rejects.toMatchObject({
      code: 'SL002',
    });
    await expect(run(sql`TRUNCATE client_versions`)).rejects.toMatchObject({ code: 'SL002' });
    await run(sql`UPDATE clients SET version = version WHERE client_id = ${clientId}`);
    expect(await here.versions(clientId)).toHaveLength(1);
    const sandboxed = aRegistration();
    await here.register(sandboxed, admin);
    await run(
      sql`UPDATE clients SET terms = terms || '{"acrVoluntary": true}' WHERE client_id = ${sandboxed.clientId}`,
    );
    const [byHand] = await here.versions(sandboxed.clientId);
    expect(byHand).toMatchObject({ number: 2, by: expect.stringMatching(/^database:/) });
    expect(registration.clientId).toBe(clientId);
  });
});

describe('a client that comes to a relying party', () => {
  type Party = Registration['relyingParty'];
  /** A client that is yet to come, and says something of the relying party. */
  const comer = (relyingParty: Party, changes: Partial<Registration> = {}) => keyed({ relyingParty, ...changes });
  const OTHERWISE: readonly (readonly [string, (party: Party) => Party, string])[] = [
    ['name', (party) => ({ ...party, name: { ...party.name, vi: 'Kẻ mạo danh' } }), 'name.vi'],
    ['mark', (party) => ({ ...party, mark: 'ZZ' }), 'mark'],
    ['colour', (party) => ({ ...party, colour: '#000000' }), 'colour'],
    ['contact', (party) => ({ ...party, contact: 'me@evil.example' }), 'contact'],
    ['sector', (party) => ({ ...party, sector: 'other' }), 'sector'],
    [
      'contacts',
      (party) => ({ ...party, contacts: { ...party.contacts, security: 'me@evil.example' } }),
      'contacts.security',
    ],
    [
      'name of its legal entity',
      (party) => ({
        ...party,
        legalEntity: { ...party.legalEntity, name: { ...party.legalEntity.name, en: 'Evil JSC' } },
      }),
      'legalEntity.name.en',
    ],
  ];

  test.each(OTHERWISE)('changes nothing of it that nobody who agrees would see: %s', async (_, otherwise, path) => {
    const { registration } = await inProduction();
    const other = otherwise(registration.relyingParty);
    const drafted = await people.draft(comer(other));
    const message = expect.stringMatching(/^This relying party is registered with(out it\.|: )/);
    expect(drafted).toEqual({ drafted: false, reason: 'faulty', faults: [{ path: `relyingParty.${path}`, message }] });
    // Nor one that is there and moves, whatever party it had.
    const mover = await inProduction();
    const moves = {
      ...mover.registration,
      relyingParty: { ...other, legalEntity: mover.registration.relyingParty.legalEntity },
    };
    expect(await people.draft(moves)).toMatchObject({ drafted: false, reason: 'faulty' });
    expect((await here.versions(registration.clientId, { limit: 1 }))[0]?.registration.relyingParty).toEqual(
      registration.relyingParty,
    );
    expect(await people.change(comer(registration.relyingParty))).toMatchObject({ done: true });
  });

  test('moves within a legal entity, and takes over what the other party is', async () => {
    const { registration } = await inProduction();
    const id = `rp-${newId()}`;
    const sister = comer({ ...registration.relyingParty, id, mark: 'S', name: { vi: 'Em', en: 'Sister' } });
    expect(await people.change(sister)).toMatchObject({ done: true });
    const moves = (relyingParty: Party) => ({ ...registration, relyingParty });
    expect(await people.draft(moves({ ...registration.relyingParty, id }))).toMatchObject({
      reason: 'faulty',
      faults: [{ path: 'relyingParty.mark' }, { path: 'relyingParty.name.en' }, { path: 'relyingParty.name.vi' }],
    });
    expect(await people.change(moves(sister.relyingParty))).toMatchObject({ done: true });
    expect(await here.party(id)).toMatchObject({ name: { en: 'Sister' }, mark: 'S' });
  });

  test('brings a new party, and no other name for a legal entity that others have', async () => {
    const { registration } = await inProduction();
    const { legalEntity } = registration.relyingParty;
    const id = `rp-${newId()}`;
    const renamed = { ...legalEntity, name: { vi: 'Tên khác', en: 'Another name' } };
    expect(await people.draft(comer({ ...registration.relyingParty, id, legalEntity: renamed }))).toMatchObject({
      reason: 'faulty',
      faults: [{ path: 'relyingParty.legalEntity.name.en' }, { path: 'relyingParty.legalEntity.name.vi' }],
    });
    expect(await people.change(comer({ ...registration.relyingParty, id }))).toMatchObject({ done: true });
  });

  test('is refused once another change has altered the party: as a draft, as a proposal, and at its time', async () => {
    const { registration, clientId } = await inProduction();
    const same = registration.relyingParty;
    const drafted = await people.draft(comer(same));
    if (!drafted.drafted) throw new Error(JSON.stringify(drafted));
    const proposed = await people.proposed(comer(same));
    const timed = await people.draft(comer(same));
    if (!timed.drafted) throw new Error(JSON.stringify(timed));
    const activateAt = new Date(clock.now().getTime() + 60_000);
    const { revision } = timed.request;
    const waits = await people.approvals.propose(timed.request.id, { revision, by: people.mai, activateAt });
    if (!waits.done) throw new Error(JSON.stringify(waits));
    const { id } = waits.request;
    await people.approvals.approve(id, { revision: waits.request.revision, by: people.binh });

    expect(await people.change({ ...registration, relyingParty: { ...same, mark: 'NM' } })).toMatchObject({
      done: true,
    });
    const faulty = {
      done: false,
      reason: 'faulty',
      findings: [{ level: 'error', path: 'relyingParty.mark' }, { path: 'metadata.jwks' }],
    };
    const draft = { revision: drafted.request.revision, by: people.mai };
    expect(await people.approvals.propose(drafted.request.id, draft)).toMatchObject(faulty);
    const approval = { revision: proposed.revision, by: people.binh };
    expect(await people.approvals.approve(proposed.id, approval)).toMatchObject(faulty);
    clock.advance(61);
    expect(await people.approvals.activateDue()).toBe(0);
    clock.advance(-61);
    expect(await people.approvals.find(id)).toMatchObject({ state: 'stale', outcome: 'faulty' });
    expect((await here.find(clientId))?.relyingParty.mark).toBe('NM');
  });

  test('changes nothing when the party is altered between the look and the change: it is stale', async () => {
    const { registration, request } = await inProduction();
    const subject = subjectIn(true);
    const parsed = subject.parse(comer({ ...registration.relyingParty, mark: 'ZZ' }));
    if (!parsed.parsed) throw new Error(JSON.stringify(parsed.faults));
    const change = { id: request.id, subject: parsed.subject, value: parsed.value, baseVersion: undefined, by: admin };
    await expect(fresh.database.transaction((on) => subject.apply(on, change))).rejects.toBeInstanceOf(BaseChanged);
  });

  test('of two who bring the same new party at once and say different things, one is made', async () => {
    const { relyingParty } = keyed();
    const id = `rp-${newId()}`;
    const party = (mark: string) => ({ ...relyingParty, id, mark, legalEntity: { ...relyingParty.legalEntity, id } });
    const made = await Promise.all(['A', 'B'].map((mark) => people.proposed(comer(party(mark)))));
    const outcomes = await Promise.all(
      made.map((one) => people.approvals.approve(one.id, { revision: one.revision, by: people.binh })),
    );
    const done = outcomes.map((outcome) => outcome.done);
    expect(done.toSorted()).toEqual([false, true]);
    expect((await here.party(id))?.mark).toBe(done[0] ? 'A' : 'B');
  });

  test('in the database neither, whatever its applied request says: only one of a client that the party has', async () => {
    const { registration } = await inProduction();
    const { id, legalEntity } = registration.relyingParty;
    const said = {
      ...registration.relyingParty,
      mark: 'ZZ',
      legalEntity: { ...legalEntity, name: { vi: 'X', en: 'X' } },
    };
    const { fits: _, ...unlooked } = subjectIn(true);
    const writing = (statement: Sql) =>
      twoPeople({
        ...{ database: fresh.database, clock },
        subject: {
          ...unlooked,
          async apply(transaction, { id: request }) {
            await transaction.execute(sql`SELECT set_config('senid.change_request', ${request}, true)`);
            await transaction.execute(statement);
          },
        } as ChangeSubject,
      });
    const party = sql`UPDATE relying_parties SET mark = 'ZZ' WHERE id = ${id}`;
    const entity = sql`UPDATE legal_entities SET name_vi = 'X', name_en = 'X' WHERE id = ${legalEntity.id}`;
    for (const statement of [party, entity]) {
      await expect(writing(statement).change(comer(said))).rejects.toMatchObject(refused);
      expect(await writing(statement).change({ ...registration, relyingParty: said })).toMatchObject({ done: true });
    }
  });
});

describe('a change of the party itself', () => {
  test('says which other clients change with it, and of a mere change of the client nothing', async () => {
    const { registration, clientId } = await inProduction();
    const sibling = keyed({ relyingParty: registration.relyingParty });
    await people.change(sibling);
    const id = `rp-${newId()}`;
    const cousin = keyed({ relyingParty: { ...registration.relyingParty, id } });
    await people.change(cousin);
    const found = async (value: object) => {
      const proposed = await people.proposed({ ...registration, ...value });
      const request = await people.approvals.find(proposed.id);
      await people.approvals.withdraw(proposed.id, { revision: proposed.revision, by: people.mai });
      return request?.findings.filter(({ path }) => path === 'relyingParty');
    };
    const warning = (message: string) => [{ level: 'warning', path: 'relyingParty', message }];
    const party = registration.relyingParty;
    const { legalEntity } = party;
    expect(await found({ acrVoluntary: true })).toEqual([]);
    expect(
      await found({ relyingParty: { ...party, contacts: { ...party.contacts, security: 'new@lotus.example' } } }),
    ).toEqual(warning(`Other clients change with it, 1 in all: ${sibling.clientId}.`));
    const renamed = { ...legalEntity, name: { vi: 'Tên mới', en: 'New name' } };
    const both = [sibling.clientId, cousin.clientId].toSorted();
    expect(await found({ relyingParty: { ...party, legalEntity: renamed } })).toEqual(
      warning(`Other clients change with it, 2 in all: ${both.join(', ')}.`),
    );
    // What the other clients were drafted against is no more: a draft of one of them is stale.
    const drafted = await people.proposed({ ...sibling, acrVoluntary: true });
    expect(await people.change({ ...registration, relyingParty: { ...party, mark: 'NM' } })).toMatchObject({
      done: true,
    });
    expect(await people.approvals.approve(drafted.id, { revision: drafted.revision, by: people.binh })).toMatchObject({
      reason: 'stale',
    });
    expect((await here.find(clientId))?.relyingParty.mark).toBe('NM');
  });
});

describe('the permission to check people in presence', () => {
  const purpose = {
    ...{ id: 'gate', text: { vi: 'so tên với vé', en: 'match the name' }, legalBasis: 'Nghị định 30/2013/NĐ-CP' },
    ...{ claims: ['name' as const], face: 'required' as const },
  };

  test('comes and grows by two people, word for word, and by nobody alone', async () => {
    const { registration, clientId } = await inProduction({
      metadata: {
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: aKeySet(),
      },
      allowedScopes: ['assurance'],
    });
    expect((await here.find(clientId))?.inPersonVerification).toBeUndefined();
    const asks = (claims: readonly ('name' | 'portrait')[]) => ({
      ...registration,
      inPersonVerification: { purposes: [{ ...purpose, claims: [...claims] }] },
    });
    const first = await people.proposed(asks(['name']));
    expect((await here.find(clientId))?.inPersonVerification).toBeUndefined();
    expect(await people.approvals.approve(first.id, { revision: first.revision, by: people.binh })).toMatchObject({
      done: true,
    });
    expect((await here.find(clientId))?.inPersonVerification).toEqual({ purposes: [purpose] });
    expect((await here.register(asks(['name', 'portrait']), admin)).registered).toBe(false);
    // Nor by whoever writes rows: what stands there is not what was agreed on.
    const terms = sql`terms || ${JSON.stringify({ inPersonVerification: { purposes: [{ ...purpose, claims: ['portrait'] }] } })}::jsonb`;
    await expect(
      fresh.database.execute(sql`UPDATE clients SET terms = ${terms} WHERE client_id = ${clientId}`),
    ).rejects.toMatchObject({ code: 'SL004' });
    expect((await here.find(clientId))?.inPersonVerification).toEqual({ purposes: [purpose] });
  });
});

describe('a change', () => {
  test('that was drafted against an older version is stale, whichever comes first', async () => {
    const { registration } = await inProduction();
    const first = await people.proposed({ ...registration, acrVoluntary: true });
    const second = await people.proposed({ ...registration, legacyAcrMap: { LoA1: 'level-1' } });
    const by = people.binh;
    const outcomes = await Promise.all(
      [first, second].map(({ id, revision }) => people.approvals.approve(id, { revision, by })),
    );
    expect(outcomes.filter(({ done }) => done)).toHaveLength(1);
    expect(outcomes.find(({ done }) => !done)).toMatchObject({ reason: 'stale' });
    expect(await here.versions(registration.clientId)).toHaveLength(2);
  });

  test('is not made on another version than the one it was read against, whoever asks for it', async () => {
    const { registration, clientId, request } = await inProduction();
    const subject = subjectIn(true);
    const parsed = subject.parse({ ...registration, acrVoluntary: true });
    if (!parsed.parsed) throw new Error(JSON.stringify(parsed.faults));
    for (const baseVersion of ['2', undefined]) {
      const change = { id: request.id, subject: clientId, value: parsed.value, baseVersion, by: admin };
      await expect(fresh.database.transaction((on) => subject.apply(on, change))).rejects.toBeInstanceOf(BaseChanged);
    }
  });

  test('is rolled back, and any version is brought back, each as a change of its own', async () => {
    const { registration, clientId } = await inProduction();
    const metadata = {
      ...registration.metadata,
      redirect_uris: ['https://lotus.example/callback', 'https://other.example/'],
    };
    const step = await people.change({ ...registration, metadata });
    if (!step.done) throw new Error(JSON.stringify(step));
    expect(step.request.diff).toEqual([{ path: 'metadata.redirect_uris', after: 'https://other.example/' }]);
    expect(step.request.risks).toEqual([
      { code: 'redirect_host_new', path: 'metadata.redirect_uris' },
      { code: 'redirect_uri_added', path: 'metadata.redirect_uris' },
    ]);
    expect(await here.diff(clientId, 1, 2)).toEqual(step.request.diff);
    const back = await people.approvals.rollBack(step.request.id, people.mai, 'the host is not theirs');
    if (!('done' in back && back.done)) throw new Error(JSON.stringify(back));
    await people.approvals.approve(back.request.id, { revision: back.request.revision, by: people.binh });
    expect(await here.diff(clientId, 1, 3)).toEqual([]);
    const wish = { kind: 'client', subject: clientId, version: '2', reason: 'it was theirs after all' } as const;
    const again = await people.approvals.restore(wish, people.mai);
    if (!('done' in again && again.done)) throw new Error(JSON.stringify(again));
    await people.approvals.approve(again.request.id, { revision: again.request.revision, by: people.binh });
    expect((await here.find(clientId))?.metadata.redirect_uris).toEqual(metadata.redirect_uris);
    expect(await here.diff(clientId, 2, 4)).toEqual([]);
    expect(await here.diff(clientId, 2, 9)).toBeUndefined();
  });

  test('that made a client is rolled back by taking it out of use, and what its party has become since stays', async () => {
    const { registration, clientId, request } = await inProduction();
    const sibling = keyed({ relyingParty: registration.relyingParty });
    await people.change(sibling);
    await people.change({ ...sibling, relyingParty: { ...registration.relyingParty, mark: 'NM' } });
    const back = await people.approvals.rollBack(request.id, people.mai, 'too early');
    if (!('done' in back && back.done)) throw new Error(JSON.stringify(back));
    expect(back.request.diff).toEqual([{ path: 'disabled', before: false, after: true }]);
    await people.approvals.approve(back.request.id, { revision: back.request.revision, by: people.binh });
    expect(await here.find(clientId)).toMatchObject({ disabledAt: expect.anything(), relyingParty: { mark: 'NM' } });
  });

  test('of a secret carries its hash alone; the old one stays good until its day, and neither stands in a version', async () => {
    const one = newSecretForChange();
    const registration = aProductionRegistration();
    expect(await people.change({ ...registration, secretHash: one.secretHash })).toMatchObject({ done: true });
    const two = newSecretForChange();
    const previousSecretUntil = '2026-12-01T00:00:00Z';
    const step = await people.change({ ...registration, secretHash: two.secretHash, previousSecretUntil });
    expect(step).toMatchObject({ done: true, request: { risks: [{ code: 'secret_changed' }] } });
    const client = await here.find(registration.clientId);
    expect([one, two].map(({ secret }) => secretMatches(client!, secret.reveal()))).toEqual([true, true]);
    const wait = (Date.parse(previousSecretUntil) - clock.now().getTime()) / 1000;
    clock.advance(wait);
    const later = await here.find(registration.clientId);
    expect([one, two].map(({ secret }) => secretMatches(later!, secret.reveal()))).toEqual([false, true]);
    clock.advance(-wait);
    const versions = JSON.stringify(await here.versions(registration.clientId));
    for (const { secretHash } of [one, two]) expect(versions).not.toContain(secretHash);
    expect(versions).not.toContain(createHash('sha256').update(one.secret.reveal()).digest('base64'));
  });
});

describe('before anybody agrees', () => {
  const look = async (changes: Partial<Registration>, more: object = {}) => {
    const subject = subjectIn(true);
    const parsed = subject.parse({ ...keyed(changes), ...more });
    if (!parsed.parsed) throw new Error(JSON.stringify(parsed.faults));
    return (await subject.test(parsed.value, undefined)).map(({ level, path }) => `${level} ${path}`);
  };
  const byUri = (path: string, more: object = {}): Partial<Registration> => ({
    ...aRegistration(),
    metadata: {
      redirect_uris: ['https://lotus.example/callback'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: `${host.origin}${path}`,
      ...more,
    },
  });

  test('keys are fetched through the guard and imported', async () => {
    keys = aKeySet();
    expect(await look(byUri('/jwks'))).toEqual([]);
    expect(await look(byUri('/jwks', { token_endpoint_auth_signing_alg: 'ES256' }))).toEqual([]);
    expect(await look(byUri('/jwks', { token_endpoint_auth_signing_alg: 'PS256' }))).toEqual([
      'error metadata.jwks_uri',
    ]);
    expect(await look(byUri('/away'))).toEqual(['error metadata.jwks_uri']);
    keys = 'not a set';
    expect(await look(byUri('/jwks'))).toEqual(['error metadata.jwks_uri']);
    // A point that is not on its curve: only an import finds out.
    const [key] = aKeySet().keys;
    keys = { keys: [{ ...key, y: key!.x }] };
    expect((await look(byUri('/jwks'))).every((finding) => finding === 'error metadata.jwks_uri')).toBe(true);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    keys = { keys: [privateKey.export({ format: 'jwk' })] };
    expect(await look(byUri('/jwks'))).toEqual(['error metadata.jwks_uri']);
    keys = aKeySet();
    expect(await look({ ...byUri('/jwks'), keyExpiry: { k1: '2026-11-19' } })).toContain('error metadata.jwks_uri');
    expect(await look({ ...byUri('/jwks'), keyExpiry: { k1: '2026-12-19' } })).toEqual(['warning keyExpiry.k1']);
  });

  test('an address inside is an error, and nothing is sent there', async () => {
    const inside = await aListener();
    try {
      const at = (path: string) => `https://127.0.0.1:${inside.port}/${path}`;
      const metadata = { ...byUri('/jwks').metadata!, jwks_uri: at('jwks'), backchannel_logout_uri: at('logout') };
      expect(await look({ ...aRegistration(), metadata })).toEqual([
        'error metadata.jwks_uri',
        'error metadata.backchannel_logout_uri',
      ]);
      expect(inside.connections()).toBe(0);
    } finally {
      await inside.close();
    }
  });

  test('what is allowed and seldom meant is a warning', async () => {
    const redirect_uris = ['https://a.example/1', 'https://a.example/2', 'https://b.example/'];
    const base = keyed();
    expect(
      await look({
        relyingParty: { ...base.relyingParty, sector: 'banking' },
        metadata: { ...base.metadata, redirect_uris },
      }),
    ).toEqual(['warning metadata.redirect_uris.2', 'warning metadata.jwks', 'warning floors.phishingResistant']);
  });

  test('a client that needs a secret and has none is an error', async () => {
    const { metadata } = aProductionRegistration();
    expect(await look({ metadata })).toEqual(['error secretHash']);
    expect(await look({ metadata }, { secretHash: 'ab'.repeat(32) })).toEqual([]);
  });
});

test('outside a sandbox there is no change towards one', () => {
  const parsed = subjectIn(false).parse(aRegistration());
  expect(parsed).toMatchObject({ parsed: false, faults: [{ path: 'environment' }] });
});
