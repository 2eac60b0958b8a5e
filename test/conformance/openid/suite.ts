import { expect } from 'vitest';
import type { Registration } from '../../../src/domain/relying-parties/index.ts';
import { type Browser, CALLBACK, createBrowser, createSend, type Page, type Reply } from '../../support/http-client.ts';
import type { ClientConfig, Params, RelyingParty, Started } from '../../support/relying-party.ts';
import type { TestServer } from '../../support/server.ts';
import { type Claimant, signIn } from '../../support/sign-in.ts';

/** How the answer to an authorization request comes back (OAuth 2.0 Multiple Response Types §2.1, Form Post §2). */
export type ResponseMode = 'query' | 'form_post';

export const send = createSend();

/** Everything about a person that this server can be asked for. */
export const ALL_SCOPES = 'openid profile email phone address';

/** Registers a client in the sandbox; what is not given is a confidential client of the suite's own. */
export async function registerClient(
  server: TestServer,
  clientId: string,
  { metadata = {}, ...terms }: Omit<Partial<Registration>, 'metadata'> & { metadata?: Record<string, unknown> } = {},
): Promise<ClientConfig> {
  const whole = {
    redirect_uris: [CALLBACK],
    token_endpoint_auth_method: 'client_secret_basic' as const,
    grant_types: ['authorization_code' as const, 'refresh_token' as const],
    ...metadata,
  };
  const result = await server.app.parts.relyingParties.register(
    {
      clientId,
      relyingParty: {
        id: 'conformance-suite',
        name: { vi: 'Bộ kiểm thử', en: 'Conformance suite' },
        legalEntity: { id: 'conformance-suite', name: { vi: 'Bộ kiểm thử', en: 'Conformance suite' } },
        mark: 'KT',
        colour: '#204060',
      },
      environment: 'sandbox',
      purpose: { vi: 'kiểm thử', en: 'test' },
      allowedScopes: [...ALL_SCOPES.split(' '), 'offline_access', 'assurance'],
      metadata: whole as Registration['metadata'],
      ...terms,
    },
    { kind: 'system' },
  );
  if (!result.registered) throw new Error(`${clientId}: ${JSON.stringify(result.faults)}`);
  return {
    client_id: clientId,
    ...whole,
    ...(result.secret ? { client_secret: result.secret.reveal() as string } : {}),
  };
}

/** One authorization, from the request to the answer. */
export interface Flow {
  readonly started: Started;
  readonly answer: Record<string, string>;
  /** The page or redirect that carried the answer. */
  readonly page: Page;
}

export interface FlowOptions {
  readonly mode?: ResponseMode;
  /** Who signs in when a page asks; nobody by default: the browser has a session. */
  readonly as?: Claimant;
  /** Sends the request by a form post (Core §3.1.2.1). */
  readonly post?: boolean;
}

/** Opens an authorization request in a browser and answers its pages. */
export async function visit(
  browser: Browser,
  started: Pick<Started, 'url'>,
  { as, post = false }: FlowOptions = {},
): Promise<Page> {
  const url = new URL(started.url);
  const page = post
    ? await browser.open(url.origin + url.pathname, {
        method: 'POST',
        body: url.searchParams.toString(),
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          origin: new URL(CALLBACK).origin,
          'sec-fetch-site': 'same-site',
          'sec-fetch-mode': 'navigate',
        },
      })
    : await browser.open(started.url);
  return as ? signIn(page, as) : page;
}

/** An authorization whose answer reaches the relying party, with success or error; the answer is checked as it comes. */
export async function authorize(
  browser: Browser,
  party: RelyingParty,
  params: Params = {},
  options: FlowOptions = {},
): Promise<Flow> {
  const { mode = 'query' } = options;
  const started = await party.begin(mode === 'form_post' ? { ...params, response_mode: mode } : params);
  const page = await visit(browser, started, options);
  return { started, page, answer: answerIn(page, { party, started, mode }) };
}

/** A browser in which somebody has just signed in at a party, agreeing to all scopes. */
export async function signedInBrowser(party: RelyingParty, as: Claimant, params: Params = {}) {
  const browser = createBrowser();
  const first = await authorize(browser, party, { scope: ALL_SCOPES, ...params }, { as });
  expect(first.answer.code, JSON.stringify(first.answer)).toBeTruthy();
  return { browser, first };
}

// RFC 6749 §4.1.2.1: what an error may be written in.
const LEGAL = /^[\x20-\x21\x23-\x5B\x5D-\x7E]*$/;
const SUCCESS = ['code', 'state', 'iss', 'session_state'];
const ERROR = ['error', 'error_description', 'error_uri', 'state', 'iss', 'session_state'];

