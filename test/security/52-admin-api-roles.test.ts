import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLES, type Role } from '../../src/domain/operators/index.ts';
import { type ApiProgram, alter, atTheConsole, caller, hire, program } from '../support/api-operators.ts';
import { type ApiScene, aProductionClient, apiScene } from '../support/api-scene.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { createRelyingParty } from '../support/relying-party.ts';
import { wholeDatabase } from '../support/tables.ts';

// Abuse case 52, by the admin API: every operation with every set of roles. What is refused leaves no trace in any table.
let scene: ApiScene;
let digest: () => Promise<string>;
beforeAll(async () => {
  scene = await apiScene();
  digest = await wholeDatabase(scene.server.database);
});
afterAll(() => scene.server.end());

/** Whatever may be asked: who may, written down a second time; a request that would do it; one that would not. */
interface Row {
  readonly roles: readonly Role[];
  readonly ask: (scene: ApiScene) => readonly [method: string, path: string, request?: object];
}
const viewers: readonly Role[] = ['rp_admin', 'approver', 'auditor', 'security', 'sysadmin'];
const of = (id: string) => `/change-requests/${id}`;
const table: Readonly<Record<string, Row>> = {
  'clients.list': { roles: viewers, ask: () => ['GET', '/clients'] },
  'clients.get': { roles: viewers, ask: ({ client }) => ['GET', `/clients/${client.clientId}`] },
  'clients.versions': { roles: viewers, ask: ({ client }) => ['GET', `/clients/${client.clientId}/versions`] },
  'clients.version': { roles: viewers, ask: ({ client }) => ['GET', `/clients/${client.clientId}/versions/1`] },
  'clients.diff': { roles: viewers, ask: ({ client }) => ['GET', `/clients/${client.clientId}/diff?from=1&to=2`] },
  'clients.disable': {
    roles: ['rp_admin', 'security'],
    ask: ({ client }) => ['POST', `/clients/${client.clientId}/disable`, { ifMatch: 2 }],
  },
  'clients.restore': {
    roles: ['rp_admin'],
    ask: ({ client }) => ['POST', `/clients/${client.clientId}/restore`, { body: { number: 1, reason: 'as it was' } }],
  },
  'relying-parties.get': { roles: viewers, ask: () => ['GET', '/relying-parties/lotus-air'] },
  'change-requests.list': { roles: viewers, ask: () => ['GET', '/change-requests'] },
  'change-requests.get': { roles: viewers, ask: ({ requests }) => ['GET', of(requests.draft.id)] },
  'change-requests.draft': {
    roles: ['rp_admin'],
    ask: () => ['POST', '/change-requests', { body: { kind: 'client', value: aProductionClient(), reason: 'new' } }],
  },
  'change-requests.amend': {
    roles: ['rp_admin'],
    ask: ({ requests: { draft } }) => ['PUT', of(draft.id), { body: { value: {}, reason: 'x' }, ifMatch: 1 }],
  },
  'change-requests.propose': {
    roles: ['rp_admin'],
    ask: ({ requests: { draft } }) => ['POST', `${of(draft.id)}/propose`, { body: {}, ifMatch: draft.revision }],
  },
  'change-requests.approve': {
    roles: ['approver'],
    ask: ({ requests: { proposed } }) => [
      'POST',
      `${of(proposed.id)}/approve`,
      { body: {}, ifMatch: proposed.revision },
    ],
  },
  'change-requests.refuse': {
    roles: ['approver'],
    ask: ({ requests: { proposed } }) => [
      'POST',
      `${of(proposed.id)}/refuse`,
      { body: {}, ifMatch: proposed.revision },
    ],
  },
  'change-requests.withdraw': {
    roles: ['rp_admin'],
    ask: ({ requests: { draft } }) => ['POST', `${of(draft.id)}/withdraw`, { body: {}, ifMatch: draft.revision }],
  },
  'change-requests.roll-back': {
    roles: ['rp_admin'],
    ask: ({ requests: { applied } }) => ['POST', `${of(applied.id)}/roll-back`, { body: { reason: 'back' } }],
  },
  'deliveries.list': { roles: ['rp_admin', 'security', 'auditor', 'sysadmin'], ask: () => ['GET', '/deliveries'] },
  'deliveries.get': {
    roles: ['rp_admin', 'security', 'auditor', 'sysadmin'],
    ask: ({ delivery }) => ['GET', `/deliveries/${delivery}`],
  },
  'deliveries.replay': { roles: ['rp_admin'], ask: ({ delivery }) => ['POST', `/deliveries/${delivery}/replay`] },
  'keys.list': { roles: ['security', 'approver', 'sysadmin', 'auditor'], ask: () => ['GET', '/keys'] },
  'policy.get': { roles: ['security', 'approver', 'auditor', 'rp_admin'], ask: () => ['GET', '/assurance-policy'] },
  'self.get': { roles: ROLES, ask: () => ['GET', '/self'] },
  'api-clients.list': { roles: ROLES, ask: () => ['GET', '/api-clients'] },
  'api-clients.revoke': { roles: ROLES, ask: ({ proposer }) => ['DELETE', `/api-clients/${proposer.id}`] },
  'operators.list': { roles: ['sysadmin', 'security', 'approver', 'auditor'], ask: () => ['GET', '/operators'] },
  'offices.list': { roles: ['sysadmin', 'security', 'approver', 'auditor'], ask: () => ['GET', '/offices'] },
  'journal.list': { roles: ['auditor', 'security'], ask: () => ['GET', '/journal'] },
  'journal.state': { roles: ['auditor', 'security'], ask: () => ['GET', '/journal/state'] },
};

