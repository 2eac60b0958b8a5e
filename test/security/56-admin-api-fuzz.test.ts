import fc, { type Arbitrary } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHANGE_KINDS, type ChangeKind } from '../../src/domain/approvals/index.ts';
import { ROLES, type Role } from '../../src/domain/operators/index.ts';
import { newId } from '../../src/platform/ids.ts';
import { sql } from '../../src/platform/sql.ts';
import { type ApiProgram, type ApiRequest, hire, program } from '../support/api-operators.ts';
import { type ApiScene, anInvitation, aProductionClient, apiScene, INVITED_NUMBER } from '../support/api-scene.ts';
import type { Reply } from '../support/http-client.ts';
import { tamper } from '../support/journal.ts';
import { anything, fitting, HOSTILE, type JsonSchema, nearly } from '../support/json-schema.ts';
import { following, isAsDescribed } from '../support/openapi.ts';
import { wholeDatabase } from '../support/tables.ts';
import { aCountry } from '../support/trust.ts';

// Abuse case 56: SQL and identifier injection, mass assignment. What is asked follows the server's own OpenAPI document.

/** Requests of the long way; FUZZ_RUNS makes it as long as one likes. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 400);

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: JsonSchema;
}
interface Operation {
  readonly operationId: string;
  /** What its answer is when it was done, references followed. */
  readonly answer: JsonSchema;
  readonly status: number;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: JsonSchema | undefined;
}
/** One request, in its parts. */
interface Asked {
  readonly operation: Operation;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

let scene: ApiScene;
let operations: Operation[];
let everybody: ApiProgram;
let programs: ApiProgram[];
let digest: () => Promise<string>;
let policy: object;
let changeOfAClient: JsonSchema;
const certificate = aCountry('VN', { title: 'fuzz' }).der.toString('base64');

beforeAll(async () => {
  scene = await apiScene();
  everybody = await program(scene.server, scene.everybody);
  const document = (await everybody.call('GET', '/openapi.json')).json<{
    paths: Record<
      string,
      Record<
        string,
        {
          operationId: string;
          parameters: Parameter[];
          requestBody?: { content: { 'application/json': { schema: JsonSchema } } };
          responses: Record<string, { content: Record<string, { schema: JsonSchema }> }>;
        }
      >
    >;
    components: { schemas: Record<string, JsonSchema> };
  }>();
  const follow = following(document.components.schemas);
  changeOfAClient = follow(document.components.schemas.ClientChange!);
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, parameters, requestBody, responses }]) => {
      const [status = ''] = Object.keys(responses).filter((code) => code !== 'default');
      return {
        ...{ operationId, parameters, path, method: method.toUpperCase(), status: Number(status) },
        answer: follow(responses[status]!.content['application/json']!.schema),
        body: requestBody?.content['application/json'].schema,
      };
    }),
  );
  const auditor = await program(scene.server, await hire(scene.server, ['auditor']));
  programs = [everybody, everybody, scene.proposer, scene.approver, auditor];
  policy = (await everybody.call('GET', '/assurance-policy')).json<object>();
  digest = await wholeDatabase(scene.server.database);
});
afterAll(() => scene.server.end());

/** Sends it; whatever was done is answered as the document says. */
const send = async (by: ApiProgram['call'], asked: Asked): Promise<Reply> => {
  const reply = await sent(by, asked);
  const { operationId, answer, status } = asked.operation;
  if (reply.status < 300) {
    expect([operationId, reply.status]).toEqual([operationId, status]);
    expect(isAsDescribed(answer, reply.json()), `${operationId}: ${reply.text.slice(0, 1_000)}`).toBe(true);
  }
  return reply;
};

const sent = (by: ApiProgram['call'], { operation, path, query, headers, body }: Asked) => {
  const filled = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeSafely(path[name] ?? 'x'));
  const search = new URLSearchParams(query).toString();
  return by(operation.method, `${filled}${search ? `?${search}` : ''}`, {
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace(/[^\x20-\x7e]/g, '?')]),
    ),
  });
};
/** Half a surrogate pair is no address; what a client would send in its place. An empty segment is another address. */
const encodeSafely = (text: string): string => encodeURIComponent(text.toWellFormed()) || '%20';

