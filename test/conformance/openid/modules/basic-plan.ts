import { afterAll, beforeAll, describe } from 'vitest';
import type { Browser } from '../../../support/http-client.ts';
import { createRelyingParty, type Params, type RelyingParty, type Started } from '../../../support/relying-party.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import type { Claimant } from '../../../support/sign-in.ts';
import {
  authorize,
  type Flow,
  type FlowOptions,
  type ResponseMode,
  registerClient,
  signedInBrowser,
} from '../suite.ts';
import { authenticationModules } from './authentication.ts';
import { codeModules } from './codes.ts';
import { requestModules } from './requests.ts';
import { scopeModules } from './scopes.ts';
import { tokenModules } from './tokens.ts';

/** What the modules of the Basic and the Form Post plan run with. */
export interface BasicPlan {
  readonly mode: ResponseMode;
  readonly server: TestServer;
  /** client_secret_basic, and without PKCE or nonce unless a module sends them: the suite's static client. */
  readonly client: RelyingParty;
  /** The suite's second client. */
  readonly client2: RelyingParty;
  readonly clientPost: RelyingParty;
  /** Of the same clients and of others that a module registers. */
  party(config: Parameters<typeof createRelyingParty>[1]): Promise<RelyingParty>;
  /** A browser with a session, in which everything has been agreed to. */
  readonly browser: Browser;
  /** The tokens' flow that made the session. */
  readonly first: Flow;
  readonly person: Claimant;
  /** An authorization request of this plan's mode, not yet opened. */
  begin(params?: Params): Promise<Started>;
  /** One authorization in that browser, in this plan's response mode. */
  authorize(params?: Params, options?: FlowOptions & { browser?: Browser; party?: RelyingParty }): Promise<Flow>;
}

/** No PKCE, as the suite's Basic modules send it. */
export const NO_PKCE = { code_challenge: undefined, code_challenge_method: undefined };

/** Why the suite's clients may go without PKCE; `nonce` false also lets them leave the nonce out. */
export const exemption = (nonce: boolean) => ({
  pkceExemption: { reason: 'The conformance suite sends none.', nonce, recordedAt: '2026-03-02T08:00:00Z' },
});

const FAMILIES = [tokenModules, scopeModules, authenticationModules, codeModules, requestModules];

/** Every module of the Basic plan, in one response mode, over one server. */
export function basicPlan(mode: ResponseMode, more: ((plan: () => BasicPlan) => void)[] = []): void {
  describe(`${mode === 'query' ? 'oidcc-basic' : 'oidcc-formpost-basic'}-certification-test-plan`, () => {
    let plan: BasicPlan;
    beforeAll(async () => {
      const server = await startServer();
      plan = await prepare(server, mode);
    });
    afterAll(() => plan?.server.end());
    for (const family of [...FAMILIES, ...more]) family(() => plan);
  });
}

async function prepare(server: TestServer, mode: ResponseMode): Promise<BasicPlan> {
  const party = (config: Parameters<typeof createRelyingParty>[1]) => createRelyingParty(server.issuer, config);
  const client = await party(await registerClient(server, 'suite-client', exemption(false)));
  const client2 = await party(await registerClient(server, 'suite-client2', exemption(false)));
  const post = { ...exemption(false), metadata: { token_endpoint_auth_method: 'client_secret_post' } };
  const clientPost = await party(await registerClient(server, 'suite-client-secret-post', post));
  // Password alone, as the suite's scripted browser signs in.
  const { totpSecret: _, ...person } = server.claimant('level-2-chip');
  const { browser, first } = await signedInBrowser(client, person, NO_PKCE);
  return {
    ...{ mode, server, client, client2, clientPost, party, browser, first, person },
    begin: (params = {}) =>
      client.begin({ ...NO_PKCE, ...params, ...(mode === 'form_post' ? { response_mode: mode } : {}) }),
    authorize: (params = {}, { browser: own, party: other, ...options } = {}) =>
      authorize(own ?? browser, other ?? client, { ...NO_PKCE, ...params }, { mode, ...options }),
  };
}
