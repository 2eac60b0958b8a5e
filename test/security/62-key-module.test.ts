import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorized } from '../support/attack.ts';
import { eventually } from '../support/eventually.ts';
import type { Reply } from '../support/http-client.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { aToken, type TestToken, whyNoToken } from '../support/softhsm.ts';

// Abuse case 62 over HTTP, the keys in a token: rotation under load, the token gone under load, and back.
const missing = whyNoToken();

describe.skipIf(missing)(`case 62: keys in a module${missing ? ` (not tried here: ${missing})` : ''}`, () => {
  let token: TestToken;
  let server: TestServer;
  let party: RelyingParty;
  beforeAll(async () => {
    token = aToken();
    await token.start();
    server = await startServer({ settings: token.environment });
    party = await plainClient(server.issuer, server.client('sandbox-confidential'));
  });
  afterAll(async () => {
    await server?.end();
    await token?.end();
  });

  const keySet = async () => (await (await fetch(`${server.issuer}/jwks`)).json()) as JSONWebKeySet;
  const ready = () => server.app.health.ready();
  const signedIn = () => authorized(party, server.claimant('level-1'), { scope: 'openid' });
  const idTokenOf = (reply: Reply): string => reply.json<{ id_token: string }>().id_token;
  /** A token that needs a signature and no person. */
  const signedToken = async (): Promise<Reply> => party.clientCredentials({ resource: 'https://jwt.sen.example/' });
  const accessTokenOf = (reply: Reply): string => reply.json<{ access_token: string }>().access_token;

  /** Several who ask for tokens, one after the other, until they are told to stop. */
  const load = () => {
    let going = true;
    const replies: Reply[] = [];
    const asking = Array.from({ length: 4 }, async () => {
      while (going) replies.push(await signedToken());
    });
    return {
      replies,
      stop: async () => {
        going = false;
        await Promise.all(asking);
      },
    };
  };

  function expectClosed(reply: Reply): void {
    expect(reply.status).toBe(503);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    expect(reply.text).toContain('signing_keys.unavailable');
    expect(reply.text).not.toMatch(/id_token|access_token/);
    expect(reply.text).not.toContain(token.socket);
  }

  test('every key is the token’s, and what it signs verifies with what is published', async () => {
    const list = server.app.parts.signingKeys.list();
    expect(new Set(list.map(({ custody }) => custody))).toEqual(new Set(['pkcs11']));
    expect(list).toHaveLength(8);
    const { callback, started } = await signedIn();
    const idToken = idTokenOf(await party.exchange(callback, started));
    await jwtVerify(idToken, createLocalJWKSet(await keySet()), { issuer: server.issuer });
    expect(await ready()).toMatchObject({ ready: true, checks: { 'signing-keys': 'ok' } });
  });

  test('rotated under load: the key set of before has the next key, that of after the old one, and nobody is refused', async () => {
    const cached = await keySet();
    const { callback, started } = await signedIn();
    const before = idTokenOf(await party.exchange(callback, started));
    const { replies, stop } = load();
    await eventually(() => replies.length).toBeGreaterThan(20);
    expect(await server.app.parts.signingKeys.rotate({ algorithm: 'ES256' })).toMatchObject([{ rotated: true }]);
    const sofar = replies.length;
    await eventually(() => replies.length).toBeGreaterThan(sofar + 20);
    await stop();
    // The key that would come next is not in the key set that was kept: it does not sign before that has run out.
    expect(await server.app.parts.signingKeys.rotate({ algorithm: 'ES256' })).toMatchObject([
      { rotated: false, reason: 'too_early' },
    ]);
    expect(replies.map(({ status }) => status).filter((status) => status !== 200)).toEqual([]);
    const now = await keySet();
    const kids = new Set<unknown>();
    for (const accessToken of replies.map(accessTokenOf)) {
      kids.add(decodeProtectedHeader(accessToken).kid);
      await jwtVerify(accessToken, createLocalJWKSet(cached));
      await jwtVerify(accessToken, createLocalJWKSet(now));
    }
    expect(kids.size, 'both keys have signed').toBe(2);
    await jwtVerify(before, createLocalJWKSet(now));
  });

  test('gone in the middle of a sign-in: closed and red, the code is not spent, and works when the token is back', async () => {
    const { callback, started } = await signedIn();
    await token.stop();
    expectClosed(await party.exchange(callback, started));
    expectClosed(await signedToken());
    await eventually(async () => (await ready()).checks['signing-keys']).toBe('failing');
    expect(await ready()).toMatchObject({ ready: false, checks: { database: 'ok' } });
    // What needs no signature goes on, above all what relying parties verify with.
    expect((await keySet()).keys.length).toBeGreaterThan(7);

    await token.start();
    const reply = await party.exchange(callback, started);
    expect(reply.status).toBe(200);
    await jwtVerify(idTokenOf(reply), createLocalJWKSet(await keySet()), { issuer: server.issuer });
    expect((await party.exchange(callback, started)).json()).toMatchObject({ error: 'invalid_grant' });
    await eventually(async () => (await ready()).ready).toBe(true);
    expect(await brokenInvariants(server.database, server.app)).toEqual([]);
  });

  test('gone and back under load: signed by the token or refused, nothing between, and by itself again', async () => {
    const kids = server.app.parts.signingKeys.keys().map(({ kid }) => kid);
    const { replies, stop } = load();
    await eventually(() => replies.length).toBeGreaterThan(20);
    await token.stop();
    await eventually(() => replies.at(-1)?.status).toBe(503);
    await token.start();
    await eventually(() => replies.at(-1)?.status).toBe(200);
    const sofar = replies.length;
    await eventually(() => replies.length).toBeGreaterThan(sofar + 20);
    await stop();
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 503]));
    const published = createLocalJWKSet(await keySet());
    for (const reply of replies) {
      if (reply.status === 200) await jwtVerify(accessTokenOf(reply), published);
      else expectClosed(reply);
    }
    expect(server.app.parts.signingKeys.keys().map(({ kid }) => kid)).toEqual(kids);
  });

  test('taken out of its slot, it is gone for the sessions that were open too', async () => {
    token.remove();
    try {
      // A session may have what it needs in memory until it is opened anew.
      await token.start();
      expectClosed(await signedToken());
      await eventually(async () => (await ready()).ready).toBe(false);
    } finally {
      token.insert();
    }
    await eventually(async () => (await signedToken()).status).toBe(200);
    await eventually(async () => (await ready()).ready).toBe(true);
  });

  test('silent instead of gone: refused in time, while everything else is answered at once', async () => {
    expect((await signedToken()).status).toBe(200);
    token.freeze();
    try {
      const begun = performance.now();
      const asked = Array.from({ length: 12 }, async () => ({ reply: await signedToken(), at: performance.now() }));
      let slowest = 0;
      for (let times = 0; times < 20; times += 1) {
        const sent = performance.now();
        await keySet();
        slowest = Math.max(slowest, performance.now() - sent);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(slowest).toBeLessThan(1_000);
      expect((await ready()).checks['signing-keys']).toBe('failing');
      for (const { reply, at } of await Promise.all(asked)) {
        expectClosed(reply);
        expect(at - begun).toBeLessThan(12_000);
      }
    } finally {
      token.thaw();
    }
    await eventually(async () => (await signedToken()).status).toBe(200);
    await eventually(async () => (await ready()).ready).toBe(true);
  });
});
