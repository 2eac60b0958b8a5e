import type { Page } from '../../support/http-client.ts';
import { codeOf } from '../../support/sign-in.ts';
import type { RequestOptions } from '../../support/software-passkey.ts';
import type { Means, Someone } from './people.ts';

/** What a page wants, as somebody without script sees it. */
export type Seen = 'sign-in' | Means | 'choose' | 'step-up' | 'consent' | 'unmet' | 'switch' | 'error';

/** What somebody proved, and when (epoch seconds). */
export interface Proven {
  readonly kind: Means;
  readonly at: number;
}

/** How a visit went. */
export interface Walk {
  readonly page: Page;
  readonly seen: readonly Seen[];
  readonly proven: readonly Proven[];
  /** The ways that the pages offered, page by page. */
  readonly ways: readonly (readonly string[])[];
}

/** What the walk needs from the world around it. */
export interface Around {
  now(): number;
  advance(seconds: number): void;
  /** The code in the last message to a telephone. */
  messageTo(phone: string): Promise<string>;
  /** Codes of an authenticator app are good once: the step of the last one that somebody used. */
  readonly steps: Map<string, number>;
}

/** Where somebody stops, and what they begin with on the first page. */
export interface Habits {
  readonly first?: 'password' | 'passkey';
  /** Stops at the first page of this sort. */
  readonly until?: Seen;
  /** Which of the offered ways they take; the first of these that is offered. */
  readonly prefers?: readonly Means[];
}

const EASIEST: readonly Means[] = ['passkey', 'totp', 'message-otp', 'password'];
/** More pages than any honest sign-in has: what comes here is a loop. */
const MOST = 14;

/** Answers page after page with forms, until the relying party is called back or nothing is left to answer. */
export async function walk(start: Page, who: Someone, around: Around, habits: Habits = {}): Promise<Walk> {
  const seen: Seen[] = [];
  const proven: Proven[] = [];
  const ways: string[][] = [];
  let page = start;
  while (!page.location) {
    const sort = sortOf(page);
    seen.push(sort);
    if (seen.length > MOST) throw new Error(`a loop: ${seen.join(', ')}`);
    const offered = page.forms.flatMap((form) => form.buttons).filter(({ name }) => name === 'kind');
    if (offered.length > 0) ways.push(offered.map(({ value }) => value));
    if (sort === 'error' || sort === habits.until) break;
    const kind = provenBy(sort, habits);
    const next = await answer(page, sort, who, around, habits);
    if (kind && !refused(next)) proven.push({ kind, at: around.now() });
    page = next;
  }
  return { page, seen, proven, ways };
}

const refused = (page: Page): boolean => page.status >= 400 || /aria-invalid="true"/.test(page.text);

function sortOf(page: Page): Seen {
  const ids = page.forms.map(({ id }) => id);
  if (page.status >= 400) return 'error';
  if (ids.includes('unmet-form')) return 'unmet';
  if (ids.includes('sign-in')) return 'sign-in';
  if (ids.includes('password-form')) return 'password';
  if (ids.includes('code-form'))
    return page.form('code-form').action.endsWith('/message-code') ? 'message-otp' : 'totp';
  if (ids.includes('passkey-form')) return 'passkey';
  if (ids.includes('choose-form')) return /class="why"/.test(page.text) ? 'step-up' : 'choose';
  if (ids.includes('consent-form')) return 'consent';
  if (page.forms.some(({ names }) => names.has('xsrf'))) return 'switch';
  return 'error';
}

const provenBy = (sort: Seen, { first }: Habits): Means | undefined =>
  sort === 'sign-in' ? (first === 'passkey' ? 'passkey' : undefined) : EASIEST.find((means) => means === sort);

async function answer(page: Page, sort: Seen, who: Someone, around: Around, habits: Habits): Promise<Page> {
  switch (sort) {
    case 'sign-in':
      return habits.first === 'passkey' ? useKey(page, who) : page.submit({ identifier: who.identifier });
    case 'passkey':
      return useKey(page, who);
    case 'password':
      return page.submit({ password: who.password });
    case 'totp': {
      const step = () => Math.floor(around.now() / 30);
      if (around.steps.get(who.id) === step()) around.advance(30);
      around.steps.set(who.id, step());
      return page.submit({ code: codeOf(who.totpSecret) });
    }
    case 'message-otp':
      return page.submit({ code: await around.messageTo(who.phone) });
    case 'choose':
    case 'step-up': {
      const offered = page.form('choose-form').buttons.filter(({ name }) => name === 'kind');
      const way = (habits.prefers ?? EASIEST).find((means) => offered.some(({ value }) => value === means));
      if (!way) throw new Error(`none of the ways on ${page.url} is theirs: ${offered.map(({ value }) => value)}`);
      return page.submit({}, { form: 'choose-form', button: `kind=${way}` });
    }
    case 'consent':
      return page.submit({}, { form: 'consent-form', button: 'agree' });
    case 'unmet':
      return page.submit({}, { form: 'unmet-form' });
    default:
      return page.submit();
  }
}

function useKey(page: Page, who: Someone): Promise<Page> {
  const form = page.form('passkey-form');
  const options = JSON.parse(form.attributes.get('data-options') ?? '{}') as RequestOptions;
  if (!who.passkey) throw new Error('they have no passkey');
  return page.submit({ response: JSON.stringify(who.passkey.get(options)) }, { form: 'passkey-form' });
}
