import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRemoteJWKSet, exportJWK, generateKeyPair, importJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FrozenAssurance } from '../../../src/domain/assurance/index.ts';
import { parseRegistration } from '../../../src/domain/relying-parties/index.ts';
import { createVerifiedClaims } from '../../../src/oidc/verified-claims/release.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { type VerifiedClaims, verifiedClaimsResponse } from '../../../src/standards/identity-assurance/index.ts';
import { answerIn, claimsOf, registered, signedIn, standsAt } from '../../support/attack.ts';
import { aRegistration } from '../../support/clients.ts';
import { createBrowser, type Page } from '../../support/http-client.ts';
import { aProofing, testSealer } from '../../support/people.ts';
import { fapiClient, type Params, plainClient, type RelyingParty, type Tokens } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { bindPasskey, type Claimant } from '../../support/sign-in.ts';
import { register } from '../levels/people.ts';

// Issue 6 §5: how somebody was verified, to a relying party that asks for it, and nothing that it did not ask for.
describe('verified claims', () => {
  let server: TestServer;
  let rp: RelyingParty;
  let who: Claimant;
  let framework: string;
  const passkey = { means: 'passkey' } as const;
  beforeAll(async () => {
    server = await startServer();
    framework = `${server.issuer}/ida/test/framework/national-eid`;
    rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
    const claimant = server.claimant('level-2-chip');
    who = { ...claimant, passkey: await bindPasskey(server.issuer, claimant) };
  });
  afterAll(() => server.end());

  let named = 0;
  const party = async (terms: Parameters<typeof registered>[1] = {}): Promise<RelyingParty> => {
    named += 1;
    const usual = { allowedScopes: ['openid', 'profile'], allowedClaims: ['verified_claims'] };
    return plainClient(server.issuer, await registered(server, { clientId: `asks-${named}`, ...usual, ...terms }));
  };
  const element = (verification: object = {}, claims: object | null = { name: null }) => ({
    verification: { trust_framework: null, ...verification },
    claims,
  });
  const asking = (userinfo: unknown, idToken?: unknown): Params => ({
    scope: 'openid',
    claims: JSON.stringify({
      ...(userinfo === undefined ? {} : { userinfo: { verified_claims: userinfo } }),
      ...(idToken === undefined ? {} : { id_token: { verified_claims: idToken } }),
    }),
  });
  const userinfo = async (from: RelyingParty, tokens: Tokens): Promise<Record<string, unknown>> =>
    (await from.userinfo(tokens.access_token)).json();
  /** What is answered in both places; every answer is one that the standard's schema has. */
  const answers = async (from: RelyingParty, params: Params, claimant = who) => {
    const signed = await signedIn(from, claimant, params, passkey);
    const said = { userinfo: await userinfo(from, signed.tokens), idToken: signed.idToken, signed };
    for (const { verified_claims: one } of [said.userinfo, said.idToken])
      if (one !== undefined) verifiedClaimsResponse.parse(one);
    return said;
  };

  const signedRequest = async (params: Record<string, string>, jwk: JWK): Promise<string> =>
    new SignJWT({ ...params, claims: JSON.parse(params.claims!) as object })
      .setProtectedHeader({ alg: 'ES256', kid: jwk.kid! })
      .setIssuer(params.client_id!)
      .setAudience(server.issuer)
      .setIssuedAt()
      .setNotBefore(Math.floor(Date.now() / 1000) - 1)
      .setExpirationTime('1m')
      .sign(await importJWK(jwk, 'ES256'));

  test('are answered as the documentation says', async () => {
    const text = (await readFile('src/samples/README.md', 'utf8')).replaceAll('http://localhost:3000', server.issuer);
    const [asked, answered] = [...text.matchAll(/^```json\n(.*?)^```/gms)].map(
      ([, json]) => JSON.parse(json!) as object,
    );
    const acr_values = `${server.issuer}/assurance/test/2.2`;
    const said = await answers(rp, { scope: 'openid', claims: JSON.stringify(asked), acr_values });
    expect(said.userinfo).toMatchObject(answered!);
    expect(said.userinfo.verified_claims).toStrictEqual((answered as { verified_claims: unknown }).verified_claims);
  });

  test('tell of a passport and the state that issued it, to whoever asks for that, and of no card of ours', async () => {
    const claimant = server.claimant('foreign-resident');
    const ingrid = { ...claimant, passkey: await bindPasskey(server.issuer, claimant) };
    const document = async (document_details: object) => {
      const asked = element({ evidence: [{ type: { value: 'document' }, document_details }] });
      const said = await answers(rp, asking(asked), ingrid);
      return (said.userinfo.verified_claims as VerifiedClaims | undefined)?.verification.evidence;
    };
    const issuer = { country_code: null };
    expect(await document({ type: { value: 'passport' }, issuer })).toEqual([
      { type: 'document', document_details: { type: 'passport', issuer: { country_code: 'UTO' } } },
    ]);
    expect(await document({ type: { value: 'passport' } })).toEqual([
      { type: 'document', document_details: { type: 'passport' } },
    ]);
    expect(await document({ type: { value: 'idcard' }, issuer })).toBeUndefined();
  });

  test('tell of the card, its checks and the counter, as far as it was asked', async () => {
    const asked = element(
      {
        assurance_level: null,
        time: { max_age: 100 * 365 * 86_400 },
        evidence: [
          {
            type: { value: 'document' },
            check_details: [{ check_method: { values: ['vcrypt', 'bvp'] } }],
            document_details: { type: { value: 'idcard' } },
          },
        ],
      },
      { name: { value: 'Nguyễn Thị Lan Anh' }, birthdate: null, gender: { value: 'male' }, email: null },
    );
    const said = await answers(rp, asking(asked));
    expect(said.userinfo).toStrictEqual({
      ...{ sub: expect.any(String), account_type: 'citizen' },
      verified_claims: {
        verification: {
          trust_framework: framework,
          assurance_level: 'counter-biometric',
          time: '2026-01-05T02:00:00Z',
          evidence: [
            {
              type: 'document',
              check_details: ['vcrypt', 'vcrypt', 'bvp', 'bvp'].map((check_method) => ({ check_method })),
              document_details: { type: 'idcard' },
            },
          ],
        },
        claims: { name: 'Nguyễn Thị Lan Anh', birthdate: '1990-05-17' },
      },
    });
    // Asked at userinfo, so that the ID token says nothing of it.
    expect(said.idToken).not.toHaveProperty('verified_claims');
  });

  test('are told in each place as that place asks, and are left out where nothing can be met, without an error', async () => {
    const levels = element({ assurance_level: null }, null);
    const official = element({ trust_framework: { value: 'eidas' } });
    const both = await answers(
      rp,
      asking(element({}, { given_name: { value: 'Nobody' } }), [levels, official, levels]),
    );
    expect(both.userinfo.verified_claims).toStrictEqual({ verification: { trust_framework: framework }, claims: {} });
    const once = { verification: { trust_framework: framework, assurance_level: 'counter-biometric' }, claims: {} };
    expect(both.idToken.verified_claims).toStrictEqual([once, once]);
    const neither = await answers(rp, asking(official, [official]));
    expect(neither.userinfo).not.toHaveProperty('verified_claims');
    expect(neither.idToken).not.toHaveProperty('verified_claims');
  });

  test('travel in a pushed request and in a signed one, arrays too', async () => {
    const config = server.client('sandbox-fapi');
    const array = [element({ assurance_level: null })];
    const expected = [
      {
        verification: { trust_framework: framework, assurance_level: 'counter-biometric' },
        claims: { name: 'Nguyễn Thị Lan Anh' },
      },
    ];
    const fapi = await fapiClient(server.issuer, config);
    expect((await answers(fapi, asking(array, array))).idToken.verified_claims).toStrictEqual(expected);

    // The request object in the pushed request (RFC 9101, RFC 9126 §3).
    const { params, started } = fapi.request(asking(array));
    const request = await signedRequest(params, config.jwks!.keys[0]!);
    const pushed = (await fapi.par({ client_id: config.client_id, request })).json<{ request_uri: string }>();
    const url = `${String(fapi.server.authorization_endpoint)}?${new URLSearchParams({ client_id: config.client_id, request_uri: pushed.request_uri })}`;
    const signed: RelyingParty = { ...fapi, begin: async () => ({ ...started, url }) };
    expect((await answers(signed, {})).userinfo.verified_claims).toStrictEqual(expected);

    // And in the query.
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const kid = 'requests';
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }] };
    const plain = await party({ metadata: { jwks, request_object_signing_alg: 'ES256' } as never });
    const query = plain.request(asking(array));
    const object = await signedRequest(query.params, { ...(await exportJWK(privateKey)), kid });
    const { client_id = '', scope = '', response_type = '' } = query.params;
    const address = `${String(plain.server.authorization_endpoint)}?${new URLSearchParams({ client_id, scope, response_type, request: object })}`;
    const begun: RelyingParty = { ...plain, begin: async () => ({ ...query.started, url: address }) };
    expect((await answers(begun, {})).userinfo.verified_claims).toStrictEqual(expected);
  });

  test('that are asked for in another form are refused, in the query and when pushed', async () => {
    const fapi = await fapiClient(server.issuer, server.client('sandbox-fapi'));
    for (const wrong of [
      null,
      'all',
      [],
      {},
      { any_of: [element()] },
      element({ evidence: [{ type: null }] }),
      element({}, {}),
    ]) {
      const { url } = await rp.begin(asking(wrong));
      const refused = answerIn((await createBrowser().open(url)).location);
      expect(refused).toMatchObject({
        error: 'invalid_request',
        error_description: expect.stringMatching(/^verified_claims/),
      });
      const pushed = await fapi.par(asking(undefined, wrong));
      expect([pushed.status, pushed.json().error]).toEqual([400, 'invalid_request']);
    }
  });

  test('are had only as far as the client may have claims, and not at all by one that was never allowed', async () => {
    const everything = element({}, { name: null, nationalities: null, personal_identification_number: null });
    const some = await party({ allowedClaims: ['verified_claims', 'nationalities'] });
    const said = await answers(some, asking(everything));
    expect((said.userinfo.verified_claims as VerifiedClaims).claims).toStrictEqual({
      name: 'Nguyễn Thị Lan Anh',
      nationalities: ['VNM'],
    });
    const numbers = await party({ allowedScopes: ['openid', 'profile', 'vn_pin'] });
    expect(
      ((await answers(numbers, asking(everything))).userinfo.verified_claims as VerifiedClaims).claims,
    ).toStrictEqual({
      name: 'Nguyễn Thị Lan Anh',
      personal_identification_number: server.persona('level-2-chip').identityNumber,
    });
    const never = await party({ allowedClaims: [] });
    expect(await answers(never, asking(everything, everything))).toMatchObject({
      userinfo: { sub: expect.any(String) },
      idToken: { sub: expect.any(String) },
    });
    for (const place of ['userinfo', 'idToken'] as const)
      expect((await answers(never, asking(everything, everything)))[place]).not.toHaveProperty('verified_claims');
    // A filter that may not be asked for lets nothing through.
    const byNumber = element({
      evidence: [{ type: { value: 'document' }, document_details: { document_number: { value: '1' } } }],
    });
    expect((await answers(some, asking(byNumber))).userinfo).not.toHaveProperty('verified_claims');
  });

  test('end with what the client was allowed, for tokens that it has already', async () => {
    const from = await party({ allowedClaims: ['verified_claims', 'nationalities'] });
    const { signed } = await answers(from, asking(element({}, { name: null, nationalities: null })));
    const { config } = from;
    const narrowed = async (allowedClaims: string[]): Promise<unknown> => {
      const terms = { allowedScopes: ['openid', 'profile'], allowedClaims };
      const registration = aRegistration({ clientId: config.client_id, ...terms });
      const parsed = parseRegistration({
        ...registration,
        metadata: { ...registration.metadata, redirect_uris: [...config.redirect_uris!] },
      });
      if (!parsed.parsed) throw new Error(JSON.stringify(parsed.faults));
      const secret = config.client_secret!;
      await server.app.parts.relyingParties.putSandboxClients([{ registration: parsed.registration, secret }]);
      return (await userinfo(from, signed.tokens)).verified_claims;
    };
    const verification = { trust_framework: framework };
    expect(await narrowed(['verified_claims'])).toStrictEqual({ verification, claims: { name: 'Nguyễn Thị Lan Anh' } });
    expect(await narrowed([])).toBeUndefined();
  });

  test('are nobody’s who was never verified', async () => {
    const newcomer = await register(server, { accountLevel: 1, has: ['password', 'passkey'] });
    expect((await answers(rp, asking(element()), newcomer)).userinfo).not.toHaveProperty('verified_claims');
  });

  test('of somebody who was verified over the network never pass for those of a counter', async () => {
    const hash = createHash('sha256').update('an answer of the register').digest('hex');
    const checks = ['phone_confirmed', 'register_match', 'phone_ownership', 'face_match'];
    const online = await register(server, {
      accountLevel: 1,
      has: ['password', 'passkey'],
      proofing: aProofing({
        ...{ accountLevel: 1, channel: 'remote', fingerprintsMatched: false, officer: 'system' },
        evidence: [{ kind: 'register_entry', strength: 'strong', checks, hash }],
      }),
    });
    const record = {
      evidence: [{ type: { value: 'electronic_record' }, record: { type: null } }],
      assurance_level: null,
    };
    expect((await answers(rp, asking(element(record)), online)).userinfo.verified_claims).toStrictEqual({
      verification: {
        trust_framework: `${server.issuer}/ida/test/framework/remote`,
        assurance_level: 'remote-register-face',
        evidence: [{ type: 'electronic_record', record: { type: 'population_register' } }],
      },
      claims: { name: 'Đặng Thị Ngọc Huyền' },
    });
    const counter = element({ trust_framework: { value: framework } });
    expect((await answers(rp, asking(counter), online)).userinfo).not.toHaveProperty('verified_claims');
  });

  test.each(['ES256', 'PS256'] as const)('come signed with %s where the client is registered for it', async (alg) => {
    const from = await party({ metadata: { userinfo_signed_response_alg: alg } as never });
    expect(from.server.userinfo_signing_alg_values_supported).toContain(alg);
    const asked = element({ assurance_level: null });
    const { tokens, idToken } = await signedIn(from, who, asking(asked), passkey);
    const answer = await from.userinfo(tokens.access_token);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, expect.stringMatching(/^application\/jwt/)]);
    // By openid-client, which checks issuer, audience and signature.
    const config = await from.openid();
    const said = await oidc.fetchUserInfo(config, tokens.access_token, String(idToken.sub));
    expect(said).toMatchObject({
      ...{ iss: server.issuer, aud: from.config.client_id, sub: idToken.sub },
      verified_claims: {
        verification: { trust_framework: framework, assurance_level: 'counter-biometric' },
        claims: { name: 'Nguyễn Thị Lan Anh' },
      },
    });
    verifiedClaimsResponse.parse(said.verified_claims);
    const keys = createRemoteJWKSet(new URL(String(from.server.jwks_uri)));
    const { protectedHeader } = await jwtVerify(answer.text, keys, {
      issuer: server.issuer,
      audience: from.config.client_id,
    });
    expect(protectedHeader.alg).toBe(alg);
    const [head, body, signature = ''] = answer.text.split('.');
    const forged = `${head}.${Buffer.from(JSON.stringify({ ...said, sub: 'another' })).toString('base64url')}.${signature}`;
    await expect(jwtVerify(forged, keys)).rejects.toThrow();
    expect(body).toBeDefined();
    // The receipt knows what left in it.
    const { consents, subscribers } = server.app.parts;
    const { id } = (await subscribers.locate(who.identifier))!;
    const receipt = (await consents.disclosures(id)).find(({ clientId }) => clientId === from.config.client_id);
    expect(receipt).toMatchObject({ carrier: 'userinfo', claims: expect.arrayContaining(['verified_claims']) });
  });

  test('are no oracle: twelve different values of one person are heard, of all clients of a legal entity together', async () => {
    const { journal } = server.app.parts;
    const someone = await register(server, { accountLevel: 2, has: ['password', 'passkey'] });
    const entity = (id: string) => ({
      relyingParty: { ...aRegistration().relyingParty, id, legalEntity: { id, name: { vi: id, en: id } } },
    });
    const prober = await party(entity('prober'));
    const guess = async (from: RelyingParty, wish: object) => {
      const asked = element({}, { name: wish, birthdate: null });
      const said = (await answers(from, asking(asked), someone)).userinfo.verified_claims as VerifiedClaims;
      // What is asked without a value is told all along.
      expect(said.claims).toHaveProperty('birthdate');
      return said.claims.name;
    };
    const wrong = Array.from({ length: 11 }, (_, at) => `Nobody ${at}`);
    const right = 'Đặng Thị Ngọc Huyền';
    expect(await guess(prober, { values: wrong })).toBeUndefined();
    // Asked again they are the same questions, in whatever form.
    for (const value of wrong.slice(0, 3)) expect(await guess(prober, { value })).toBeUndefined();
    expect(await guess(prober, { value: 'Nobody at all' })).toBeUndefined();
    expect(await guess(prober, { value: right })).toBeUndefined();
    // Nor by another client of theirs; what was asked before is still heard.
    const sister = await party(entity('prober'));
    expect(await guess(sister, { value: right })).toBeUndefined();
    const other = await party(entity('honest'));
    expect(await guess(other, { value: right })).toBe(right);
    // Too many at once are none of them.
    const greedy = await party(entity('greedy'));
    expect(await guess(greedy, { values: [right, ...wrong, 'Nobody at all'] })).toBeUndefined();
    expect(await guess(greedy, { value: right })).toBe(right);
    const types = ['disclosure.value_asked', 'disclosure.value_refused'] as const;
    const events = await journal.query({ subscriberId: someone.id, types: [...types], limit: 50 });
    const of = (clientId: string) =>
      events
        .filter((event) => event.clientId === clientId)
        .map(({ type, detail }) => [type, detail?.asked, detail?.more]);
    expect(of(prober.config.client_id).reverse()).toEqual([
      [types[0], 0, 11],
      [types[0], 11, 1],
      [types[1], 12, 1],
    ]);
    expect(of(sister.config.client_id)).toEqual([[types[1], 12, 1]]);
    // No value, and nothing of which one was right.
    expect(JSON.stringify(events)).not.toContain('Nobody');
    await server.database.execute(sql`UPDATE asked_values SET since = now() - interval '31 days'`);
    expect(await guess(prober, { value: right })).toBe(right);
  });

  test('of parallel questions are counted one by one', async () => {
    const { askedValues } = server.app.parts;
    const someone = await register(server, { accountLevel: 2, has: ['password', 'passkey'] });
    const asking = { subscriberId: someone.id, clientId: 'asks', legalEntity: 'parallel', claims: ['name'] };
    const asked = await Promise.all(
      Array.from({ length: 30 }, (_, at) => askedValues.admit({ ...asking, hashes: [Buffer.from([at])] })),
    );
    expect(asked.filter(Boolean).length).toBe(12);
  });

  test('lose what was changed since, and end with a recovery until the next verification', async () => {
    const { subscribers } = server.app.parts;
    const someone = await register(server, { accountLevel: 2, has: ['password', 'passkey'] });
    const person = async () => (await subscribers.find(someone.id))!;
    const by = { kind: 'system' } as const;
    await writeTogether(server.database, subscribers.rename(await person(), { fullName: 'Đặng Ngọc Huyền' }, by));
    const said = await answers(
      rp,
      { ...asking(element({}, { name: null, birthdate: null })), scope: 'openid profile' },
      someone,
    );
    expect(said.userinfo).toMatchObject({
      name: 'Đặng Ngọc Huyền',
      verified_claims: { claims: { birthdate: '1990-05-17' } },
    });
    expect((said.userinfo.verified_claims as VerifiedClaims).claims).not.toHaveProperty('name');
    await writeTogether(server.database, await subscribers.requireReproofing(await person(), by));
    // The very same token, and the very same consent.
    expect(await userinfo(rp, said.signed.tokens)).not.toHaveProperty('verified_claims');
  });

  test('leave only after a strong sign-in, or a stronger one where the client says so', async () => {
    const asked = asking(element());
    const weak = await signedIn(await party(), server.claimant('level-2-chip'), asked);
    expect(claimsOf(weak.tokens.id_token).acr).toMatch(/2\.1$/);
    expect(await userinfo(rp, weak.tokens)).not.toHaveProperty('verified_claims');
    const strong = await party({ claimFloors: { verified_claims: { authenticationLevel: 3 } } });
    // Where a client has said so, the sign-in goes on until it is so, or ends with a refusal.
    const begun = await strong.begin(asked);
    const page = await createBrowser().open(begun.url);
    const options = JSON.parse(page.form('passkey-form').attributes.get('data-options') ?? '{}');
    const response = JSON.stringify(who.passkey!.get(options));
    const next = await page.submit({ response }, { form: 'passkey-form' });
    expect(standsAt(next)).not.toBe('consent');
    expect(answerIn(next.location)).not.toHaveProperty('code');
    // A floor of a claim holds for the verified one as well.
    const named = await party({ claimFloors: { name: { authenticationLevel: 2 } } });
    expect((await signedIn(named, who, asked)).idToken.acr).toMatch(/2\.2$/);
  });

  describe('and consent', () => {
    /** Signs in by passkey and stops where consent is asked for. */
    const asks = async (from: RelyingParty, params: Params, browser = createBrowser()) => {
      const started = await from.begin(params);
      let page = await browser.open(started.url);
      if (page.forms.some(({ id }) => id === 'passkey-form')) {
        const options = JSON.parse(page.form('passkey-form').attributes.get('data-options') ?? '{}');
        const response = JSON.stringify(who.passkey!.get(options));
        page = await page.submit({ response }, { form: 'passkey-form' });
      }
      return { started, page, browser };
    };
    const agree = async (page: Page): Promise<string> =>
      (await page.submit({}, { form: 'consent-form', button: 'agree' })).location ?? '';

    test('say before it leaves: framework, level, evidence, and each claim, in both languages', async () => {
      const asked = element(
        {
          assurance_level: null,
          time: null,
          evidence: [{ type: { value: 'document' }, check_details: [{ check_method: null }] }],
        },
        { name: { value: 'Somebody else' }, birthdate: null },
      );
      for (const [ui_locales, words] of [
        [
          'vi',
          [
            'Xác minh trực tiếp tại điểm tiếp nhận',
            'Cán bộ đã đối chiếu khuôn mặt và vân tay của bạn',
            'thẻ căn cước',
            'Ngày sinh (đã xác minh)',
          ],
        ],
        [
          'en',
          [
            'Verified in person at an office',
            'An officer compared your face and fingerprints',
            'identity card',
            'Date of birth (verified)',
          ],
        ],
      ] as const) {
        const { page } = await asks(await party(), { ...asking(asked), ui_locales });
        expect(standsAt(page)).toBe('consent');
        for (const said of words) expect(page.words).toContain(said);
        // What a value is held against is not looked at before somebody has agreed.
        expect(page.words).toContain('Nguyễn Thị Lan Anh');
        expect(page.words).not.toContain('Somebody else');
      }
    });

    test('to a part is none to the rest', async () => {
      const from = await party();
      const { started, page, browser } = await asks(from, asking(element()));
      const tokens = (await from.exchange(await agree(page), started)).json<Tokens>();
      expect((await userinfo(from, tokens)).verified_claims).toMatchObject({ claims: { name: 'Nguyễn Thị Lan Anh' } });
      // The same again goes without a page; anything more does not, be it in the verification.
      expect(standsAt((await asks(from, asking(element()), browser)).page)).toBe('callback');
      for (const more of [element({}, { birthdate: null }), element({ time: null }), element({ time: { max_age: 1 } })])
        expect(standsAt((await asks(from, asking(more), browser)).page)).toBe('consent');
      // Another browser, another day: what was agreed to once is known.
      expect(standsAt((await asks(from, asking(element()))).page)).toBe('callback');
      const none = await from.begin({ ...asking(element({}, { gender: null })), prompt: 'none' });
      expect(answerIn((await browser.open(none.url)).location).error).toBe('consent_required');
    });

    test('that is kept, and what left, name each place', async () => {
      const from = await party();
      const { started, page } = await asks(
        from,
        asking(
          element(
            { time: null },
            { name: null, gender: { value: 'male' }, personal_identification_number: null, unheard_of: null },
          ),
        ),
      );
      const tokens = (await from.exchange(await agree(page), started)).json<Tokens>();
      await userinfo(from, tokens);
      const about = sql`client_id = ${from.config.client_id}`;
      expect(await server.database.rows(sql`SELECT claims FROM consent_entries WHERE ${about}`)).toEqual([
        {
          claims: [
            'verified_claims',
            'verified_claims.verification.trust_framework',
            'verified_claims.verification.time',
            'verified_claims.claims.name',
            'verified_claims.claims.gender',
          ],
        },
      ]);
      expect(await server.database.rows(sql`SELECT claims, carrier FROM disclosure_receipts WHERE ${about}`)).toEqual([
        { claims: ['verified_claims', 'verified_claims.claims.name'], carrier: 'userinfo' },
      ]);
    });

    test('is held against at each answer, place by place', async () => {
      const { subscribers, relyingParties, policies } = server.app.parts;
      const verified = createVerifiedClaims({
        ...{ issuer: server.issuer, sandbox: true, subscribers, policy: policies.inForce, clock: systemClock },
        sealer: testSealer('verified-claims'),
      });
      const client = (await relyingParties.find('sandbox-confidential'))!;
      const person = (await subscribers.locate(server.persona('level-2-chip').identityNumber))!;
      const frozen: FrozenAssurance = {
        ...{ acr: '', amr: [], authTime: 0, phishingResistant: true, strong: true },
        accountLevel: 2,
        authenticationLevel: 2,
        policy: (await policies.inForce()).version,
      };
      const asked = element({ time: null }, { name: null, birthdate: null });
      const said = (agreed: string[]) => verified.release({ asked, person, client, agreed, frozen });
      const named = ['verification.trust_framework', 'claims.name'].map((place) => `verified_claims.${place}`);
      expect(await said(named)).toStrictEqual({
        verification: { trust_framework: framework },
        claims: { name: 'Nguyễn Thị Lan Anh' },
      });
      expect(await said(named.slice(1))).toBeUndefined();
      expect(await said([])).toBeUndefined();
    });

    test('that is not given lets nothing leave', async () => {
      const { page } = await asks(await party(), asking(element()));
      const refused = await page.submit({}, { form: 'consent-form', button: 'refuse' });
      expect(answerIn(refused.location).error).toBe('access_denied');
    });
  });

  test('have handles that no other sector has, and the same ones again in theirs', async () => {
    const asked = asking(
      element({
        verification_process: null,
        evidence: [{ type: { value: 'document' }, check_details: [{ check_method: null, check_id: null }] }],
      }),
    );
    const entity = (id: string) => ({ id, name: { vi: id, en: id } });
    const base = { id: 'one', name: { vi: 'Một', en: 'One' }, mark: 'MM', colour: '#112233' };
    const one = await party({ relyingParty: { ...base, legalEntity: entity('entity-one') } });
    const same = await party({ relyingParty: { ...base, legalEntity: entity('entity-one') } });
    const other = await party({ relyingParty: { ...base, id: 'two', legalEntity: entity('entity-two') } });
    const handles = async (from: RelyingParty): Promise<string[]> => {
      const { verification } = (await answers(from, asked)).userinfo.verified_claims as VerifiedClaims;
      const checks = verification.evidence!.flatMap((each) =>
        'check_details' in each ? (each.check_details ?? []) : [],
      );
      return [String(verification.verification_process), ...checks.map(({ check_id }) => String(check_id))];
    };
    const mine = await handles(one);
    expect(new Set(mine).size).toBe(6);
    expect(await handles(same)).toEqual(mine);
    for (const theirs of await handles(other)) expect(mine).not.toContain(theirs);
  });

  test('stand in discovery as far as they can be had', () => {
    expect(rp.server).toMatchObject({
      claims_parameter_supported: true,
      claim_types_supported: ['normal'],
      claims_supported: expect.arrayContaining(['verified_claims']),
      trust_frameworks_supported: expect.arrayContaining([framework]),
      claims_in_verified_claims_supported: expect.arrayContaining(['name', 'birthdate']),
      evidence_supported: ['document', 'electronic_record', 'vouch'],
      documents_supported: expect.arrayContaining(['idcard']),
      documents_check_methods_supported: expect.arrayContaining(['vcrypt']),
      electronic_records_supported: ['population_register'],
    });
    for (const old of ['verified_claims_supported', 'documents_methods_supported', 'id_documents_supported'])
      expect(rp.server).not.toHaveProperty(old);
  });
});
