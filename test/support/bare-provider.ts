import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Context } from 'koa';
import { type ClientMetadata, type Configuration, interactionPolicy, Provider } from 'oidc-provider';

/** oidc-provider as it is, with its memory adapter and one page that signs anybody in: to measure against, and for the samples alone. */
export interface BareProvider {
  readonly issuer: string;
  /** What the next sign-ins answer; a test changes it. */
  readonly answers: Answers;
  /** What only this provider can sign, of whatever type. */
  signed(typ: string, claims: Record<string, unknown>): Promise<string>;
  stop(): Promise<void>;
}

export interface Answers {
  accountId: string;
  /** Of the values asked: the one to claim, whatever was proven. */
  acr: (asked: string[]) => string | undefined;
  /** An error instead of a sign-in. */
  error?: string | undefined;
}

export interface BareOptions {
  readonly port?: number;
  readonly clients: readonly ClientMetadata[];
  readonly par?: boolean;
  /** Whether a client's tokens rotate; only public clients by default. */
  readonly rotates?: (clientAuthMethod: string | undefined) => boolean;
}

/** The resource whose access tokens are JWTs; without it they are opaque. */
export const RESOURCE = 'https://resource.example';

const LEVELS = ['level-1', 'level-2', '1.1', '2.2', '2.3'];
const PROFILE = { name: 'Nguyễn Thị Bảo Trân', family_name: 'Nguyễn', given_name: 'Bảo Trân', birthdate: '1994-03-14' };
const ASSURANCE = { account_level: 2, authentication_level: 2, phishing_resistant: true };

/** Starts one on loopback. */
export async function startBareProvider(options: BareOptions): Promise<BareProvider> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const signing = { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'bare' };
  const http = createServer();
  http.listen(options.port ?? 0, '127.0.0.1');
  await once(http, 'listening');
  const issuer = `http://localhost:${(http.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, configuration(issuer, options, signing as never));
  const answers: Answers = { accountId: 'someone', acr: (asked) => asked[0] };
  provider.use((ctx, next) => interact(provider, answers, ctx, next));
  const handle = provider.callback();
  http.on('request', (request, response) => void handle(request, response));
  return {
    issuer,
    answers,
    signed: (typ, claims) =>
      new SignJWT({ iss: issuer, ...claims }).setProtectedHeader({ typ, alg: 'ES256', kid: 'bare' }).sign(privateKey),
    async stop() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

/** The trivial interaction: one page, one button; signs in and grants all that was asked at once. */
async function interact(provider: Provider, answers: Answers, ctx: Context, next: () => Promise<void>): Promise<void> {
  if (!ctx.path.startsWith('/interaction/')) return next();
  const { params, session, grantId: granted } = await provider.interactionDetails(ctx.req, ctx.res);
  if (ctx.method === 'GET') {
    ctx.type = 'html';
    ctx.body = `<!doctype html><title>Bare</title><h1>Bare</h1><form method="post"><button>Continue</button></form>`;
    return;
  }
  if (answers.error) {
    await provider.interactionFinished(ctx.req, ctx.res, { error: answers.error }, { mergeWithLastSubmission: false });
    return;
  }
  const { accountId } = answers;
  const known = granted && session?.accountId === accountId ? await provider.Grant.find(granted) : undefined;
  const grant = known ?? new provider.Grant({ accountId, clientId: params.client_id as string });
  grant.addOIDCScope(String(params.scope));
  grant.addOIDCClaims(Object.keys(PROFILE));
  const grantId = await grant.save();
  const asked = typeof params.acr_values === 'string' ? params.acr_values.split(' ') : [];
  const acr = answers.acr(asked);
  const login = { accountId, amr: ['pwd'], ...(acr ? { acr } : {}) };
  await provider.interactionFinished(
    ctx.req,
    ctx.res,
    { login, consent: { grantId } },
    { mergeWithLastSubmission: false },
  );
}

function configuration(issuer: string, options: BareOptions, signing: never): Configuration {
  const policy = interactionPolicy.base();
  // The library takes acr_values as a wish; a provider that means levels asks again.
  policy.get('login')?.checks.add(
    new interactionPolicy.Check('level', 'another level is asked', (ctx) => {
      const asked = ctx.oidc.params?.acr_values;
      const unmet =
        typeof asked === 'string' && !ctx.oidc.result?.login && !asked.split(' ').includes(ctx.oidc.acr ?? '');
      return unmet ? interactionPolicy.Check.REQUEST_PROMPT : interactionPolicy.Check.NO_NEED_TO_PROMPT;
    }),
  );
  return {
    jwks: { keys: [signing] },
    clients: [...options.clients],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    cookies: { keys: ['bare'] },
    ttl: {
      AccessToken: 3600,
      ClientCredentials: 600,
      Grant: 3600,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: 3600,
      Session: 3600,
    },
    acrValues: LEVELS.map((level) => `${issuer}/assurance/test/${level}`),
    scopes: ['openid', 'offline_access', 'profile', 'assurance'],
    claims: { profile: Object.keys(PROFILE), assurance: Object.keys(ASSURANCE) },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...PROFILE, ...ASSURANCE }) }),
    interactions: { policy, url: (_, interaction) => `/interaction/${interaction.uid}` },
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: ({ oidc }) =>
      (options.rotates ?? ((method) => method === 'none'))(oidc.client?.clientAuthMethod),
    enabledJWA: { clientAuthSigningAlgValues: ['ES256'], dPoPSigningAlgValues: ['ES256'] },
    // Its own fetch refuses loopback, where the samples are.
    fetch: (url, { dispatcher: _, ...init }: RequestInit & { dispatcher?: unknown } = {}) => fetch(url, init),
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      claimsParameter: { enabled: true },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      pushedAuthorizationRequests: { enabled: options.par ?? true },
      dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 1), requireNonce: ({ oidc }) => oidc.route === 'token' },
      fapi: {
        enabled: true,
        profile: (_, client) => (client?.clientAuthMethod === 'private_key_jwt' ? '2.0' : undefined),
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, audience) => ({
          audience,
          scope: 'read',
          accessTokenTTL: 300,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  } as Configuration;
}
