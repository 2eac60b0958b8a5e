import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { program } from '../../support/api-operators.ts';
import { type ApiScene, apiScene } from '../../support/api-scene.ts';

// Issue 4 §5: who did it is the operator, and through which program stands beside it.
let scene: ApiScene;
beforeAll(async () => {
  scene = await apiScene();
});
afterAll(() => scene.server.end());

const last = async (type: 'client.disabled' | 'logout.replayed') =>
  (await scene.server.app.parts.journal.query({ types: [type], limit: 1 }))[0];
const actor = () => ({ kind: 'operator', id: scene.mai.operatorId });

test('a client that a program stops', async () => {
  const client = `/clients/${scene.client.clientId}`;
  const stopped = await scene.proposer.call('POST', `${client}/disable`, { ifMatch: 2 });
  expect(stopped.status).toBe(200);
  expect(await last('client.disabled')).toMatchObject({
    ...{ actor: actor(), clientId: scene.client.clientId },
    detail: { way: 'api', apiClient: scene.proposer.id },
  });
});

test('a delivery that a program sends once more', async () => {
  const { database, app } = scene.server;
  // Its client is another than the one that was stopped; its message still waits, given up.
  const { deliveries } = app.parts;
  const clientId = (await scene.applied()).subject;
  const subscriberId = (await database.row<{ id: string }>(sql`SELECT id FROM subscribers LIMIT 1`))!.id;
  await writeTogether(database, deliveries.queue({ clientId, sub: newId(), subscriberId }, newId()));
  await database.execute(sql`UPDATE outbox SET dead_at = now() WHERE dead_at IS NULL`);
  await database.execute(sql`UPDATE deliveries SET dead_at = now(), attempts = 9 WHERE client_id = ${clientId}`);
  const delivery = (await deliveries.list({ clientId })).entries[0]!.id;
  const replayed = await scene.proposer.call('POST', `/deliveries/${delivery}/replay`, { body: {} });
  expect([replayed.status, replayed.json()]).toMatchObject([200, { replays: 1 }]);
  expect(await last('logout.replayed')).toMatchObject({
    actor: actor(),
    detail: { way: 'api', apiClient: scene.proposer.id, delivery },
  });
});

test('and a program that reads the journal learns of no citizen who they are', async () => {
  const { app, database } = scene.server;
  const { id } = (await database.row<{ id: string }>(sql`SELECT id FROM subscribers LIMIT 1`))!;
  await writeTogether(database, [
    app.parts.journal.append({ type: 'subscriber.locked', actor: { kind: 'subscriber', id }, subscriberId: id }),
  ]);
  await app.parts.journal.seal();
  const reader = await program(scene.server, scene.everybody);
  const reply = await reader.call('GET', '/journal?type=subscriber.locked');
  expect(reply.json<{ items: unknown[] }>().items[0]).toMatchObject({
    actor: { kind: 'subscriber' },
    aboutSomebody: true,
  });
  expect(reply.text).not.toContain(id);
});
