import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJournal } from '../../../src/domain/audit/index.ts';
import {
  createRelyingParties,
  type RelyingParties,
  type ResourceServer,
  resourceServerChanges,
} from '../../../src/domain/relying-parties/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { type Sql, sql } from '../../../src/platform/sql.ts';
import { aRegistration } from '../../support/clients.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { type TwoPeople, twoPeople } from '../../support/two-people.ts';

// Issue 4 §2: whom tokens are for, and who may look into them, is no more one person's word than a client is.
const admin = { kind: 'operator', id: 'admin-1' } as const;
const clock = fixedClock('2026-11-20T08:00:00Z');
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let production: RelyingParties;
let people: TwoPeople;

beforeAll(async () => {
  fresh = await freshDatabase();
  const { database } = fresh;
  const parts = { database, clock, journal: createJournal({ database, clock }) };
  // The relying party comes with a client of its own.
  expect(await createRelyingParties({ ...parts, sandbox: true }).register(aRegistration(), admin)).toMatchObject({
    registered: true,
  });
  production = createRelyingParties({ ...parts, sandbox: false });
  const subject = resourceServerChanges({ ...parts, sandbox: false, relyingParties: production });
  people = twoPeople({ database, clock, subject });
});
afterAll(() => fresh.end());

const aResource = (changes: Partial<ResourceServer> = {}): ResourceServer => ({
  ...{ resource: `https://api.example/${newId()}`, relyingParty: aRegistration().relyingParty.id },
  ...{ audience: 'lotus-api', scopes: ['bookings.read'], accessTokenFormat: 'opaque', environment: 'production' },
  ...changes,
});
/** One that two people agreed on. */
const agreed = async (changes: Partial<ResourceServer> = {}) => {
  const server = aResource(changes);
  const step = await people.change(server);
  if (!step.done) throw new Error(step.reason);
  return { server, request: step.request };
};

