import { createHash, generateKeyPairSync, type JsonWebKey, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, importJWK, type JWK, SignJWT } from 'jose';
import { expect } from 'vitest';
import type { DpopKey } from '../../../support/dpop.ts';
import { type Browser, CALLBACK, createBrowser, type Page, type Reply } from '../../../support/http-client.ts';
import {
  type ClientConfig,
  fapiClient,
  type Params,
  type RelyingParty,
  type RequestOptions,
  type Started,
  type Tokens,
} from '../../../support/relying-party.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import type { Claimant } from '../../../support/sign-in.ts';
import { answerIn, type Flow, registerClient, visit } from '../suite.ts';
import { redeem } from '../tokens.ts';

/** What the FAPI 2.0 modules run with. */
export interface FapiPlan {
  readonly server: TestServer;
  /** private_key_jwt by PS256, and a key for proofs of its own. */
  readonly client: RelyingParty;
  readonly client2: RelyingParty;
  /** A browser in which somebody is signed in who has agreed to everything at both clients. */
  readonly browser: Browser;
  readonly person: Claimant;
  /** Pushes a request and gives the authorization request that the suite makes of it: its parameters stand beside the request_uri. */
  push(params?: Params, more?: PushOptions): Promise<Started>;
  /** A whole authorization in that browser. */
  authorize(params?: Params, more?: PushOptions): Promise<Flow>;
  /** An authorization and its tokens. */
  tokens(params?: Params, more?: PushOptions): Promise<Flow & { tokens: Tokens; reply: Reply }>;
}

export interface PushOptions {
  readonly party?: RelyingParty;
  /** In the authorization request, over what stands there otherwise; undefined leaves out. */
  readonly outside?: Params;
  readonly par?: RequestOptions;
  readonly as?: Claimant;
}

/** What the person has agreed to at both clients. */
export const FAPI_SCOPE = 'openid profile email phone address';

/** A key pair of RSA for PS256: what it signs by RS256 must not pass. */
export const rsaKey = (kid: string): JWK => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...(privateKey.export({ format: 'jwk' }) as JWK), kid, alg: 'PS256', use: 'sig' };
};

/** A key for proofs that signs whatever it is given: for proofs that are wrong. */
export interface CraftedKey extends DpopKey {
  readonly privateJwk: JWK;
  /** Signs these very members; undefined leaves one out. */
  craft(header: Record<string, unknown>, payload: Record<string, unknown>): Promise<string>;
  /** The usual proof for a request, before anything is wrong with it. */
  usual(about: { method: string; url: string; accessToken?: string }): {
    header: Record<string, unknown>;
    payload: Record<string, unknown>;
  };
}

export async function craftedKey(): Promise<CraftedKey> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const privateJwk = privateKey.export({ format: 'jwk' }) as JWK;
  const { d: _, ...jwk } = privateJwk;
  const signer = await importJWK(privateJwk, 'ES256');
  const key: CraftedKey = {
    privateJwk,
    jwk,
    thumbprint: await calculateJwkThumbprint(jwk),
    nonce: undefined,
    craft: (header, payload) => new SignJWT(payload).setProtectedHeader(header as { alg: string }).sign(signer),
    usual: ({ method, url, accessToken }) => ({
      header: { typ: 'dpop+jwt', alg: 'ES256', jwk },
      payload: {
        jti: randomUUID(),
        htm: method,
        htu: url.split(/[?#]/)[0],
        iat: Math.floor(Date.now() / 1000),
        ...(key.nonce ? { nonce: key.nonce } : {}),
        ...(accessToken ? { ath: createHash('sha256').update(accessToken).digest('base64url') } : {}),
      },
    }),
    proof(about, claims = {}, header = {}) {
      const usual = key.usual(about);
      return key.craft({ ...usual.header, ...header }, { ...usual.payload, ...claims });
    },
  };
  return key;
}

const publicHalf = ({ kty, n, e, kid, alg, use }: JWK): JsonWebKey => ({ kty, n, e, kid, alg, use }) as JsonWebKey;

/** Registers a FAPI client with an RSA key for PS256. */
export async function registerFapi(
  server: TestServer,
  clientId: string,
  more: Record<string, unknown> = {},
): Promise<ClientConfig> {
  const key = rsaKey(`${clientId}-1`);
  const config = await registerClient(server, clientId, {
    fapi: true,
    metadata: {
      redirect_uris: [CALLBACK, `${CALLBACK}?dummy1=lorem&dummy2=ipsum`],
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'PS256',
      require_pushed_authorization_requests: true,
      dpop_bound_access_tokens: true,
      jwks: { keys: [publicHalf(key)] },
      ...more,
    },
  });
  return { ...config, jwks: { keys: [key] } };
}

/** The server, two clients and a signed-in browser. */
export async function prepareFapi(): Promise<FapiPlan> {
  const server = await startServer();
  const { issuer } = server;
  const party = async (id: string, more?: Record<string, unknown>) =>
    fapiClient(issuer, await registerFapi(server, id, more), { dpop: await craftedKey() });
  const client = await party('suite-fapi');
  const client2 = await party('suite-fapi2', { id_token_signed_response_alg: 'PS256' });
  const { totpSecret: _, ...person } = server.claimant('level-2-chip');
  const browser = createBrowser();

  const push: FapiPlan['push'] = async (params = {}, { party: who = client, outside = {}, par } = {}) => {
    const { params: all, started } = who.request(params);
    const reply = await who.par(all, par);
    expect(reply.status, reply.text).toBe(201);
    const { request_uri } = reply.json<{ request_uri: string }>();
    const { client_id, response_type, scope, redirect_uri } = all;
    const beside: Params = { client_id, request_uri, response_type, scope, redirect_uri, ...outside };
    const given = Object.entries(beside).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return { ...started, url: `${who.server.authorization_endpoint}?${new URLSearchParams(given)}` };
  };
  const authorize: FapiPlan['authorize'] = async (params, more = {}) => {
    const started = await push(params, more);
    const page = await visit(browser, started, more.as ? { as: more.as } : {});
    return { started, page, answer: answerIn(page, { party: more.party ?? client, started, mode: 'query' }) };
  };
  for (const each of [client, client2]) {
    const { answer } = await authorize({ scope: FAPI_SCOPE }, { party: each, as: person });
    expect(answer.code, JSON.stringify(answer)).toBeTruthy();
  }
  return {
    ...{ server, client, client2, browser, person, push, authorize },
    tokens: async (params, more = {}) => {
      const flow = await authorize(params, more);
      const reply = await redeem(more.party ?? client, flow);
      expect(reply.status, reply.text).toBe(200);
      return { ...flow, reply, tokens: reply.json<Tokens>() };
    },
  };
}

/** The resource of these modules: userinfo, with a proof of the client's key unless headers say otherwise. */
export async function resource(
  party: RelyingParty,
  accessToken: string,
  { headers = {}, key = party.dpop as CraftedKey }: { headers?: Record<string, string>; key?: CraftedKey } = {},
): Promise<Reply> {
  return party.userinfo(accessToken, { headers, dpop: key });
}

/** What stands on a page that refuses a request, or the error that a redirect carries. */
export function refusal(
  page: Page,
  started: Started,
  party: RelyingParty,
): { error: string; state?: string | undefined } {
  if (!page.location?.startsWith(CALLBACK)) {
    expect(page.status, page.words.slice(0, 200)).toBe(400);
    return { error: 'page' };
  }
  const { code, error = '', state } = answerIn(page, { party, started, mode: 'query' });
  expect(code).toBeUndefined();
  return { error, state };
}