/** What is there, by the name of the parameter that means it. */
const known = (): Record<string, string[]> => ({
  clientId: [scene.client.clientId, 'senid-account', scene.proposer.id],
  id: [...Object.values(scene.requests).map(({ id }) => id), scene.delivery, scene.approver.id, scene.mai.operatorId],
  number: ['1', '2'],
});
const asText = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

/** A value of every kind of change, as one would draft it. */
const VALUES: Readonly<Record<ChangeKind, () => object>> = {
  client: aProductionClient,
  'resource-server': () => ({
    ...{ resource: 'https://api.example/fuzz', relyingParty: scene.client.relyingParty.id, audience: 'lotus-api' },
    ...{ scopes: ['bookings.read'], accessTokenFormat: 'opaque', environment: 'production' },
  }),
  'national-csca': () => ({ act: 'pin', certificate }),
  'card-rules': () => ({ CARD_TRUST: 'authority', CRL_STALE_DAYS: 30 }),
  'signing-keys': () => ({ algorithm: 'ES256' }),
  'assurance-policy': () => ({ ...policy, version: '2026-12-31' }),
  operator: anInvitation,
};

/** A body that the operation takes: where a value is wanted, one of any kind. */
const bodyOf = ({ body }: Operation): Arbitrary<unknown> =>
  body === undefined
    ? fc.constant(undefined)
    : fc.tuple(fitting(body), fc.constantFrom(...CHANGE_KINDS)).map(([made, kind]) =>
        body.properties?.value
          ? {
              ...(made as object),
              value: VALUES[kind](),
              reason: 'fuzz',
              ...(body.properties.kind ? { kind } : {}),
            }
          : made,
      );

/** Requests that fit, that nearly fit, and that are anything. */
function asked(operation: Operation): Arbitrary<Asked> {
  const parameter = (one: Parameter): Arbitrary<string> => {
    const there = known()[one.name];
    return fc.oneof(
      ...(there ? [{ weight: 4, arbitrary: fc.constantFrom(...there) }] : []),
      { weight: 2, arbitrary: fitting(one.schema).map(asText) },
      { weight: 1, arbitrary: fc.constantFrom(...HOSTILE) },
    );
  };
  const place = (where: Parameter['in']) => {
    const these = operation.parameters.filter((one) => one.in === where && one.name !== 'Idempotency-Key');
    const required = these.filter((one) => one.required && where === 'path').map(({ name }) => name);
    return fc.record(Object.fromEntries(these.map((one) => [one.name, parameter(one)])), { requiredKeys: required });
  };
  const body = bodyOf(operation).chain((fits) =>
    fc.oneof(
      { weight: 2, arbitrary: fc.constant(fits) },
      { weight: 4, arbitrary: fits === undefined ? fc.constant(undefined) : nearly(fits) },
      { weight: 1, arbitrary: operation.method === 'GET' ? fc.constant(undefined) : anything },
    ),
  );
  return fc.record({
    operation: fc.constant(operation),
    path: place('path'),
    query: fc.oneof(
      { weight: 4, arbitrary: place('query') },
      { weight: 1, arbitrary: fc.dictionary(fc.constantFrom(...HOSTILE), fc.constantFrom(...HOSTILE), { maxKeys: 2 }) },
    ),
    headers: place('header'),
    body,
  }) as Arbitrary<Asked>;
}