describe('a resource server in production', () => {
  test('is there once two people have agreed on it, in their words, and is journalled', async () => {
    const server = aResource();
    expect(await production.resourceServer(server.resource)).toBeUndefined();
    const { id, revision } = await people.proposed(server);
    expect(await production.resourceServer(server.resource)).toBeUndefined();
    const step = await people.approvals.approve(id, { revision, by: people.binh });
    expect(step).toMatchObject({ done: true, request: { risks: [{ code: 'resource_new', path: '' }] } });
    expect(await production.resourceServer(server.resource)).toEqual(server);
    const [event] = await createJournal({ database: fresh.database, clock }).query({
      types: ['resource_server.changed'],
    });
    expect(event).toMatchObject({
      actor: { kind: 'operator', id: people.binh.operatorId },
      detail: { change: id, resource: server.resource },
    });
  });

  test('is not approved by who proposed it', async () => {
    const { id, revision } = await people.proposed(aResource());
    const by = { ...people.mai, roles: ['rp_admin', 'approver'] as const };
    expect(await people.approvals.approve(id, { revision, by })).toMatchObject({ done: false });
  });

  test('is registered and changed by nobody alone', async () => {
    const takesTwo = [{ path: 'environment' }];
    expect(await production.putResourceServer(aResource(), admin)).toMatchObject(takesTwo);
    expect(await production.putResourceServer(aResource({ environment: 'sandbox' }), admin)).toMatchObject(takesTwo);
    const parts = { database: fresh.database, clock, journal: createJournal({ database: fresh.database, clock }) };
    const sandbox = createRelyingParties({ ...parts, sandbox: true });
    expect(await sandbox.putResourceServer(aResource(), admin)).toMatchObject(takesTwo);
  });

  test.each<[string, (server: ResourceServer, change: string) => Sql]>([
    [
      'widened',
      ({ resource }) => sql`UPDATE resource_servers SET scopes = '{everything}' WHERE resource = ${resource}`,
    ],
    [
      'given another audience',
      ({ resource }) => sql`UPDATE resource_servers SET audience = 'mine' WHERE resource = ${resource}`,
    ],
    [
      'given another audience under the request it was made by',
      ({ resource }, change) => sql`UPDATE resource_servers SET audience = 'mine', change_request_id = ${change},
        version = version + 1 WHERE resource = ${resource}`,
    ],
    [
      'said again under a request that has been used',
      ({ resource }, change) => sql`UPDATE resource_servers SET change_request_id = ${change}, version = 9
        WHERE resource = ${resource}`,
    ],
    [
      'moved',
      ({ resource }) => sql`UPDATE resource_servers SET resource = 'https://x.example/' WHERE resource = ${resource}`,
    ],
    [
      'taken out of production',
      ({ resource }) => sql`UPDATE resource_servers SET environment = 'sandbox' WHERE resource = ${resource}`,
    ],
    ['deleted', ({ resource }) => sql`DELETE FROM resource_servers WHERE resource = ${resource}`],
    [
      'made beside it',
      (_server, change) => sql`INSERT INTO resource_servers (resource, relying_party_id, audience, scopes, environment,
        change_request_id) SELECT 'https://y.example/', relying_party_id, audience, scopes, environment, ${change}
        FROM resource_servers WHERE environment = 'production' LIMIT 1`,
    ],
    [
      'and its versions rewritten',
      ({ resource }) => sql`DELETE FROM resource_server_versions WHERE resource = ${resource}`,
    ],
  ])('is not %s by whoever writes to the database', async (_, statement) => {
    const { server, request } = await agreed();
    await expect(fresh.database.execute(statement(server, request.id))).rejects.toMatchObject({
      code: expect.stringMatching(/^SL00[24]$/),
    });
    expect(await production.resourceServer(server.resource)).toEqual(server);
  });

  test('of a sandbox does not become one of production by one hand', async () => {
    const parts = { database: fresh.database, clock, journal: createJournal({ database: fresh.database, clock }) };
    const server = aResource({ environment: 'sandbox' });
    expect(await createRelyingParties({ ...parts, sandbox: true }).putResourceServer(server, admin)).toEqual([]);
    await expect(
      fresh.database.execute(
        sql`UPDATE resource_servers SET environment = 'production' WHERE resource = ${server.resource}`,
      ),
    ).rejects.toMatchObject({ code: 'SL004' });
  });

  test('shows what deserves a second look, and a stale draft is not made', async () => {
    const { server } = await agreed();
    const wider = await people.draft({ ...server, scopes: ['bookings.read', 'bookings.write'], audience: 'x' });
    expect(wider).toMatchObject({
      request: {
        risks: [
          { code: 'resource_audience', path: 'audience' },
          { code: 'resource_scope_added', path: 'scopes' },
        ],
      },
    });
    const late = await people.proposed({ ...server, accessTokenFormat: 'jwt' });
    expect(await people.change({ ...server, audience: 'another' })).toMatchObject({ done: true });
    const step = await people.approvals.approve(late.id, { revision: late.revision, by: people.binh });
    expect(step).toMatchObject({ done: false, reason: 'stale' });
    expect(await production.resourceServer(server.resource)).toMatchObject({ audience: 'another' });
  });

  test('goes back by two people: to an older version, and out of use when it was new', async () => {
    const { server, request } = await agreed();
    expect(await people.change({ ...server, audience: 'another' })).toMatchObject({ done: true });
    const restored = await people.approvals.restore(
      { kind: 'resource-server', subject: server.resource, version: '1', reason: 'the first was right' },
      people.mai,
    );
    if (!('done' in restored) || !restored.done) throw new Error(JSON.stringify(restored));
    const again = { revision: restored.request.revision, by: people.binh };
    expect(await people.approvals.approve(restored.request.id, again)).toMatchObject({ done: true });
    expect(await production.resourceServer(server.resource)).toEqual(server);

    const undone = await people.approvals.rollBack(request.id, people.mai, 'never mind');
    if (!('done' in undone) || !undone.done) throw new Error(JSON.stringify(undone));
    expect(undone.request.after).toEqual({ ...server, disabled: true });
    const last = { revision: undone.request.revision, by: people.binh };
    expect(await people.approvals.approve(undone.request.id, last)).toMatchObject({ done: true });
    expect(await production.resourceServer(server.resource)).toBeUndefined();
  });

  test.each<[string, Partial<Record<keyof ResourceServer, unknown>>, string]>([
    ['an address of a machine inside', { resource: 'https://10.0.0.1/' }, 'resource'],
    ['an address that nobody would ask for', { resource: 'https://API.example' }, 'resource'],
    ['no scope', { scopes: [] }, 'scopes'],
    ['the environment of a sandbox', { environment: 'sandbox' }, 'environment'],
  ])('with %s is not even drafted', async (_, wrong, path) => {
    expect(await people.draft({ ...aResource(), ...wrong })).toMatchObject({ reason: 'faulty', faults: [{ path }] });
  });

  test('of a relying party that is none is not proposed', async () => {
    await expect(people.proposed(aResource({ relyingParty: 'nobody' }))).rejects.toThrow('relyingParty');
  });
});
