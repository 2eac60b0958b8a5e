import { TOTP } from 'otpauth';
import { createBrowser, type Page, type Send } from './http-client.ts';
import { multipart } from './sign-up.ts';
import {
  type CreationOptions,
  type RequestOptions,
  type SoftwarePasskey,
  softwarePasskey,
} from './software-passkey.ts';

/** How somebody signs in, as GET /sandbox/personas.json says; and a passkey that a test holds. */
export interface Claimant {
  readonly identifier: string;
  readonly password?: string;
  readonly totpSecret?: string;
  readonly passkey?: SoftwarePasskey;
  /** A card of the sandbox's drawer, by its id; held to the reader by those who sign in by `card`. */
  readonly card?: string;
  /** What a camera sees of them. */
  readonly face?: Buffer;
}

export type Means = 'password' | 'passkey' | 'card';

/**
 * Walks an interaction without script until the relying party is called back (`location`), or until a page that nothing
 * here can answer. Agrees to every consent.
 */
export async function signIn(start: Page, claimant: Claimant, means: Means = 'password'): Promise<Page> {
  let page = start;
  for (let step = 0; step < 12 && !page.location && !leavesHere(page); step += 1) {
    const next = answer(page, claimant, means);
    if (!next) return page;
    page = await next;
  }
  return page;
}

/** A page that posts itself to the relying party (`response_mode=form_post`): the walk is over. */
const leavesHere = ({ forms, url }: Page): boolean =>
  forms.some(({ action }) => new URL(action, url).origin !== new URL(url).origin);

function answer(page: Page, claimant: Claimant, means: Means): Promise<Page> | undefined {
  const passkey = page.forms.find(({ id }) => id === 'passkey-form');
  if (passkey && claimant.passkey && (means === 'passkey' || !page.forms.some(({ id }) => id === 'sign-in'))) {
    const options = JSON.parse(passkey.attributes.get('data-options') ?? '{}') as RequestOptions;
    const response = JSON.stringify(claimant.passkey.get(options));
    return page.submit({ response }, { form: 'passkey-form' });
  }
  const face = page.forms.find(({ id }) => id === 'face-form');
  if (face && claimant.face) {
    const { picture: _, ...fields } = Object.fromEntries(face.values);
    const { body, headers } = multipart(fields, claimant.face);
    const origin = new URL(page.url).origin;
    return page.open(new URL(face.action, page.url).href, { method: 'POST', body, headers: { ...headers, origin } });
  }
  if (means === 'card' && claimant.card && page.forms.some(({ id }) => id === 'card-form'))
    return holdCard(page, claimant.card);
  if (page.has('password')) return page.submit({ password: claimant.password ?? '' });
  if (page.has('identifier')) return page.submit({ identifier: claimant.identifier });
  if (page.has('code') && claimant.totpSecret) return page.submit({ code: codeOf(claimant.totpSecret) });
  const buttons = page.forms.flatMap((form) => form.buttons);
  if (buttons.some(({ name }) => name === 'agree')) return page.submit({}, { form: 'consent-form', button: 'agree' });
  const ways = buttons.filter(({ name }) => name === 'kind');
  const factor = claimant.totpSecret ? 'totp' : 'password';
  const preferred = { passkey: ['passkey'], card: ['chip-card', factor], password: [factor] }[means];
  const way =
    preferred.flatMap((kind) => ways.find(({ value }) => value === kind) ?? [])[0] ??
    ways.find(({ value }) => value === 'face') ??
    ways[0];
  if (way) return page.submit({}, { button: `kind=${way.value}` });
  return undefined;
}

/** Holds a card of the sandbox's drawer to the reader that a page waits for, and goes on. */
export async function holdCard(page: Page, card: string): Promise<Page> {
  const drawer = await page.submit({}, { form: 'tap-form' });
  await drawer.submit({}, { form: 'tap-form', button: `card=${card}` });
  return page.submit({}, { form: 'card-form', button: 'continue' });
}

/** The code that an authenticator app shows now (RFC 6238), or shows that many steps later. */
export function codeOf(secret: string, stepsAhead = 0): string {
  return new TOTP({ secret }).generate({ timestamp: Date.now() + stepsAhead * 30_000 });
}

/** Binds a synchronised passkey (its counter stays 0, so it may answer many at once) in "My account", as its owner does: with their card, where that is bound. */
export async function bindPasskey(issuer: string, claimant: Claimant, send?: Send): Promise<SoftwarePasskey> {
  const { hostname, origin } = new URL(issuer);
  const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
  const browser = createBrowser(send ? { send } : {});
  const page = await signIn(await browser.open(`${issuer}/account/passkeys/new`), claimant, 'card');
  const options = JSON.parse(page.form('register-form').attributes.get('data-options') ?? '{}') as CreationOptions;
  const response = JSON.stringify(passkey.create(options));
  const bound = await page.submit({ response, name: 'Khóa của bài thử' }, { form: 'register-form' });
  if (bound.forms.some(({ id }) => id === 'register-form'))
    throw new Error(`the passkey was not bound: ${bound.words}`);
  return passkey;
}