test(
  'whatever is asked is answered, in JSON, by no fault; and what is refused has not happened',
  async () => {
    const seen = new Map<string, number>();
    let before = await digest();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...operations).chain(asked),
        fc.constantFrom(...programs.keys()),
        async (request, who) => {
          const { operationId } = request.operation;
          // Whoever revokes the programs that ask here ends the test.
          if (operationId === 'api-clients.revoke' && Object.values(request.path).some((id) => id.startsWith('op-')))
            return;
          const reply = await send(programs[who]!.call, request);
          expect(reply.status).toBeLessThan(500);
          expect(reply.headers['content-type']).toMatch(reply.status < 400 ? /^application\/json/ : /problem\+json/);
          expect(reply.headers['cache-control']).toBe('no-store');
          JSON.parse(reply.text);
          const after = await digest();
          const code = reply.status < 400 ? 'done' : reply.json<{ code: string }>().code;
          // A change request whose ground has gone is set aside when somebody approves it.
          if (reply.status >= 400 && code !== 'admin_api.stale') expect(after).toBe(before);
          if (request.operation.method === 'GET') expect(after).toBe(before);
          before = after;
          seen.set(`${reply.status}`, (seen.get(`${reply.status}`) ?? 0) + 1);
        },
      ),
      { numRuns: RUNS, ...(process.env.FUZZ_SEED ? { seed: Number(process.env.FUZZ_SEED) } : {}) },
    );
    // It has been everywhere: done, malformed, forbidden, not found, and looked at before it was changed.
    expect([...seen.keys()]).toEqual(expect.arrayContaining(['200', '400', '403', '404']));
    expect(seen.get('200')! + (seen.get('201') ?? 0)).toBeGreaterThan(RUNS / 20);
  },
  Math.max(120_000, RUNS * 300),
);

