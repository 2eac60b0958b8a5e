import { createHash, randomBytes } from 'node:crypto';
import { importJWK, type JWK, SignJWT } from 'jose';
import * as oidc from 'openid-client';
import { createDpopKey, type DpopKey } from './dpop.ts';
import { CALLBACK, createSend, type Reply, type Send } from './http-client.ts';

/** A client as GET /sandbox/clients.json lists it: its metadata, with what it proves itself by. */
export interface ClientConfig {
  readonly client_id: string;
  readonly client_secret?: string;
  /** Private keys. */
  readonly jwks?: { readonly keys: readonly JWK[] };
  readonly redirect_uris?: readonly string[];
  readonly [more: string]: unknown;
}

/** An authorization request under way. */
export interface Started {
  readonly url: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirectUri: string;
}

/** Parameters; undefined leaves a default out. */
export type Params = Record<string, string | undefined>;

export interface RequestOptions {
  /** Sent as they are, over what would be sent. */
  readonly headers?: Record<string, string>;
  /** false: the client does not say who it is. */
  readonly authenticate?: boolean;
  /** Another key than this client's own; false: no proof. */
  readonly dpop?: DpopKey | false;
}

export interface Tokens {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly id_token?: string;
  readonly refresh_token?: string;
  readonly scope?: string;
}

/** A relying party by hand: each request is one call, answered as it came, so that a test can bend any part of it. */
export interface RelyingParty {
  readonly config: ClientConfig;
  readonly issuer: string;
  /** The discovery document. */
  readonly server: Record<string, string> & Record<string, unknown>;
  readonly dpop: DpopKey | undefined;
  /** The same client in openid-client, which checks what it gets. */
  openid(): Promise<oidc.Configuration>;
  /** What an authorization request holds, with PKCE, state and nonce. */
  request(params?: Params): { params: Record<string, string>; started: Omit<Started, 'url'> };
  /** An authorization request: pushed for a FAPI client, in the query for others. */
  begin(params?: Params): Promise<Started>;
  par(params?: Params, options?: RequestOptions): Promise<Reply>;
  token(params: Params, options?: RequestOptions): Promise<Reply>;
  /** Redeems the code of a callback (its address, or the code itself). */
  exchange(
    callback: string,
    started: Pick<Started, 'verifier' | 'redirectUri'>,
    options?: RequestOptions,
  ): Promise<Reply>;
  refresh(refreshToken: string, params?: Params, options?: RequestOptions): Promise<Reply>;
  clientCredentials(params?: Params, options?: RequestOptions): Promise<Reply>;
  introspect(token: string, params?: Params, options?: RequestOptions): Promise<Reply>;
  revoke(token: string, params?: Params, options?: RequestOptions): Promise<Reply>;
  userinfo(accessToken: string, options?: RequestOptions): Promise<Reply>;
  /** A private_key_jwt assertion (RFC 7523); claims given replace the usual ones. */
  assertion(claims?: Record<string, unknown>): Promise<string>;
  endSessionUrl(params?: Params): string;
}

/** How this party differs from what its metadata says. */
export interface PartyOptions {
  readonly send?: Send;
  readonly via?: Record<string, string>;
  readonly par?: boolean;
  readonly dpop?: boolean | DpopKey;
}

const random = (): string => randomBytes(32).toString('base64url');
const given = (params: Params): Record<string, string> =>
  Object.fromEntries(Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== undefined));
/** RFC 6749 §2.3.1: both halves are form-encoded before they are joined. */
const formEncoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

/** The PKCE challenge of a verifier (RFC 7636 §4.2, S256). */
export const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');

