import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Registration } from '../../src/domain/relying-parties/index.ts';
import { createLine } from '../../src/reader/line.ts';
import { aRegistration } from '../support/clients.ts';
import { createDpopKey } from '../support/dpop.ts';
import { createSend } from '../support/http-client.ts';
import { aNonce, type Counter, createCounter, type Reader } from '../support/in-person.ts';
import { pictureOf } from '../support/pictures.ts';
import { createRelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { evidenceOf, virtualCard } from '../support/virtual-card.ts';

// Abuse cases 50 to 52 at a counter: what was recorded is worth nothing again, and nobody reads what another one asked.
const LAN_ANH = 'level-2-chip.genuine';
const HERS = '097190000002';
const PER_MINUTE = 100;

describe('checks in presence', () => {
  let server: TestServer;
  let clinic: Counter;
  beforeAll(async () => {
    server = await startServer({ settings: { IN_PERSON_PER_MINUTE: String(PER_MINUTE) } });
    clinic = await createCounter(server.issuer, server.client('sample-clinic'));
  });
  afterAll(() => server.end());

  const permission = {
    purposes: [
      {
        ...{ id: 'reception', text: { vi: 'mở cửa', en: 'open the gate' }, legalBasis: 'Nghị định 30/2013' },
        claims: ['name' as const],
      },
    ],
  };
  /** Another client with the permission, by its secret or by a key. */
  async function another(changes: Partial<Registration> = {}) {
    const registration = {
      ...aRegistration({ inPersonVerification: permission, allowedScopes: [] }),
      metadata: { token_endpoint_auth_method: 'client_secret_basic', grant_types: ['client_credentials'] },
      ...changes,
    } as Registration;
    const done = await server.app.parts.relyingParties.register(registration, { kind: 'system' });
    if (!done.registered) throw new Error(JSON.stringify(done));
    return { client_id: registration.clientId, ...(done.secret ? { client_secret: done.secret.reveal() } : {}) };
  }
  const codeOf = (reply: { text: string }): string => (JSON.parse(reply.text) as { code: string }).code;

  test('another client finds nothing of a verification, and takes nothing from whoever began it', async () => {
    const gate = await createCounter(server.issuer, await another());
    const begun = await clinic.open();
    await clinic.lay(LAN_ANH, begun.reader);
    for (const reply of [
      await gate.call('GET', `/verifications/${begun.id}`),
      await gate.finish(begun.id, await pictureOf(HERS)),
      await gate.call('GET', `/verifications/${aNonce()}`),
    ])
      expect([reply.status, codeOf(reply).replace('in_person.', '')]).toEqual([404, 'not_found']);
    expect((await clinic.finish(begun.id, await pictureOf(HERS))).status).toBe(200);
    // What one client asked in a result is none for the other.
    const theirs = await gate.check(LAN_ANH, await pictureOf(HERS), { claims: ['name'] });
    expect(theirs.aud).not.toBe('sample-clinic');
  });

  test('a transcript of a card, word for word, is good in its own session and in no other', async () => {
    const card = virtualCard();
    let frames: { t: string; [more: string]: unknown }[] | undefined;
    const play = async ({ url, token }: Reader) => {
      const line = createLine(url);
      line.send({ t: 'hello', token, mode: 'aa' });
      const begin = await line.next();
      if (begin.t !== 'begin') throw new Error(begin.t);
      // Recorded in the first session; played again in the second.
      frames ??= await recorded(Buffer.from(begin.aaChallenge, 'base64url'), begin.need);
      for (const frame of frames) line.send(frame);
      return line.done;
    };
    const recorded = async (challenge: Buffer, need: readonly string[]) => {
      const { access, files, active } = await evidenceOf(card, { challenge });
      return [
        { t: 'chip', access, extLen: false, app: { platform: 'other' } },
        ...need.flatMap((ef) => {
          const data = files[ef as keyof typeof files];
          return data === undefined ? [] : [{ t: 'file', ef, data }];
        }),
        { t: 'aa', response: active!.response },
        { t: 'end' },
      ];
    };
    const outcomes = [];
    for (const _ of [1, 2]) {
      const begun = await clinic.open();
      expect(await play(begun.reader)).toEqual({ status: 'accepted' });
      const reply = await clinic.finish(begun.id, await pictureOf(HERS));
      const { verified, reasons } = await clinic.read(reply.json<{ result: string }>().result);
      outcomes.push([verified, ...reasons]);
    }
    expect(outcomes).toEqual([[true], [false, 'card_not_genuine']]);
  });

  test('a reader session opens once, for its own token', async () => {
    const begun = await clinic.open();
    expect((await clinic.lay(LAN_ANH, { ...begun.reader, token: aNonce().padEnd(43, 'x').slice(0, 43) })).status).toBe(
      'refused',
    );
    expect((await clinic.lay(LAN_ANH, begun.reader)).status).toBe('accepted');
    expect((await clinic.lay(LAN_ANH, begun.reader)).status).toBe('refused');
  });

  test('nobody asks without the permission, the scope and a token for this resource', async () => {
    const send = createSend();
    const asked = { purpose: 'reception', nonce: aNonce() };
    const call = (authorization: string, more: Record<string, string> = {}) =>
      send(`${clinic.resource}/verifications`, {
        method: 'POST',
        body: JSON.stringify(asked),
        headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}), ...more },
      });
    const plain = await createRelyingParty(server.issuer, server.client('sandbox-confidential'));
    const resource = clinic.resource;
    // A client without the permission gets no token for it.
    const refused = await plain.clientCredentials({ resource, scope: 'in_person_verification' });
    expect([refused.status, refused.json().error]).toEqual([400, 'invalid_target']);
    const elsewhere = await plain.clientCredentials({ resource: 'https://api.sen.example/', scope: 'read' });
    const scopeless = await clinic.party.clientCredentials({ resource });
    const tokenOf = (reply: { json(): unknown }) => (reply.json() as { access_token: string }).access_token;
    for (const [how, authorization, status, code] of [
      ['nothing', '', 401, 'unauthorized'],
      ['a word', 'Bearer x', 401, 'unauthorized'],
      ['another resource', `Bearer ${tokenOf(elsewhere)}`, 401, 'unauthorized'],
      ['the secret', `Basic ${Buffer.from('a:b').toString('base64')}`, 401, 'unauthorized'],
      ['no scope', `Bearer ${tokenOf(scopeless)}`, 403, 'insufficient_scope'],
    ] as const) {
      const reply = await call(authorization);
      expect([how, reply.status, codeOf(reply)]).toEqual([how, status, `in_person.${code}`]);
      expect(String(reply.headers['www-authenticate'])).toContain(`realm="${resource}"`);
    }
    // In the address or by a cookie it is not looked at.
    expect((await send(`${resource}/verifications?access_token=${clinic.own}`, { method: 'POST' })).status).toBe(401);
    expect((await call('', { cookie: `access_token=${clinic.own}` })).status).toBe(401);
    expect((await call(`Bearer ${clinic.own}`)).status).toBe(201);
  });

  test('a permission that is taken away ends with the next request', async () => {
    const config = await another();
    const gate = await createCounter(server.issuer, config);
    const begun = await gate.open();
    await server.app.parts.relyingParties.disable(config.client_id, { kind: 'system' });
    expect((await gate.finish(begun.id, await pictureOf(HERS))).status).toBe(401);
  });

  test('a client asks what its purpose is registered with, and the face where that says so', async () => {
    const ask = async (json: object) => {
      const reply = await clinic.call('POST', '/verifications', { json: { nonce: aNonce(), ...json } });
      return [reply.status, codeOf(reply).replace('in_person.', '')];
    };
    expect(await ask({ purpose: 'marketing' })).toEqual([403, 'purpose_unknown']);
    expect(await ask({ purpose: 'pharmacy', claims: ['name'] })).toEqual([403, 'claim_not_registered']);
    expect(await ask({ purpose: 'reception', claims: ['portrait'] })).toEqual([403, 'claim_not_registered']);
    expect(await ask({ purpose: 'reception', face: false })).toEqual([403, 'face_required']);
    for (const odd of [
      { purpose: 'reception', claims: ['fingerprint'] },
      { purpose: 'reception', claims: ['name', 'name'] },
      { purpose: 'reception', nonce: 'short' },
      { purpose: 'reception', nonce: `${aNonce()}\u0000` },
      { purpose: 'reception', sub: 'x' },
      { claims: [] },
      [],
    ])
      expect((await ask(odd))[0], JSON.stringify(odd)).toBe(400);
  });

  test('a token that is bound to a key takes a proof by that key for this request, once', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = { ...privateKey.export({ format: 'jwk' }), kid: 'gate-1', alg: 'ES256', use: 'sig' };
    const { d: _, ...shown } = key;
    const config = await another({
      fapi: true,
      metadata: {
        grant_types: ['client_credentials'],
        response_types: [],
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        require_pushed_authorization_requests: true,
        dpop_bound_access_tokens: true,
        jwks: { keys: [shown] },
      },
    });
    const gate = await createCounter(server.issuer, { ...config, jwks: { keys: [key] } }, { dpop: true });
    expect((await gate.check(LAN_ANH, await pictureOf(HERS), { claims: ['name'] })).verified).toBe(true);
    const url = `${gate.resource}/verifications`;
    const own = gate.party.dpop!;
    const about = { method: 'POST', url, accessToken: gate.own };
    const thief = await createDpopKey();
    const good = await own.proof(about);
    const tries: [string, Record<string, string>, number][] = [
      ['as a bearer token', { authorization: `Bearer ${gate.own}`, dpop: '' }, 401],
      ['without a proof', { dpop: '' }, 401],
      ['by another key', { dpop: await thief.proof(about) }, 401],
      ['for another address', { dpop: await own.proof({ ...about, url: `${url}/x` }) }, 401],
      ['for another method', { dpop: await own.proof({ ...about, method: 'GET' }) }, 401],
      ['for another token', { dpop: await own.proof({ ...about, accessToken: clinic.own }) }, 401],
      ['of two minutes ago', { dpop: await own.proof(about, { iat: Math.floor(Date.now() / 1000) - 120 }) }, 401],
      ['of another type', { dpop: await own.proof(about, {}, { typ: 'JWT' }) }, 401],
      ['without a jti', { dpop: await own.proof(about, { jti: undefined }) }, 401],
      ['right', { dpop: good }, 201],
      ['the same once more', { dpop: good }, 401],
    ];
    for (const [how, headers, status] of tries) {
      const reply = await gate.call('POST', '/verifications', {
        json: { purpose: 'reception', nonce: aNonce() },
        headers,
      });
      expect([how, reply.status]).toEqual([how, status]);
    }
    // And a token that is bound to nothing is no proof's.
    const bare = await clinic.call('POST', '/verifications', {
      json: { purpose: 'reception', nonce: aNonce() },
      headers: {
        authorization: `DPoP ${clinic.own}`,
        dpop: await own.proof({ ...about, accessToken: clinic.own }),
      },
    });
    expect(bare.status).toBe(401);
  });

  test('each client begins so many in a minute, also when it begins them at once, and no other waits for it', async () => {
    const [eager, calm] = [await createCounter(server.issuer, await another()), clinic];
    const begin = () => eager.call('POST', '/verifications', { json: { purpose: 'reception', nonce: aNonce() } });
    const replies = await Promise.all(Array.from({ length: PER_MINUTE + 10 }, begin));
    expect(replies.filter(({ status }) => status === 201).length).toBe(PER_MINUTE);
    const [late] = replies.filter(({ status }) => status !== 201);
    expect([late!.status, codeOf(late!)]).toEqual([429, 'in_person.too_many']);
    expect(Number(late!.headers['retry-after'])).toBeGreaterThan(0);
    expect((await calm.open()).id).toMatch(/^[\w-]{43}$/);
  });

  test('what is no picture is no fault, and what is too large is not read', async () => {
    const begun = await clinic.open();
    await clinic.lay(LAN_ANH, begun.reader);
    expect((await clinic.finish(begun.id, Buffer.alloc(8 * 1024 * 1024 + 1))).status).toBe(413);
    const headers = { 'content-type': 'image/svg+xml' };
    const path = `/verifications/${begun.id}/result`;
    expect((await clinic.call('POST', path, { jpeg: Buffer.from('<svg/>'), headers })).status).toBe(415);
    for (const odd of ['/verifications/x', `/verifications/${'a'.repeat(5_000)}`, '/nowhere'])
      expect((await clinic.call('GET', odd)).status, odd.slice(0, 40)).toBe(404);
    const other = await clinic.call('DELETE', `/verifications/${begun.id}`);
    expect([other.status, other.headers.allow]).toEqual([405, 'GET, HEAD']);
  });
});

test('case 51: where no engine sees attacks as well as the policy demands, nobody is asked for a face', async () => {
  const server = await startServer({ settings: { FACE_MATCHER: 'embedded', FACE_PAD_REQUIRED: 'none' } });
  try {
    const clinic = await createCounter(server.issuer, server.client('sample-clinic'));
    const reply = await clinic.call('POST', '/verifications', { json: { purpose: 'reception', nonce: aNonce() } });
    expect([reply.status, JSON.parse(reply.text).code]).toEqual([503, 'in_person.face_unavailable']);
    const alone = await clinic.check(LAN_ANH, undefined, { purpose: 'pharmacy', claims: ['age_over_18'] });
    expect(alone.verified).toBe(true);
  } finally {
    await server.end();
  }
});