describe('every text that an operation takes', () => {
  /** A request that would be done, with nothing odd in it. */
  const plain = (operation: Operation): Asked => {
    const { path, body } = operation;
    const request = path.startsWith('/change-requests') ? scene.requests.draft.id : scene.delivery;
    const [fits] = fc.sample(bodyOf(operation), 1);
    return {
      operation,
      path: { clientId: scene.client.clientId, id: path.startsWith('/api-clients') ? 'op-' : request, number: '1' },
      query: path.endsWith('/diff') ? { from: '1', to: '2' } : {},
      // A revision that nothing is at: whatever gets through changes nothing.
      headers: operation.parameters.some(({ name }) => name === 'If-Match') ? { 'If-Match': '"999999999"' } : {},
      body: body === undefined ? undefined : fits,
    };
  };

  test('is a value and never part of a statement: hostile ones find nothing, break nothing and change nothing', async () => {
    const before = await digest();
    let sent = 0;
    const tried = async (request: Asked) => {
      const reply = await send(everybody.call, request);
      sent += 1;
      expect.soft(reply.status, JSON.stringify(request).slice(0, 300)).toBeLessThan(500);
      return reply;
    };
    for (const operation of operations) {
      const base = plain(operation);
      for (const { name, in: where, schema } of operation.parameters) {
        if (where === 'header' || schema.type !== 'string') continue;
        for (const text of HOSTILE) {
          const part =
            where === 'path' ? { path: { ...base.path, [name]: text } } : { query: { ...base.query, [name]: text } };
          const reply = await tried({ ...base, ...part });
          const { items } = reply.status === 200 ? reply.json<{ items?: unknown[] }>() : {};
          // None of these is the beginning of a word of anything.
          if (items && /[';<]/.test(text)) expect.soft(items, `${operation.operationId} ${name} ${text}`).toEqual([]);
        }
      }
    }
    expect(sent).toBeGreaterThan(300);
    expect(await digest()).toBe(before);
  });

  test('kept in a draft comes back as it was, and does nothing on its way', async () => {
    const tables = () =>
      scene.server.database.row<{ n: number }>(sql`SELECT count(*) AS n FROM pg_tables WHERE schemaname = 'public'`);
    const before = await tables();
    for (const text of HOSTILE) {
      const body = { kind: 'client', value: aProductionClient(), reason: text };
      const reply = await everybody.call('POST', '/change-requests', { body });
      expect(reply.status, text).toBeLessThan(500);
      if (reply.status !== 201) continue;
      const kept = reply.json<{ reason: string }>().reason;
      expect(kept).toBe(
        text
          .normalize('NFC')
          // What is not seen and changes what is read is no part of a reason.
          .replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu, ' ')
          .trim(),
      );
    }
    expect(await tables()).toEqual(before);
    expect(
      await scene.server.database.row(
        sql`SELECT count(*) AS n FROM clients WHERE client_id = ${scene.client.clientId}`,
      ),
    ).toEqual({ n: 1 });
  });

  test('and every member that nobody described is refused with its name, at every depth that we describe', async () => {
    const before = await digest();
    const odd = [
      'role',
      'roles',
      'person',
      'operatorId',
      'proposedBy',
      'state',
      'secretHash',
      '__proto__',
      'constructor',
      'isAdmin',
    ];
    for (const operation of operations) {
      const base = plain(operation);
      for (const name of odd) {
        const query = await send(everybody.call, { ...base, query: { ...base.query, [name]: 'x' } });
        const described = operation.parameters.some((one) => one.name === name);
        if (!described)
          expect.soft([operation.operationId, name, query.status]).toEqual([operation.operationId, name, 400]);
        if (base.body === undefined) continue;
        const body = JSON.parse(`{"${name}":1,${JSON.stringify(base.body).slice(1)}`.replace(',}', '}')) as object;
        const reply = await send(everybody.call, { ...base, body });
        expect.soft([operation.operationId, name, reply.status]).toEqual([operation.operationId, name, 400]);
        expect.soft(reply.text).toContain(`body.${name}`);
      }
    }
    for (const kind of CHANGE_KINDS) {
      for (const name of odd) {
        if (name === 'roles' || (name === 'state' && kind === 'operator')) continue;
        const odder = JSON.parse(`{"${name}":"x",${JSON.stringify(VALUES[kind]()).slice(1)}`) as object;
        const reply = await everybody.call('POST', '/change-requests', { body: { kind, value: odder, reason: 'x' } });
        expect.soft([kind, name, reply.status]).toEqual([kind, name, 400]);
        expect.soft(reply.text).toContain(name);
      }
    }
    const value = aProductionClient();
    for (const [path, of] of [
      ['body.value.isAdmin', { ...value, isAdmin: true }],
      ['body.value.version', { ...value, version: 9 }],
      ['body.value.relyingParty.owner', { ...value, relyingParty: { ...value.relyingParty, owner: 'me' } }],
      [
        'body.value.relyingParty.legalEntity.x',
        { ...value, relyingParty: { ...value.relyingParty, legalEntity: { ...value.relyingParty.legalEntity, x: 1 } } },
      ],
      ['body.value.purposes.0.x', { ...value, purposes: [{ ...value.purposes[0], x: 1 }] }],
      ['body.value.floors.x', { ...value, floors: { x: 1 } }],
    ] as const) {
      const reply = await everybody.call('POST', '/change-requests', {
        body: { kind: 'client', value: of, reason: 'x' },
      });
      expect([path, reply.status]).toEqual([path, 400]);
      expect(reply.json<{ errors: { path: string }[] }>().errors.map((one) => one.path)).toContain(path);
    }
    expect(await digest()).toBe(before);
  });
});

test.each(CHANGE_KINDS)(
  'a change of the kind %s is drafted, so that the fuzz begins with what is taken',
  async (kind) => {
    const body = { kind, value: VALUES[kind](), reason: 'fuzz' };
    expect((await everybody.call('POST', '/change-requests', { body })).status).toBe(201);
  },
);

test('what the document says of a client is what the server takes, and whatever it does not allow is refused', async () => {
  const value = aProductionClient();
  expect(isAsDescribed(changeOfAClient, value)).toBe(true);
  const whole = { ...value, disabled: true, secretHash: 'ab'.repeat(32), previousSecretUntil: '2030-01-01T00:00:00Z' };
  expect(isAsDescribed(changeOfAClient, whole)).toBe(true);
  const before = await digest();
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(nearly(value), async (wrong) => {
      if (isAsDescribed(changeOfAClient, wrong)) return;
      refused += 1;
      const reply = await everybody.call('POST', '/change-requests', {
        body: { kind: 'client', value: wrong, reason: 'x' },
      });
      expect([reply.status, JSON.stringify(wrong).slice(0, 500)]).toEqual([400, expect.anything()]);
    }),
    { numRuns: 100 },
  );
  expect(refused).toBeGreaterThan(20);
  expect(await digest()).toBe(before);
});