type Sets = { readonly roles: Role[]; readonly call: ApiProgram['call'] }[];
let known: { readonly sets: Promise<Sets>; readonly since: number } | undefined;
/** Every set of roles, by a token of a program that could have all of them; they are good for five minutes. */
const everySet = (): Promise<Sets> => {
  if (!known || performance.now() - known.since > 120_000) known = { sets: freshSets(), since: performance.now() };
  return known.sets;
};

async function freshSets(): Promise<Sets> {
  const { server, everybody } = scene;
  const { id, privateKey } = await program(server, everybody);
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256' };
  const party = await createRelyingParty(server.issuer, { client_id: id, jwks: { keys: [jwk] } } as never);
  const sets = Array.from({ length: 2 ** ROLES.length }, (_, bits) => ROLES.filter((_, at) => bits & (1 << at)));
  const taken: Sets = [];
  for (const roles of sets) {
    const scope = roles.map((role) => `admin:${role}`).join(' ');
    const reply = await party.clientCredentials({ resource: `${server.issuer}/admin/v1`, ...(scope ? { scope } : {}) });
    taken.push({ roles, call: caller(server.issuer, reply.json<{ access_token: string }>().access_token) });
  }
  return taken;
}

test('every operation of the document stands in this table, and each says the same roles', async () => {
  const document = (await scene.proposer.call('GET', '/openapi.json')).json<{
    paths: Record<string, Record<string, { operationId: string; security: { oauth2: [string] }[] }>>;
  }>();
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  expect(operations.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(table).sort());
  for (const { operationId, security } of operations) {
    const told = security.map(({ oauth2: [scope] }) => scope.replace('admin:', ''));
    // A change request is let in by the roles of every kind; the table is about clients.
    if (!operationId.startsWith('change-requests.'))
      expect([operationId, told.sort()]).toEqual([operationId, [...table[operationId]!.roles].sort()]);
    else expect(told, operationId).toEqual(expect.arrayContaining([...table[operationId]!.roles]));
  }
});

test('with every set of roles that lacks the one, each operation is refused and nothing happens', async () => {
  const sets = await everySet();
  const before = await digest();
  for (const [id, { roles: may, ask }] of Object.entries(table)) {
    if (may === ROLES) continue;
    const refused = sets.filter(({ roles }) => !roles.some((role) => may.includes(role)));
    expect(refused.length).toBeGreaterThan(3);
    const replies = await Promise.all(refused.map(({ call }) => call(...(ask(scene) as Parameters<typeof call>))));
    const wrong = replies.flatMap(({ status }, at) => (status === 403 ? [] : [`${status} for ${refused[at]!.roles}`]));
    expect.soft(wrong, id).toEqual([]);
    expect(await digest(), id).toBe(before);
  }
});

test('with nobody’s token, a stranger’s or a cookie each is refused and nothing happens', async () => {
  const before = await digest();
  for (const [id, { ask }] of Object.entries(table)) {
    const [method, path, request] = ask(scene);
    for (const headers of [{}, { authorization: 'Bearer stolen' }, { cookie: 'senid=1; senid-operator=1' }]) {
      const reply = await caller(scene.server.issuer, undefined)(method, path, { ...request, headers });
      expect([id, reply.status]).toEqual([id, 401]);
    }
  }
  expect(await digest()).toBe(before);
});

test('with one of its roles alone each operation goes on to look at what is asked', async () => {
  const sets = await everySet();
  for (const [id, { roles: may, ask }] of Object.entries(table)) {
    for (const { roles, call } of sets.filter(({ roles }) => roles.length === 1 && may.includes(roles[0]!))) {
      const [method, path] = ask(scene);
      // A member that does not exist: a request that is allowed, and does nothing.
      const reply = await call(method, path, method === 'GET' ? {} : { body: { nobody: 1 } });
      expect([id, roles, reply.status === 200 || reply.status === 400 || reply.status === 404]).toEqual([
        id,
        roles,
        true,
      ]);
    }
  }
});

test.each([
  ['client', ['rp_admin']],
  ['resource-server', ['rp_admin']],
  ['national-csca', ['security']],
  ['card-rules', ['security']],
  ['signing-keys', ['security']],
  ['assurance-policy', ['security']],
  ['operator', ['sysadmin']],
] as const)('a change of the kind %s is drafted by %s alone', async (kind, may) => {
  const sets = (await everySet()).filter(({ roles }) => roles.length === 1);
  const before = await digest();
  for (const { roles, call } of sets) {
    const reply = await call('POST', '/change-requests', { body: { kind, value: { nobody: 1 }, reason: 'x' } });
    expect([roles, reply.status]).toEqual([roles, may.includes(roles[0] as never) ? 400 : 403]);
  }
  expect(await digest()).toBe(before);
});

