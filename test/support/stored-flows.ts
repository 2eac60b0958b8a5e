import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import type { DpopKey } from './dpop.ts';
import { CALLBACK, createBrowser, createSend, type Reply, type Send } from './http-client.ts';
import { SECRET, type StoredProviderKeys } from './stored-provider.ts';

/** A relying party's side of the flows, one request at a time, towards a provider of stored-provider.ts. */
export type Flows = ReturnType<typeof createFlows>;
export type Browser = ReturnType<typeof createBrowser>;

/** One code challenge and its answer. */
export const pkce = () => {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
};

const basic = (client: string) => ({ authorization: `Basic ${Buffer.from(`${client}:${SECRET}`).toString('base64')}` });
const FORM = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };

export function createFlows(issuer: string, keys: StoredProviderKeys, via?: string) {
  const places = via ? { via: { [issuer]: via } } : {};
  const send: Send = createSend(places);
  const browser = (): Browser => createBrowser(places);

  const post = (path: string, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Reply> =>
    send(issuer + path, {
      method: 'POST',
      body: new URLSearchParams(form).toString(),
      headers: { ...FORM, ...headers },
    });

  /** How a client says who it is: headers and fields. */
  const authenticated = (client: string): { headers: Record<string, string>; fields: Record<string, string> } =>
    client === 'app' || client === 'tv'
      ? { headers: {}, fields: { client_id: client } }
      : { headers: basic(client), fields: {} };

  const authorizationUrl = (client: string, challenge: string, more: Record<string, string> = {}): string =>
    `${issuer}/auth?${new URLSearchParams({
      client_id: client,
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope: 'openid',
      state: 'a-state',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...more,
    })}`;

  /** From an address to the code, through the page if there is one. */
  async function codeFrom(person: Browser, url: string, as = 'someone'): Promise<string> {
    let page = await person.open(url);
    // The page is opened, then sent once.
    if (page.status === 200) page = await person.open(`${page.url}?as=${as}`, { method: 'POST' });
    const code = page.location && new URL(page.location).searchParams.get('code');
    if (!code) throw new Error(`no code: ${page.status} ${page.location} ${page.text.slice(0, 500)}`);
    return code;
  }

  const assertion = async (client = 'fapi', jti: string = randomUUID()): Promise<Record<string, string>> => ({
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await new SignJWT({ jti })
      .setProtectedHeader({ alg: 'ES256', kid: 'client' })
      .setIssuer(client)
      .setSubject(client)
      .setAudience(issuer)
      .setIssuedAt()
      .setExpirationTime('60s')
      .sign(await importJWK(keys.client, 'ES256')),
  });

  const redeem = (client: string, code: string, verifier: string, headers: Record<string, string> = {}) => {
    const who = authenticated(client);
    const form = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: CALLBACK };
    return post('/token', { ...form, ...who.fields }, { ...who.headers, ...headers });
  };

  const refresh = (client: string, token: string, more: Record<string, string> = {}) => {
    const who = authenticated(client);
    return post('/token', { grant_type: 'refresh_token', refresh_token: token, ...more, ...who.fields }, who.headers);
  };

  const push = (form: Record<string, string>, assertionFields: Record<string, string>, headers = {}) =>
    post(
      '/request',
      {
        client_id: 'fapi',
        response_type: 'code',
        redirect_uri: CALLBACK,
        scope: 'openid',
        ...form,
        ...assertionFields,
      },
      headers,
    );

  return {
    issuer,
    send,
    browser,
    post,
    authorizationUrl,
    codeFrom,
    assertion,
    redeem,
    refresh,
    push,
    userinfo: (token: string) => send(`${issuer}/me`, { headers: { authorization: `Bearer ${token}` } }),
    introspect: (client: string, token: string) => post('/token/introspection', { token }, basic(client)),
    revoke: (client: string, token: string) => {
      const who = authenticated(client);
      return post('/token/revocation', { token, ...who.fields }, who.headers);
    },
    clientCredentials: () => post('/token', { grant_type: 'client_credentials' }, basic('service')),
    /** A code flow up to the tokens. */
    async tokens(client: string, person: Browser = browser(), more: Record<string, string> = {}, as = 'someone') {
      const { verifier, challenge } = pkce();
      const code = await codeFrom(person, authorizationUrl(client, challenge, more), as);
      const reply = await redeem(client, code, verifier);
      if (reply.status !== 200) throw new Error(`no tokens: ${reply.text}`);
      return { ...reply.json<Tokens>(), code, verifier };
    },
    /** A pushed request's address for the browser. */
    async pushed(challenge: string, headers = {}) {
      const form = { code_challenge: challenge, code_challenge_method: 'S256', state: 'a-state' };
      const reply = await push(form, await assertion(), headers);
      const uri = reply.json<{ request_uri?: string }>().request_uri;
      if (!uri) throw new Error(`nothing pushed: ${reply.text}`);
      return { uri, url: `${issuer}/auth?${new URLSearchParams({ client_id: 'fapi', request_uri: uri })}` };
    },
    /** The redemption of a FAPI client's code. */
    async redeemBound(
      code: string,
      verifier: string,
      key: DpopKey,
      given: { assertion?: object; proof?: string } = {},
    ) {
      const proof = given.proof ?? (await key.proof({ method: 'POST', url: `${issuer}/token` }));
      const form = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: CALLBACK };
      return post('/token', { ...form, ...((given.assertion as object) ?? (await assertion())) }, { dpop: proof });
    },
  };
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
}