describe('a change of each kind, with bodies that are taken', () => {
  /** Who may what, written down a second time. */
  const WHO: Readonly<Record<ChangeKind, { readonly propose: Role; readonly approve: Role }>> = {
    client: { propose: 'rp_admin', approve: 'approver' },
    'resource-server': { propose: 'rp_admin', approve: 'approver' },
    'national-csca': { propose: 'security', approve: 'approver' },
    'card-rules': { propose: 'security', approve: 'approver' },
    'signing-keys': { propose: 'security', approve: 'approver' },
    'assurance-policy': { propose: 'security', approve: 'approver' },
    operator: { propose: 'sysadmin', approve: 'approver' },
  };
  const identityNumber = '097090000066';
  type Call = readonly [method: string, path: string, request?: ApiRequest];
  let author: ApiProgram;
  let second: ApiProgram;
  /** The scopes of each role alone, and of all the roles but one, of somebody who has every role and has begun nothing here. */
  const withScopes = new Map<string, { readonly roles: readonly Role[]; readonly call: ApiProgram['call'] }>();

  beforeAll(async () => {
    author = await program(scene.server, await hire(scene.server, ROLES));
    second = await program(scene.server, await hire(scene.server, ROLES));
    const stranger = await hire(scene.server, ROLES);
    const sets = ROLES.flatMap((role) => [[role], ROLES.filter((one) => one !== role)]);
    for (const roles of sets) {
      const { call } = await program(scene.server, stranger, { roles: ROLES, scopes: roles });
      withScopes.set(roles.join(' '), { roles, call });
    }
  });

  /** Nobody without the role takes this step, and nothing of it is anywhere; with the role it is taken. */
  const step = async ([method, path, request]: Call, { may, by }: { readonly may: Role; readonly by: ApiProgram }) => {
    const before = await digest();
    for (const { roles, call } of withScopes.values()) {
      if (roles.includes(may)) continue;
      const reply = await call(method, path, request);
      const { code } = reply.json<{ code: string }>();
      expect([path, roles, reply.status, code]).toEqual([path, roles, 403, 'admin_api.insufficient_scope']);
    }
    expect(await digest()).toBe(before);
    const reply = await by.call(method, path, request);
    expect([path, reply.status < 300, reply.text.slice(0, 500)]).toEqual([path, true, expect.anything()]);
    return reply.json<{ id: string; revision: number }>();
  };

  test.each(CHANGE_KINDS)('%s: no step of it is taken without its role, and nothing has happened', async (kind) => {
    const { propose, approve } = WHO[kind];
    const [first, other] = [
      { may: propose, by: author },
      { may: approve, by: second },
    ];
    // Another person than the one who comes in elsewhere in this file.
    const own = () => ({ ...VALUES[kind](), ...(kind === 'operator' ? { identityNumber } : {}) });
    const body = { kind, value: own(), reason: 'roles' };
    const at = ({ id }: { id: string }, act: string) => `/change-requests/${id}/${act}`;
    const drafted = await step(['POST', '/change-requests', { body }], first);
    const amended = await step(
      [
        'PUT',
        `/change-requests/${drafted.id}`,
        { body: { value: body.value, reason: 'once more' }, ifMatch: drafted.revision },
      ],
      first,
    );
    const given = { body: {}, ifMatch: amended.revision };
    const proposed = await step(['POST', at(amended, 'propose'), given], first);
    const refusal = { body: { note: 'no' }, ifMatch: proposed.revision };
    await step(['POST', at(proposed, 'refuse'), refusal], other);

    const another = await step(['POST', '/change-requests', { body: { ...body, value: own() } }], first);
    const again = await step(['POST', at(another, 'propose'), { body: {}, ifMatch: another.revision }], first);
    const word = kind === 'operator' ? { identityNumber } : {};
    const approved = await step(['POST', at(again, 'approve'), { body: word, ifMatch: again.revision }], other);
    const back: Call = ['POST', at(approved, 'roll-back'), { body: { reason: 'back' } }];
    const reversible = scene.server.app.parts.approvals.subjectOf(kind).reversible;
    if (!reversible) return;
    const returning = await step(back, first);
    await step(['POST', at(returning, 'withdraw'), { body: {}, ifMatch: returning.revision }], first);
  });
});