/** A relying party that proves itself as its metadata says: private key, secret (basic), or not at all. */
export async function createRelyingParty(
  issuer: string,
  config: ClientConfig,
  options: PartyOptions = {},
): Promise<RelyingParty> {
  const send = options.send ?? createSend(options.via ? { via: options.via } : {});
  const discovery = await send(`${issuer}/.well-known/openid-configuration`);
  if (discovery.status !== 200) throw new Error(`no discovery document: ${discovery.status} ${discovery.text}`);
  const server = discovery.json<RelyingParty['server']>();
  const jwk = config.jwks?.keys[0];
  const dpop = options.dpop === true ? await createDpopKey() : options.dpop || undefined;
  const redirectUri = config.redirect_uris?.[0] ?? CALLBACK;

  const assertion: RelyingParty['assertion'] = async (claims = {}) => {
    if (!jwk) throw new Error(`${config.client_id} has no key`);
    const now = Math.floor(Date.now() / 1000);
    const { client_id } = config;
    const payload = { iss: client_id, sub: client_id, aud: issuer, jti: random(), iat: now, exp: now + 60, ...claims };
    const alg = jwk.alg ?? (jwk.kty === 'EC' ? 'ES256' : jwk.kty === 'OKP' ? 'EdDSA' : 'PS256');
    return new SignJWT(payload)
      .setProtectedHeader({ alg, ...(jwk.kid ? { kid: jwk.kid } : {}) })
      .sign(await importJWK(jwk, alg));
  };

  const identity = async (): Promise<{ headers: Record<string, string>; params: Params }> => {
    const { client_id, client_secret } = config;
    if (jwk) {
      const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
      return { headers: {}, params: { client_id, client_assertion_type, client_assertion: await assertion() } };
    }
    if (client_secret === undefined) return { headers: {}, params: { client_id } };
    const basic = Buffer.from(`${formEncoded(client_id)}:${formEncoded(client_secret)}`).toString('base64');
    return { headers: { authorization: `Basic ${basic}` }, params: {} };
  };

  /** Sends with a proof of `key`; when the server wants a nonce (RFC 9449 §8), once more with it. */
  const withProof = async (
    key: DpopKey | undefined,
    proof: { method: string; url: string; accessToken?: string },
    act: (headers: Record<string, string>) => Promise<Reply>,
  ): Promise<Reply> => {
    if (!key) return act({});
    const nonce = key.nonce;
    const reply = await act({ dpop: await key.proof(proof) });
    const told = reply.headers['dpop-nonce'];
    if (typeof told === 'string') key.nonce = told;
    const wants = `${reply.headers['www-authenticate'] ?? ''}${reply.text}`.includes('use_dpop_nonce');
    return wants && key.nonce !== nonce ? act({ dpop: await key.proof(proof) }) : reply;
  };

  const keyOf = ({ dpop: chosen }: RequestOptions): DpopKey | undefined =>
    chosen === false ? undefined : (chosen ?? dpop);

  const post = async (url: string, params: Params, options: RequestOptions = {}, prove = false): Promise<Reply> =>
    withProof(prove ? keyOf(options) : undefined, { method: 'POST', url }, async (proof) => {
      // A new assertion each time: its jti is good for one request.
      const who = options.authenticate === false ? { headers: {}, params: {} } : await identity();
      const body = new URLSearchParams(given({ ...who.params, ...params })).toString();
      const type = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
      return send(url, { method: 'POST', body, headers: { ...type, ...who.headers, ...proof, ...options.headers } });
    });

  const request: RelyingParty['request'] = (params = {}) => {
    const started = {
      state: random(),
      nonce: random(),
      verifier: random(),
      redirectUri: params.redirect_uri ?? redirectUri,
    };
    const usual = {
      client_id: config.client_id,
      response_type: 'code',
      redirect_uri: started.redirectUri,
      scope: 'openid',
      state: started.state,
      nonce: started.nonce,
      code_challenge: challengeOf(started.verifier),
      code_challenge_method: 'S256',
    };
    return { params: given({ ...usual, ...params }), started };
  };

  const party: RelyingParty = {
    config,
    issuer,
    server,
    dpop,
    assertion,
    request,
    async openid() {
      const auth = jwk
        ? oidc.PrivateKeyJwt({ key: (await importJWK(jwk, jwk.alg ?? 'ES256')) as oidc.CryptoKey, kid: jwk.kid! })
        : config.client_secret === undefined
          ? oidc.None()
          : oidc.ClientSecretBasic(config.client_secret);
      const execute = [oidc.allowInsecureRequests];
      return oidc.discovery(new URL(issuer), config.client_id, {}, auth, { execute });
    },
    async begin(params) {
      const { params: all, started } = request(params);
      const url = new URL(server.authorization_endpoint!);
      if (options.par) {
        const pushed = await party.par(all);
        if (pushed.status !== 201) throw new Error(`the request was not taken: ${pushed.status} ${pushed.text}`);
        const { request_uri } = pushed.json<{ request_uri: string }>();
        url.search = new URLSearchParams({ client_id: config.client_id, request_uri }).toString();
      } else url.search = new URLSearchParams(all).toString();
      return { ...started, url: url.href };
    },
    // Pushing under the key binds the code to it (RFC 9449 §10); without a proof the code is bound by PKCE alone.
    par: (params = {}, options) =>
      post(server.pushed_authorization_request_endpoint!, params, { dpop: false, ...options }, true),
    token: (params, options) => post(server.token_endpoint!, params, options, true),
    exchange(callback, { verifier, redirectUri }, options) {
      const code = callback.includes('://') ? (new URL(callback).searchParams.get('code') ?? '') : callback;
      if (!code) throw new Error(`no code in ${callback}`);
      const params = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
      return party.token(params, options);
    },
    refresh: (refresh_token, params, options) =>
      party.token({ grant_type: 'refresh_token', refresh_token, ...params }, options),
    clientCredentials: (params, options) => party.token({ grant_type: 'client_credentials', ...params }, options),
    introspect: (token, params, options) => post(server.introspection_endpoint!, { token, ...params }, options),
    revoke: (token, params, options) => post(server.revocation_endpoint!, { token, ...params }, options),
    userinfo(accessToken, options = {}) {
      const url = server.userinfo_endpoint!;
      const key = keyOf(options);
      const authorization = `${key ? 'DPoP' : 'Bearer'} ${accessToken}`;
      return withProof(key, { method: 'GET', url, accessToken }, (proof) =>
        send(url, { headers: { authorization, accept: 'application/json', ...proof, ...options.headers } }),
      );
    },
    endSessionUrl: (params = {}) => `${server.end_session_endpoint}?${new URLSearchParams(given(params))}`,
  };
  return party;
}

/** A confidential client with a secret. */
export const plainClient = (issuer: string, config: ClientConfig, options?: PartyOptions): Promise<RelyingParty> =>
  createRelyingParty(issuer, config, options);

/** A client without a secret. */
export const publicClient = (
  issuer: string,
  { client_secret: _, jwks: __, ...config }: ClientConfig,
  options?: PartyOptions,
): Promise<RelyingParty> => createRelyingParty(issuer, config as ClientConfig, options);

/** A FAPI 2.0 client: signed assertions, pushed requests, tokens bound to a key. */
export const fapiClient = (issuer: string, config: ClientConfig, options?: PartyOptions): Promise<RelyingParty> =>
  createRelyingParty(issuer, config, { par: true, dpop: true, ...options });