describe('one person', () => {
  let own: ApiProgram;
  let second: ApiProgram;
  beforeAll(async () => {
    [own, second] = [await program(scene.server, scene.everybody), await program(scene.server, scene.everybody)];
  });
  const begun = async (by: ApiProgram) => {
    const body = { kind: 'client', value: aProductionClient(), reason: 'mine' };
    const { id } = (await by.call('POST', '/change-requests', { body })).json<{ id: string }>();
    const reply = await by.call('POST', `${of(id)}/propose`, { body: {}, ifMatch: 1 });
    expect(reply.status).toBe(200);
    return id;
  };

  test('with every role does not approve their own proposal, nor through a second program of theirs', async () => {
    const id = await begun(own);
    const before = await digest();
    for (const by of [own, second]) {
      for (const step of ['approve', 'refuse']) {
        const reply = await by.call('POST', `${of(id)}/${step}`, { body: {}, ifMatch: 2 });
        expect([step, reply.status, reply.json().code]).toEqual([step, 403, 'admin_api.own_proposal']);
      }
    }
    expect(await digest()).toBe(before);
  });

  test('nor lets a program agree to what they proposed at the console, and the other way round', async () => {
    const { approvals } = scene.server.app.parts;
    const self = atTheConsole(scene.everybody);
    const wish = { kind: 'client', value: aProductionClient(), reason: 'mine', by: self } as const;
    const drafted = await approvals.draft(wish);
    if (!drafted.drafted) throw new Error(JSON.stringify(drafted));
    const { id } = drafted.request;
    expect(await approvals.propose(id, { revision: 1, by: self })).toMatchObject({ done: true });
    for (const by of [own, second]) {
      const reply = await by.call('POST', `${of(id)}/approve`, { body: {}, ifMatch: 2 });
      expect([reply.status, reply.json().code]).toEqual([403, 'admin_api.own_proposal']);
    }
    const begunByProgram = await begun(own);
    const step = { revision: 2, by: self };
    expect(await approvals.approve(begunByProgram, step)).toMatchObject({ done: false, reason: 'own_proposal' });
    for (const one of [id, begunByProgram]) expect((await approvals.find(one))?.state).toBe('proposed');
  });

  test('does not propose in another’s name: whoever proposes a draft is who proposed it', async () => {
    const { id } = await scene.draft();
    const forged = await own.call('POST', `${of(id)}/propose`, {
      body: { proposedBy: scene.mai.operatorId },
      ifMatch: 1,
    });
    expect([forged.status, forged.json().errors]).toEqual([
      400,
      [{ path: 'body.proposedBy', message: 'There is no such member.' }],
    ]);
    const taken = await own.call('POST', `${of(id)}/propose`, { body: {}, ifMatch: 1 });
    expect(taken.json()).toMatchObject({ proposedBy: scene.everybody.operatorId });
    expect((await second.call('POST', `${of(id)}/approve`, { body: {}, ifMatch: 2 })).status).toBe(403);
  });

  test('does not change what another has read: an amended proposal is a draft again', async () => {
    const id = await begun(own);
    const body = { value: aProductionClient(), reason: 'other' };
    const other = await own.call('PUT', of(id), { body, ifMatch: 2 });
    // Another client is another change request.
    expect([other.status, other.json().code]).toEqual([412, 'admin_api.changed']);
    const { after } = (await own.call('GET', of(id))).json<{ after: object }>();
    const amended = await own.call('PUT', of(id), {
      body: { value: { ...after, purpose: { vi: 'khác', en: 'other' } }, reason: 'other' },
      ifMatch: 2,
    });
    expect(amended.json()).toMatchObject({ state: 'draft', revision: 3 });
    const late = await scene.approver.call('POST', `${of(id)}/approve`, { body: {}, ifMatch: 2 });
    expect(late.status).toBe(409);
  });

  test('whose role is taken away meanwhile decides nothing more with the token that they have', async () => {
    const { id, revision } = await scene.proposed();
    const leaving = await hire(scene.server, ['approver']);
    const theirs = await program(scene.server, leaving);
    await alter(scene.server, leaving, { roles: ['auditor'] });
    const reply = await theirs.call('POST', `${of(id)}/approve`, { body: {}, ifMatch: revision });
    expect(reply.status).toBe(403);
    await alter(scene.server, leaving, { roles: ['approver'], state: 'suspended' });
    expect((await theirs.call('POST', `${of(id)}/approve`, { body: {}, ifMatch: revision })).status).toBe(401);
  });
});

test('and the chain of the journal holds, and nothing is broken afterwards', async () => {
  await scene.server.app.parts.journal.seal();
  expect(await scene.server.app.parts.journal.verify()).toMatchObject({ intact: true });
  expect(await brokenInvariants(scene.server.database, scene.server.app)).toEqual([]);
});
