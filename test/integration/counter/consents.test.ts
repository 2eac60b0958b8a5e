import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from '../../../src/platform/sql.ts';
import { PERSONAS } from '../../../src/sandbox/index.ts';
import { allFound, anOfficer } from '../../support/counter.ts';
import { createBrowser } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { plainClient } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { signIn } from '../../support/sign-in.ts';
import { type CreationOptions, softwarePasskey } from '../../support/software-passkey.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ jobs: false });
});
afterAll(() => server?.end());

test('what was agreed to at level 1 is taken back by the upgrade, and the rightful person is asked anew', async () => {
  const { consents, journal, subscribers } = server.app.parts;
  const persona = PERSONAS.find(({ id }) => id === 'level-1')!;
  const account = (await subscribers.locate(persona.identityNumber))!;
  const officer = await anOfficer(server, ['intake']);
  const rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
  const begun = await rp.begin({ scope: 'openid profile' });
  const squatter = await signIn(await createBrowser().open(begun.url), server.claimant('level-1'));
  const tokens = (await rp.exchange(squatter.location ?? '', begun)).json<{ access_token: string }>();
  expect((await rp.userinfo(tokens.access_token)).status).toBe(200);
  const agreed = (await consents.find(account.id, 'sandbox-confidential'))!;

  const ready = await allFound(server, officer, persona);
  const done = await ready.submit({ claim: 'own', seen: 'yes' }, { form: 'approve' });
  expect(done.words).toContain('Đã duyệt');
  expect(await consents.find(account.id, 'sandbox-confidential')).toBeUndefined();
  expect((await rp.userinfo(tokens.access_token)).status).toBe(401);
  // As a withdrawal of one's own: with a date until which whoever got the data confirms, in the act that raised the account.
  expect((await consents.withdrawals(account.id)).map(({ consentId }) => consentId)).toEqual([agreed.id]);
  expect(await journal.query({ subscriberId: account.id, types: ['consent.withdrawn'] })).toMatchObject([
    { actor: { kind: 'operator', id: officer.operator.operatorId }, clientId: 'sandbox-confidential' },
  ]);
  const acts = await server.database.rows<{ tx: string }>(
    sql`SELECT DISTINCT xmin::text AS tx FROM journal_incoming
      WHERE subscriber_id = ${account.id} AND type IN ('consent.withdrawn', 'subscriber.level_changed')`,
  );
  expect(acts).toHaveLength(1);

  const code = /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/.exec((await done.submit({}, { form: 'give-code' })).words)![0];
  const ways = await (await createBrowser().open(`${server.issuer}/counter`)).submit({ code }, { form: 'code-form' });
  const { hostname, origin } = new URL(server.issuer);
  const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
  const options = JSON.parse(ways.form('register-form').attributes.get('data-options') ?? '{}') as CreationOptions;
  await ways.submit({ response: JSON.stringify(passkey.create(options)), name: '' }, { form: 'register-form' });
  const again = await rp.begin({ scope: 'openid profile' });
  const claimant = { identifier: persona.identityNumber, passkey };
  const signed = await signIn(await createBrowser().open(again.url), claimant, 'passkey');
  expect(signed.location).toContain('code=');
  // Nobody else's word stands for it: this is another consent.
  expect((await consents.history(account.id)).map(({ id, state }) => [id === agreed.id, state])).toEqual([
    [false, 'given'],
    [true, 'withdrawn'],
  ]);
  await checkInvariants(server.database, server.app);
});
