import type { Registration } from '../../src/domain/relying-parties/index.ts';
import { aRegistration } from './clients.ts';
import { type Browser, CALLBACK, createBrowser, type Page } from './http-client.ts';
import type { ClientConfig, Params, RelyingParty, Started, Tokens } from './relying-party.ts';
import type { TestServer } from './server.ts';
import { type Claimant, type Means, signIn } from './sign-in.ts';

/** Somebody who has signed in at a relying party, with everything an attacker could have laid hands on. */
export interface SignedIn {
  readonly browser: Browser;
  readonly started: Started;
  /** Where the relying party was called back, with the code. */
  readonly callback: string;
  readonly tokens: Tokens;
  readonly idToken: Record<string, unknown>;
}

/** The claims of a JWT; the signature is somebody else's business. */
export const claimsOf = (jwt: string | undefined): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt?.split('.')[1] ?? '', 'base64url').toString() || '{}');

/** Signs in and stops where the relying party is called back; throws with the page where it is not. */
export async function authorized(
  party: RelyingParty,
  claimant: Claimant,
  params: Params = {},
  options: { browser?: Browser; means?: Means } = {},
): Promise<{ browser: Browser; started: Started; callback: string }> {
  const browser = options.browser ?? createBrowser();
  const started = await party.begin(params);
  const done = await signIn(await browser.open(started.url), claimant, options.means ?? 'password');
  if (!done.location) throw new Error(`nobody was called back: ${done.status} ${done.url} ${done.words}`);
  return { browser, started, callback: done.location };
}

/** Signs in at a relying party and redeems the code. */
export async function signedIn(
  party: RelyingParty,
  claimant: Claimant,
  params: Params = {},
  options: { browser?: Browser; means?: Means } = {},
): Promise<SignedIn> {
  const { browser, started, callback } = await authorized(party, claimant, params, options);
  const answer = await party.exchange(callback, started);
  if (answer.status !== 200) throw new Error(`the code was not redeemed: ${answer.status} ${answer.text} ${callback}`);
  const tokens = answer.json<Tokens>();
  return { browser, started, callback, tokens, idToken: claimsOf(tokens.id_token) };
}

/** What a callback or an error redirect says, in its query or its fragment. */
export function answerIn(location: string | undefined): Record<string, string> {
  if (!location) return {};
  const { searchParams, hash } = new URL(location);
  return Object.fromEntries([...searchParams, ...new URLSearchParams(hash.slice(1))]);
}

/** The forms of a page by what they do, for a test that wants to know where it stands. */
export const standsAt = (page: Page): 'sign-in' | 'password' | 'consent' | 'choice' | 'code' | 'callback' | 'other' => {
  if (page.location) return 'callback';
  if (page.has('password')) return 'password';
  if (page.has('identifier')) return 'sign-in';
  if (page.has('code')) return 'code';
  const buttons = page.forms.flatMap((form) => form.buttons.map(({ name }) => name));
  if (buttons.includes('agree')) return 'consent';
  return buttons.includes('kind') ? 'choice' : 'other';
};

/** Registers a client on a running server, with a secret of its own where it has one. */
export async function registered(
  server: TestServer,
  { metadata, ...changes }: Partial<Omit<Registration, 'metadata'>> & { metadata?: Partial<Registration['metadata']> },
): Promise<ClientConfig> {
  const usual = {
    redirect_uris: [CALLBACK],
    post_logout_redirect_uris: ['http://localhost:9999/'],
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['authorization_code', 'refresh_token'],
  } satisfies Registration['metadata'];
  const registration = aRegistration({ ...changes, metadata: { ...usual, ...metadata } });
  const done = await server.app.parts.relyingParties.register(registration, { kind: 'system' });
  if (!done.registered) throw new Error(JSON.stringify(done.faults));
  return {
    client_id: registration.clientId,
    redirect_uris: registration.metadata.redirect_uris ?? [],
    ...(done.secret ? { client_secret: done.secret.reveal() } : {}),
  };
}
