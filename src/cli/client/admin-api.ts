import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type CryptoKey, importJWK, SignJWT } from 'jose';
import { newToken } from '../../platform/ids.ts';
import { CommandFault } from '../command-fault.ts';

/** An answer of the admin API that is a problem document (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly members: Readonly<Record<string, unknown>>;
  constructor(status: number, members: Readonly<Record<string, unknown>>) {
    super(`${status} ${String(members.title ?? '')}`);
    this.status = status;
    this.code = String(members.code ?? `status ${status}`);
    this.members = members;
  }
}

/** The admin API of a server, as an API client of an operator's. */
export interface AdminApi {
  /** Undefined when there is nothing of this name. Throws `Problem`. */
  get<T>(path: string): Promise<T | undefined>;
  /** `revision` is what was looked at. Throws `Problem`. */
  post<T>(path: string, body: unknown, revision?: number): Promise<T>;
}

const PATIENCE = 15_000;

/** Proves itself with a key (RFC 7523) and asks for a token when the last one ends. Throws `CommandFault` 1, 2 and 69. */
export async function createAdminApi(as: {
  readonly issuer: string;
  readonly clientId: string;
  readonly keyFile: string;
}): Promise<AdminApi> {
  const base = `${as.issuer}/admin/v1`;
  const key = await keyIn(as.keyFile);
  const endpoint = await tokenEndpoint(as.issuer);
  let token: { value: string; until: number } | undefined;
  const authorized = async (): Promise<string> => {
    if (!token || token.until <= Date.now()) token = await freshToken({ ...as, ...key, endpoint, resource: base });
    return `Bearer ${token.value}`;
  };
  const call = async (method: string, path: string, more: { body?: string; headers?: Record<string, string> } = {}) => {
    const headers = { accept: 'application/json', authorization: await authorized(), ...more.headers };
    const response = await ask(`${base}${path}`, { method, ...more, headers });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Problem(response.status, answer as Record<string, unknown>);
    return answer;
  };
  return {
    async get<T>(path: string) {
      try {
        return (await call('GET', path)) as T;
      } catch (error) {
        if (error instanceof Problem && error.status === 404) return undefined;
        throw error instanceof Problem ? new CommandFault(1, `The admin API refuses this: ${error.code}.`) : error;
      }
    },
    post: async <T>(path: string, body: unknown, revision?: number) =>
      (await call('POST', path, {
        body: JSON.stringify(body),
        headers: {
          'content-type': 'application/json',
          ...(revision === undefined ? {} : { 'if-match': `"${revision}"` }),
        },
      })) as T,
  };
}

async function ask(url: string, options: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE), ...options });
  } catch {
    throw new CommandFault(69, `${new URL(url).origin} does not answer: is it running, and does the name lead there?`);
  }
}

/** Where tokens come from, by the server's own word; a document of another issuer is not believed (RFC 8414 §3.3). */
async function tokenEndpoint(issuer: string): Promise<string> {
  const response = await ask(`${issuer}/.well-known/openid-configuration`);
  const told = (await response.json().catch(() => ({}))) as { issuer?: string; token_endpoint?: string };
  if (told.issuer !== issuer || !told.token_endpoint?.startsWith(`${new URL(issuer).origin}/`))
    throw new CommandFault(69, `${issuer} answers, and is not that issuer.`);
  return told.token_endpoint;
}

interface Grant {
  readonly issuer: string;
  readonly clientId: string;
  readonly endpoint: string;
  readonly resource: string;
  readonly key: KeyObject | CryptoKey | Uint8Array;
  readonly alg: string;
  readonly kid?: string;
}

async function freshToken({ issuer, clientId, endpoint, resource, key, alg, kid }: Grant) {
  const assertion = await new SignJWT({ jti: newToken(16) })
    .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(issuer)
    .setIssuedAt()
    .setExpirationTime('60 s')
    .sign(key);
  const response = await ask(endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      resource,
      scope: 'admin:rp_admin',
    }),
  });
  const answer = (await response.json().catch(() => ({}))) as {
    access_token?: string;
    expires_in?: number;
    error?: string;
  };
  if (!answer.access_token)
    throw new CommandFault(1, `${clientId} gets no token: ${answer.error ?? `status ${response.status}`}.`);
  // A little before its end: a request that is under way when it ends would be refused.
  return { value: answer.access_token, until: Date.now() + ((answer.expires_in ?? 60) - 20) * 1_000 };
}

/** A private key as PEM (PKCS #8) or JWK. */
async function keyIn(file: string): Promise<Pick<Grant, 'key' | 'alg' | 'kid'>> {
  const unreadable = (): never => {
    throw new CommandFault(2, `${file}: holds no private key, as PEM or as a JWK.`);
  };
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new CommandFault(2, `${file}: cannot be read.`);
  }
  try {
    if (text.trimStart().startsWith('{')) {
      const jwk = JSON.parse(text) as { alg?: string; kid?: string; kty: string; crv?: string; d?: string };
      const alg = jwk.alg ?? ALGORITHM_OF[jwk.crv ?? jwk.kty];
      if (!alg || !jwk.d) return unreadable();
      return { key: await importJWK(jwk, alg), alg, ...(jwk.kid === undefined ? {} : { kid: jwk.kid }) };
    }
    const key = createPrivateKey(text);
    const alg = ALGORITHM_OF[key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType ?? ''];
    return alg ? { key, alg } : unreadable();
  } catch (error) {
    if (error instanceof CommandFault) throw error;
    return unreadable();
  }
}

/** By curve or kind, as JWK and as OpenSSL call them. */
const ALGORITHM_OF: Readonly<Record<string, string>> = {
  'P-256': 'ES256',
  prime256v1: 'ES256',
  Ed25519: 'EdDSA',
  ed25519: 'EdDSA',
  RSA: 'PS256',
  rsa: 'PS256',
};
