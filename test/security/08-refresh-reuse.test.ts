import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { simulatedMessages } from '../../src/domain/notices/index.ts';
import { signedIn } from '../support/attack.ts';
import { eventually } from '../support/eventually.ts';
import { checkInvariants } from '../support/invariants.ts';
import { publicClient, type RelyingParty, type Tokens } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

// Case 8. RFC 9700 §4.14.2: a refresh token of a public client that comes back was stolen, by then or from then on. Its whole
// family ends, the person hears of it, and the journal knows.
describe('a spent refresh token of a public client', () => {
  let server: TestServer;
  let rp: RelyingParty;
  beforeAll(async () => {
    server = await startServer();
    rp = await publicClient(server.issuer, server.client('sandbox-public'));
  });
  afterAll(() => server.end());

  const refreshed = async (token: string) => {
    const answer = await rp.refresh(token);
    if (answer.status !== 200) throw new Error(answer.text);
    return answer.json<Tokens>();
  };
  const dead = async (tokens: Tokens) => {
    expect((await rp.userinfo(tokens.access_token)).status).toBe(401);
    expect((await rp.introspect(tokens.access_token)).json()).toEqual({ active: false });
    const again = await rp.refresh(tokens.refresh_token ?? '');
    expect(again.json()).toMatchObject({ error: 'invalid_grant' });
  };

  test('ends every token of its family once its successor has been used, however soon', async () => {
    const { tokens: first } = await signedIn(rp, server.claimant('level-1'), { scope: 'openid profile' });
    const second = await refreshed(first.refresh_token!);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    const third = await refreshed(second.refresh_token!);
    expect((await rp.userinfo(third.access_token)).status).toBe(200);

    const replay = await rp.refresh(first.refresh_token!);
    expect(replay.status).toBe(400);
    expect(replay.json()).toMatchObject({ error: 'invalid_grant' });
    for (const tokens of [first, second, third]) await dead(tokens);
  });

  test('is told to the person at every address, and stands in the journal with the client', async () => {
    const person = server.persona('level-1');
    const journalled = await server.app.parts.journal.query({ types: ['refresh.replayed'] });
    expect(journalled).toHaveLength(1);
    expect(journalled[0]).toMatchObject({
      clientId: 'sandbox-public',
      actor: { kind: 'client', id: 'sandbox-public' },
    });
    const subscriberId = journalled[0]!.subscriberId;
    const queued = await server.app.parts.journal.query({ types: ['notice.queued'], subscriberId: subscriberId! });
    // Beside it stand those of signing in: codes, and browsers that nobody knew.
    expect(queued.map(({ detail }) => detail?.notice).filter((notice) => notice === 'access_ended')).toHaveLength(1);
    const ended = async () =>
      (await simulatedMessages(server.database, { limit: 30 })).filter(({ text }) =>
        text.includes('Nhà phát triển thử nghiệm'),
      );
    await eventually(async () => {
      const sent = await ended();
      return sent.map(({ medium }) => medium).sort();
    }).toEqual(['mail', 'sms']);
    for (const { text } of await ended()) {
      expect(text).not.toContain(person.identityNumber);
    }
    await checkInvariants(server.database, server.app);
  });

  test('of one device ends that device alone', async () => {
    const one = await signedIn(rp, server.claimant('level-1'), { scope: 'openid' });
    const other = await signedIn(rp, server.claimant('level-1'), { scope: 'openid' });
    const next = await refreshed((await refreshed(one.tokens.refresh_token!)).refresh_token!);
    expect((await rp.refresh(one.tokens.refresh_token!)).status).toBe(400);
    await dead(next);
    expect((await rp.userinfo(other.tokens.access_token)).status).toBe(200);
    expect((await rp.refresh(other.tokens.refresh_token!)).status).toBe(200);
  });

  test('asked for again at once by who never got the answer gets that very answer, and nothing ends', async () => {
    const { tokens } = await signedIn(rp, server.claimant('level-1'), { scope: 'openid' });
    const answers = [await rp.refresh(tokens.refresh_token!), await rp.refresh(tokens.refresh_token!)];
    expect(answers[1]!.text).toBe(answers[0]!.text);
    expect((await rp.refresh(answers[0]!.json<Tokens>().refresh_token!)).status).toBe(200);
  });
});