/** The parameters of an authorization response, where and as the response mode says. */
export function answerIn(
  page: Page,
  { party, started, mode }: { party: RelyingParty; started: Pick<Started, 'redirectUri'>; mode: ResponseMode },
): Record<string, string> {
  const registered = new URL(started.redirectUri);
  const answer = mode === 'query' ? answerInQuery(page, registered) : answerInForm(page, registered);
  // RFC 9207 §2: the issuer, in errors too; nothing that no specification knows.
  expect(answer.iss).toBe(party.issuer);
  // The library names the scope that was refused (RFC 6749 §11.2.2 registers it for responses).
  const refusedScope = answer.error === 'invalid_scope' ? ['scope'] : [];
  const known = 'error' in answer ? [...ERROR, ...refusedScope] : SUCCESS;
  expect(Object.keys(answer).filter((name) => !known.includes(name))).toEqual([]);
  for (const name of ['error', 'error_description', 'error_uri']) expect(answer[name] ?? '').toMatch(LEGAL);
  return answer;
}

function answerInQuery(page: Page, registered: URL): Record<string, string> {
  expect(page.location, `no redirect but ${page.status}: ${page.words.slice(0, 300)}`).toBeDefined();
  // FAPI 2.0 §5.3.2.2: 303, never one that repeats the post.
  expect([302, 303]).toContain(page.status);
  const url = new URL(page.location ?? '');
  expect(url.origin + url.pathname).toBe(registered.origin + registered.pathname);
  expect(url.hash).toBe('');
  const answer = new Map(url.searchParams);
  expect(answer.size).toBe([...url.searchParams].length);
  for (const [name, value] of registered.searchParams) {
    expect(answer.get(name)).toBe(value);
    answer.delete(name);
  }
  return Object.fromEntries(answer);
}

function answerInForm(page: Page, registered: URL): Record<string, string> {
  expect(page.location, 'a redirect, though form_post was asked for').toBeUndefined();
  expect(page.headers['content-type']).toMatch(/^text\/html; charset=utf-8$/i);
  expect(page.headers['cache-control']).toContain('no-store');
  const form = page.forms.find(({ action }) => action === registered.href);
  if (!form) throw new Error(`no form for ${registered.href}: ${page.words.slice(0, 300)}`);
  expect(form.method).toBe('POST');
  expect(form.attributes.get('enctype') ?? 'application/x-www-form-urlencoded').toBe(
    'application/x-www-form-urlencoded',
  );
  // The browser lets the page post itself there and nowhere else, and runs its one script.
  const policy = String(page.headers['content-security-policy']);
  expect(policy).toMatch(new RegExp(`form-action 'self' ${registered.origin}(;|$)`));
  expect(policy).toMatch(/script-src 'self'(;|$)/);
  // A classic script: the suite's browser knows no modules.
  expect(page.text).toMatch(/<script src="[^"]*submit[^"]*\.js" defer><\/script>/);
  // Nothing that carries the answer stands in an address (Form Post §4).
  expect(page.url).not.toMatch(/[?&](code|error)=/);
  expect(form.names.size).toBe(form.values.size);
  expect(form.buttons.filter(({ name }) => name !== undefined)).toEqual([]);
  return Object.fromEntries(form.values);
}

/** An authorization that must be refused, by an answer to the relying party or by a page of ours; the answer's error. */
export async function refused(
  browser: Browser,
  party: RelyingParty,
  { params = {}, mode = 'query', started }: { params?: Params; mode?: ResponseMode; started?: Started },
): Promise<{ error: string; state?: string | undefined; page: Page }> {
  const request = started ?? (await party.begin(mode === 'form_post' ? { ...params, response_mode: mode } : params));
  const page = await browser.open(request.url);
  if (page.location || page.forms.some(({ action }) => action === request.redirectUri)) {
    const answer = answerIn(page, { party, started: request, mode });
    expect(answer.code).toBeUndefined();
    return { error: answer.error ?? '', state: answer.state, page };
  }
  expectErrorPage(page);
  return { error: 'page', page };
}

/** A page of ours that says what is wrong, and leads nowhere. */
export function expectErrorPage(page: Page, status = 400): void {
  expect(page.location).toBeUndefined();
  expect(page.status, page.words.slice(0, 300)).toBe(status);
  expect(page.headers['content-type']).toMatch(/^text\/html/);
  expect(page.words.length).toBeGreaterThan(100);
  expect(page.text).not.toContain('http://localhost:9999');
}

/** An error of an endpoint that programs read (RFC 6749 §5.2): status, code and form. */
export function expectError(reply: Reply, status: number | readonly number[], error: string | readonly string[]): void {
  expect([status].flat(), reply.text).toContain(reply.status);
  expect(reply.headers['content-type']).toMatch(/^application\/json/);
  const body = reply.json<Record<string, string>>();
  expect([error].flat(), reply.text).toContain(body.error);
  for (const name of ['error', 'error_description', 'error_uri']) expect(body[name] ?? '').toMatch(LEGAL);
  expect(
    Object.keys(body).filter((name) => !['error', 'error_description', 'error_uri', 'scope'].includes(name)),
  ).toEqual([]);
}

/** Waits until the machine's clock shows another second. */
export const nextSecond = (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, 1_010 - (Date.now() % 1_000)));
