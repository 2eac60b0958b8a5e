import { createHash } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { vi } from 'vitest';
import { parseRegistration, type Registration } from '../../../src/domain/relying-parties/index.ts';
import { aRegistration } from '../../support/clients.ts';
import { type Browser, CALLBACK, createBrowser, type Page } from '../../support/http-client.ts';
import { type Params, plainClient, type RelyingParty, type Started, type Tokens } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import type { Someone } from './people.ts';
import { type Around, type Habits, type Walk, walk } from './walk.ts';

/** The resource server of the sandbox whose tokens are JWTs. */
export const JWT_RESOURCE = 'https://jwt.sen.example/';

/** What every token says about the authentication, wherever it is said. */
export interface Told {
  readonly acr: unknown;
  readonly amr: unknown;
  readonly auth_time: unknown;
  readonly account_level: unknown;
  readonly authentication_level: unknown;
  readonly phishing_resistant: unknown;
}

/** One authorization from its first page to the callback. */
export interface Visited extends Walk {
  readonly started: Started;
  readonly callback: URL | undefined;
  readonly error: string | null;
  tokens(params?: Params): Promise<Tokens>;
}

/** A server, its clock, and those who use it. Time stands still until it is moved, for the library too. */
export interface World extends Around {
  readonly server: TestServer;
  acr(name: string): string;
  client(terms?: Partial<Registration>): Promise<RelyingParty>;
  browser(): Browser;
  visit(browser: Browser, rp: RelyingParty, who: Someone, params?: Params, habits?: Habits): Promise<Visited>;
  /** Goes on from a page on which a visit stopped. */
  finish(rp: RelyingParty, visited: Visited, from: Page, who: Someone, habits?: Habits): Promise<Visited>;
  /** Messages read so far: all, or those to one telephone. */
  messages(phone?: string): number;
  told(token: string, audience: string): Promise<Told & Record<string, unknown>>;
  end(): Promise<void>;
}

/** Begins a world. Only the clock is taken over: timers, sockets and the database go on as ever. */
export async function openWorld({ still = true } = {}): Promise<World> {
  if (still) vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  const server = await startServer();
  const { issuer } = server;
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const parties = new Map<string, Promise<RelyingParty>>();
  const used = new Set<string>();
  const now = (): number => Math.floor(Date.now() / 1000);

  const enrol = async (terms: Partial<Registration>): Promise<RelyingParty> => {
    const base = aRegistration({ allowedScopes: ['openid', 'assurance', 'profile', 'vn_pin', 'offline_access'] });
    const registration = {
      ...base,
      ...terms,
      metadata: { ...base.metadata, redirect_uris: [CALLBACK], ...terms.metadata },
    };
    const parsed = parseRegistration(registration);
    if (!parsed.parsed) throw new Error(JSON.stringify(parsed.faults));
    const secret = createHash('sha256').update(registration.clientId).digest('hex');
    const { relyingParties } = server.app.parts;
    const isPublic = registration.metadata.token_endpoint_auth_method === 'none';
    const put = await relyingParties.putSandboxClients([
      { registration: parsed.registration, ...(isPublic ? {} : { secret }) },
    ]);
    if (!put.loaded) throw new Error(JSON.stringify(put.faults));
    return plainClient(issuer, {
      client_id: registration.clientId,
      redirect_uris: [CALLBACK],
      ...(isPublic ? {} : { client_secret: secret }),
    });
  };

  const ending = (rp: RelyingParty, started: Started, walked: Walk): Visited => {
    const callback = walked.page.location ? new URL(walked.page.location) : undefined;
    return {
      ...walked,
      started,
      callback,
      error: callback?.searchParams.get('error') ?? null,
      tokens: async () => {
        const answer = await rp.exchange(callback?.href ?? '', started);
        if (answer.status !== 200) throw new Error(`no tokens: ${answer.status} ${answer.text}`);
        return answer.json<Tokens>();
      },
    };
  };

  const world: World = {
    server,
    now,
    acr: (name) => `${issuer}/assurance/test/${name}`,
    steps: new Map(),
    advance: (seconds) => void vi.setSystemTime(Date.now() + seconds * 1000),
    async messageTo(phone) {
      for (let attempt = 0; attempt < 400; attempt += 1) {
        const answer = await fetch(`${issuer}/sandbox/messages.json`);
        const { messages } = (await answer.json()) as { messages: { to: string; text: string }[] };
        const code = /\b\d{6}\b/.exec(messages.find(({ to }) => to === phone)?.text ?? '')?.[0];
        if (code && !used.has(`${phone} ${code}`)) {
          used.add(`${phone} ${code}`);
          return code;
        }
        await new Promise((resolve) => setTimeout(resolve, 15));
      }
      throw new Error(`no message to ${phone}`);
    },
    client(terms = {}) {
      const key = JSON.stringify(terms);
      const known = parties.get(key) ?? enrol(terms);
      parties.set(key, known);
      return known;
    },
    messages: (phone) => [...used].filter((one) => phone === undefined || one.startsWith(`${phone} `)).length,
    browser: () => createBrowser(),
    async visit(browser, rp, who, params = {}, habits = {}) {
      const started = await rp.begin({ scope: 'openid assurance', ...params });
      return ending(rp, started, await walk(await browser.open(started.url), who, world, habits));
    },
    async finish(rp, { started }, from, who, habits = {}) {
      return ending(rp, started, await walk(from, who, world, habits));
    },
    told: async (token, audience) => (await jwtVerify(token, keys, { issuer, audience })).payload as never,
    async end() {
      await server.end();
      vi.useRealTimers();
    },
  };
  return world;
}

/** The six members of an answer that speak of the authentication. */
export const spoken = (claims: Record<string, unknown>): Told => ({
  acr: claims.acr,
  amr: claims.amr,
  auth_time: claims.auth_time,
  account_level: claims.account_level,
  authentication_level: claims.authentication_level,
  phishing_resistant: claims.phishing_resistant,
});
