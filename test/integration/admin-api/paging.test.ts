import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../../src/platform/ids.ts';
import { type Sql, sql } from '../../../src/platform/sql.ts';
import { type ApiProgram, program } from '../../support/api-operators.ts';
import { type ApiScene, apiScene } from '../../support/api-scene.ts';

// Issue 4 §5: cursor paging. No page has more than 100; every list goes on to its end, with each of its rows once.
let scene: ApiScene;
let everybody: ApiProgram;
/** Two pages and a rest, of the longest that there are. */
const MANY = 230;

beforeAll(async () => {
  scene = await apiScene();
  everybody = await program(scene.server, scene.everybody);
  const { operatorId } = scene.everybody;
  const subject = scene.client.clientId;
  const rows: Sql[] = [
    sql`INSERT INTO client_versions (client_id, number, registration, disabled, at, by)
      SELECT ${subject}, 2 + n, '{}', false, now(), 'system' FROM generate_series(1, ${MANY}::int) AS n`,
    sql`INSERT INTO change_requests (id, kind, subject, after, reason, drafted_by, drafted_at)
      SELECT gen_random_uuid(), 'client', 'page-' || n, '{}', 'a page', ${operatorId}, now()
      FROM generate_series(1, ${MANY}::int) AS n`,
    // All of one moment: the order among them is of their ids.
    sql`INSERT INTO deliveries (id, client_id, subscriber_id, sign_out, queued_at)
      SELECT gen_random_uuid(), ${subject}, (SELECT id FROM subscribers LIMIT 1), ${newId()}, date_trunc('second', now())
      FROM generate_series(1, ${MANY}::int)`,
    // All of one name.
    sql`INSERT INTO operators (id, person, name, email, office, roles, state, created_at, test)
      SELECT gen_random_uuid(), rpad('person ' || n, 43, '_'), 'Nguyễn Văn An', 'an' || n || '@senid.example', 'vn', '{auditor}',
        'active', now(), true FROM generate_series(1, ${MANY}::int) AS n`,
    sql`INSERT INTO offices (id, kind, parent_id, name_vi, name_en)
      SELECT 'xa-' || n, 'commune', '01', 'Xã ' || n, 'Commune ' || n FROM generate_series(1, ${MANY}::int) AS n`,
    sql`INSERT INTO operator_api_clients (id, operator_id, name, jwks, roles, created_at, expires_at, revoked_at)
      SELECT 'op-' || gen_random_uuid(), ${operatorId}, 'page', '{"keys":[]}', '{auditor}', date_trunc('day', now()),
        date_trunc('day', now()) + interval '1 day', now() FROM generate_series(1, ${MANY}::int)`,
  ];
  await scene.server.database.execute(
    sql`INSERT INTO clients (client_id, relying_party_id, environment, fapi, metadata, terms, registered_at)
      SELECT 'page-' || n, c.relying_party_id, 'sandbox', false, c.metadata, c.terms, now()
      FROM generate_series(1, ${MANY}::int) AS n, (SELECT * FROM clients WHERE client_id = ${subject}) AS c`,
  );
  await scene.server.database.transaction(async (transaction) => {
    // Nobody gets this in but the owner of the database.
    await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
    for (const row of rows) await transaction.execute(row);
  });
  for (let n = 0; n < MANY; n += 1) {
    await scene.server.database.execute(
      scene.server.app.parts.journal.append({ type: 'journal.verified', actor: { kind: 'system' } }).statement,
    );
  }
  await scene.server.app.parts.journal.seal();
});
afterAll(() => scene.server.end());

type Item = Record<string, unknown>;
interface Page {
  readonly items: Item[];
  readonly next?: string;
}
const ask = async (path: string, more: string): Promise<Page> => {
  const reply = await everybody.call('GET', `${path}?${more}`);
  if (reply.status !== 200) throw new Error(reply.text);
  return reply.json<Page>();
};

/** What each list has, counted where it is kept. */
const count = async (statement: Sql): Promise<number> =>
  (await scene.server.database.row<{ count: number }>(statement))!.count;
const LISTS: readonly (readonly [path: string, name: string, there: () => Promise<number>])[] = [
  ['/clients', 'clientId', () => count(sql`SELECT count(*) FROM clients`)],
  [
    '/clients/{client}/versions',
    'number',
    () => count(sql`SELECT count(*) FROM client_versions WHERE client_id = ${scene.client.clientId}`),
  ],
  ['/change-requests', 'number', () => count(sql`SELECT count(*) FROM change_requests`)],
  ['/deliveries', 'id', () => count(sql`SELECT count(*) FROM deliveries`)],
  ['/operators', 'id', () => count(sql`SELECT count(*) FROM operators`)],
  ['/offices', 'id', () => count(sql`SELECT count(*) FROM offices`)],
  [
    '/api-clients',
    'id',
    () => count(sql`SELECT count(*) FROM operator_api_clients WHERE operator_id = ${scene.everybody.operatorId}`),
  ],
  ['/journal', 'sequence', () => count(sql`SELECT count(*) FROM journal`)],
];

test.each(LISTS)('%s goes on to its end, by pages of 100 and by odd ones, each row once', async (path, name, there) => {
  const list = path.replace('{client}', scene.client.clientId);
  const expected = await there();
  expect(expected).toBeGreaterThan(MANY);
  for (const limit of [100, 37]) {
    const seen: unknown[] = [];
    let pages = 0;
    for (let cursor: string | undefined = ''; cursor !== undefined; pages += 1) {
      const { items, next }: Page = await ask(list, `limit=${limit}${cursor && `&cursor=${cursor}`}`);
      expect(items.length).toBeLessThanOrEqual(limit);
      seen.push(...items.map((item) => item[name]));
      cursor = next;
    }
    expect([new Set(seen).size, seen.length, pages]).toEqual([expected, expected, Math.ceil(expected / limit)]);
  }
  await expect(ask(list, 'limit=101')).rejects.toThrow('admin_api.invalid_request');
});

test('/keys goes on too, however few there are', async () => {
  const all = (await ask('/keys', 'limit=100')).items.map(({ kid }) => kid);
  expect(all.length).toBeGreaterThan(1);
  const first = await ask('/keys', 'limit=1');
  const rest = await ask('/keys', `limit=100&cursor=${first.next}`);
  expect([...first.items, ...rest.items].map(({ kid }) => kid)).toEqual(all);
  expect(rest.next).toBeUndefined();
});

test('every list of the document has a cursor, and is walked here', async () => {
  const { paths } = (await everybody.call('GET', '/openapi.json')).json<{
    paths: Record<string, { get?: { operationId: string; parameters: { name: string }[] } }>;
  }>();
  const lists = Object.entries(paths).filter(([, { get }]) => /\.(list|versions)$/.test(get?.operationId ?? ''));
  for (const [path, { get }] of lists) {
    expect([path, get!.parameters.map(({ name }) => name)]).toEqual([
      path,
      expect.arrayContaining(['cursor', 'limit']),
    ]);
  }
  expect(lists.map(([path]) => path.replace('{clientId}', '{client}')).sort()).toEqual(
    [...LISTS.map(([path]) => path), '/keys'].sort(),
  );
});
