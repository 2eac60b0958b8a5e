import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Context } from 'koa';
import { type ClientMetadata, type Configuration, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { type RequestUnitParts, unitOfWork } from '../../src/oidc/request-unit.ts';
import { createSqlAdapter } from '../../src/oidc/sql-adapter.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database.ts';
import { createSealer } from '../../src/platform/sealed.ts';
import { Secret } from '../../src/platform/secret.ts';
import { createUnitsOfWork } from '../../src/platform/unit-of-work.ts';
import { CALLBACK } from './http-client.ts';

/** What several processes of one issuer share; plain JSON, so that it can be handed to a child. */
export interface StoredProviderKeys {
  readonly signing: JWK;
  readonly client: JWK;
  readonly master: string;
}

/** oidc-provider with our storage and one page that signs anybody in: the protocol's part alone, without our subscribers. */
export interface StoredProvider {
  readonly url: string;
  readonly provider: Provider;
  stop(): Promise<void>;
}

export interface StoredProviderOptions {
  readonly database: Database;
  readonly keys: StoredProviderKeys;
  /** Another process's address, where two serve one issuer. */
  readonly issuer?: string;
  readonly port?: number;
  readonly clock?: Clock;
  readonly deviceFlow?: boolean;
  /** A session is enough for a code, and each authorization gets a grant of its own. */
  readonly freshGrants?: boolean;
  readonly unit?: Partial<Pick<RequestUnitParts, 'onReplay' | 'beforeFlush'>>;
}

const jwkOf = async (kid: string): Promise<JWK> => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid };
};

/** Fresh keys. */
export const createKeys = async (): Promise<StoredProviderKeys> => ({
  signing: await jwkOf('signing'),
  client: await jwkOf('client'),
  master: Buffer.alloc(32, 7).toString('base64url'),
});

export const SECRET = 'a-secret-of-a-test-client-that-is-long-enough';

const publicOf = ({ d: _, ...jwk }: JWK): JWK => jwk;

const clients = (keys: StoredProviderKeys): ClientMetadata[] => {
  const usual = { redirect_uris: [CALLBACK], response_types: ['code'], id_token_signed_response_alg: 'ES256' } as const;
  const grants = { grant_types: ['authorization_code', 'refresh_token'] };
  const fapi = {
    ...usual,
    ...grants,
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: true,
    jwks: { keys: [publicOf(keys.client)] },
  } as const;
  return [
    { client_id: 'web', client_secret: SECRET, ...usual, ...grants },
    { client_id: 'other', client_secret: SECRET, ...usual, ...grants },
    { client_id: 'app', token_endpoint_auth_method: 'none', application_type: 'native', ...usual, ...grants },
    { client_id: 'fapi', ...fapi },
    {
      client_id: 'service',
      client_secret: SECRET,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
    },
    {
      client_id: 'tv',
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
    },
  ] as ClientMetadata[];
};

/** Starts one on loopback. */
export async function startStoredProvider(options: StoredProviderOptions): Promise<StoredProvider> {
  const { database, keys, clock = systemClock } = options;
  const http = createServer();
  http.listen(options.port ?? 0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://localhost:${(http.address() as AddressInfo).port}`;
  const issuer = options.issuer ?? url;

  const registered = new Map(clients(keys).map((client) => [client.client_id, client]));
  const units = createUnitsOfWork(database);
  const sealer = createSealer(new Secret(Buffer.from(keys.master, 'base64url')), 'oidc');
  const findClient = async (id: string) => registered.get(id) as Record<string, unknown> | undefined;
  const adapter = createSqlAdapter({ database, units, sealer, clock, findClient });
  const provider = new Provider(issuer, { ...configuration(keys, options), adapter });
  const renderError = (ctx: { body: unknown; type: string }, out: object) => {
    ctx.type = 'html';
    ctx.body = `<h1>error</h1>${JSON.stringify(out)}`;
  };
  provider.use(unitOfWork({ units, database, adapter, clock, renderError: renderError as never, ...options.unit }));
  provider.use((ctx, next) => interact(provider, ctx, next));
  provider.on('server_error', (_ctx, error) => {
    if (!/database|crash/.test(String(error))) console.error('server_error', error);
  });
  const handle = provider.callback();
  http.on('request', (request, response) => void handle(request, response));
  return {
    url,
    provider,
    async stop() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

const configuration = (keys: StoredProviderKeys, options: StoredProviderOptions): Configuration =>
  ({
    jwks: { keys: [keys.signing] },
    cookies: {
      keys: ['a cookie key of tests'],
      long: { signed: true, path: '/', httpOnly: true, sameSite: 'lax' },
      short: { signed: true, httpOnly: true, sameSite: 'lax' },
    },
    findAccount: (_ctx: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clientAuthMethods: ['client_secret_basic', 'private_key_jwt', 'none'],
    scopes: ['openid', 'offline_access'],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
      deviceFlow: { enabled: options.deviceFlow ?? false },
      pushedAuthorizationRequests: { enabled: true },
      dPoP: { enabled: true },
    },
    pkce: { required: () => true },
    issueRefreshToken: (_ctx: unknown, client: { grantTypeAllowed(type: string): boolean }) =>
      client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: (ctx: { oidc: { client?: { clientAuthMethod: string } } }) =>
      ctx.oidc.client?.clientAuthMethod === 'none',
    ...(options.freshGrants ? { loadExistingGrant: freshGrant } : {}),
    interactions: { url: (_ctx: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}` },
    ttl: {
      AccessToken: 900,
      AuthorizationCode: 60,
      ClientCredentials: 600,
      DeviceCode: 600,
      Grant: 86_400,
      IdToken: 600,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 3_600,
    },
  }) as unknown as Configuration;

async function freshGrant(ctx: KoaContextWithOIDC) {
  const { Grant } = ctx.oidc.provider;
  const consented = (ctx.oidc.result as { consent?: { grantId: string } } | undefined)?.consent;
  if (consented) return Grant.find(consented.grantId);
  const grant = new Grant({ accountId: ctx.oidc.account!.accountId, clientId: ctx.oidc.client!.clientId });
  grant.addOIDCScope(String(ctx.oidc.params?.scope));
  await grant.save();
  return grant;
}

/** The page: a GET shows a form, a POST signs `?as=` in and grants whatever was asked. */
async function interact(provider: Provider, ctx: Context, next: () => Promise<unknown>): Promise<void> {
  if (!ctx.path.startsWith('/interaction/')) return void (await next());
  const { params, session, grantId } = await provider.interactionDetails(ctx.req, ctx.res);
  if (ctx.method === 'GET') {
    ctx.body = '<form method="post"><button>sign in</button></form>';
    return;
  }
  const accountId = session?.accountId ?? (ctx.query.as as string | undefined) ?? 'someone';
  const grant =
    (grantId && (await provider.Grant.find(grantId))) ||
    new provider.Grant({ accountId, clientId: String(params.client_id) });
  grant.addOIDCScope(String(params.scope));
  const result = { login: { accountId }, consent: { grantId: await grant.save() } };
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
  ctx.status = 303;
}