test('a delivery says what was to be delivered: the end of a session, or an event', async () => {
  const { database } = scene.server;
  const event = newId();
  await tamper(
    database,
    sql`INSERT INTO deliveries (id, kind, client_id, subscriber_id, sign_out, queued_at, attempts)
      SELECT ${event}, 'event', client_id, subscriber_id, ${newId()}, now(), 0 FROM deliveries WHERE id = ${scene.delivery}`,
  );
  const kindOf = async (id: string) => (await everybody.call('GET', `/deliveries/${id}`)).json<{ kind: string }>().kind;
  expect([await kindOf(scene.delivery), await kindOf(event)]).toEqual(['logout', 'event']);
});

test('no answer holds what is nobody’s business: hashes of secrets, persons, keys', async () => {
  const secrets = await scene.server.database.rows<{ text: string }>(sql`
    SELECT encode(secret_hash, 'hex') AS text FROM clients WHERE secret_hash IS NOT NULL UNION SELECT person FROM operators
    UNION SELECT after ->> 'person' FROM change_requests WHERE kind = 'operator'`);
  expect(secrets.length).toBeGreaterThan(3);
  const invitation = `/change-requests/${scene.requests.operator.id}`;
  const invited = await everybody.call('GET', invitation);
  expect(invited.json()).toMatchObject({ kind: 'operator', after: { name: 'Phạm Thị Mới' } });
  const { text: list } = await everybody.call('GET', '/change-requests?kind=operator');
  expect(list).toContain(scene.requests.operator.id);
  for (const text of [invited.text, list]) {
    expect(secrets.filter((one) => text.includes(one.text))).toEqual([]);
    expect(text).not.toContain('"person"');
  }
  for (const operation of operations.filter(({ method, path }) => method === 'GET' && !path.includes('{'))) {
    const { text, status } = await everybody.call('GET', operation.path);
    expect([operation.operationId, status]).toEqual([operation.operationId, 200]);
    expect(secrets.filter((one) => text.includes(one.text))).toEqual([]);
    expect(text).not.toMatch(/"(d|p|q|secret|secret_hash|secretHash|person|binding)":/);
  }
});

test('whoever approves an invitation by a program says who it is, and nobody else comes in', async () => {
  const { id } = scene.requests.operator;
  const { revision } = (await everybody.call('GET', `/change-requests/${id}`)).json<{ revision: number }>();
  const approve = (body: object) =>
    scene.approver.call('POST', `/change-requests/${id}/approve`, { body, ifMatch: revision });
  for (const body of [{}, { identityNumber: '097090000078' }]) {
    const reply = await approve(body);
    expect([reply.status, reply.json<{ code: string }>().code]).toEqual([422, 'admin_api.wrong_person']);
  }
  const reply = await approve({ identityNumber: INVITED_NUMBER });
  expect([reply.status, reply.text.includes('"person"')]).toEqual([200, false]);
});

test('and two people stand behind whatever was applied, and the chain of the journal holds', async () => {
  const { database, app } = scene.server;
  expect(
    await database.rows(sql`
    SELECT id FROM change_requests WHERE state = 'applied' AND (approver = proposer OR approver_person = proposer_person)`),
  ).toEqual([]);
  expect(
    await database.rows(sql`
    SELECT client_id FROM clients WHERE environment = 'production' AND change_request_id IS NULL`),
  ).toEqual([]);
  await app.parts.journal.seal();
  expect(await app.parts.journal.verify()).toMatchObject({ intact: true });
});
