import type { OnlineMethod } from '../../src/domain/recovery/index.ts';
import { newId } from '../../src/platform/ids.ts';
import { sql } from '../../src/platform/sql.ts';
import type { Browser, Page } from './http-client.ts';
import type { TestServer } from './server.ts';
import {
  type CreationOptions,
  type RequestOptions,
  type SoftwarePasskey,
  softwarePasskey,
} from './software-passkey.ts';

/** A sheet of recovery codes for somebody, as the self-service page binds one; answers its codes. */
export async function aSheet({ app }: Pick<TestServer, 'app'>, id: string): Promise<readonly string[]> {
  const { authenticators } = app.parts;
  const subscriber = { id, label: 'A', displayName: 'A', locale: 'vi', ownData: [] } as const;
  const common = { kind: 'recovery-code', subscriber, authority: { by: 'system' }, sessionKey: newId() } as const;
  const begun = await authenticators.begin({ ...common, purpose: 'bind' });
  if (!begun.begun) throw new Error(begun.reason);
  const { codes } = begun.request as { codes: string[] };
  const bound = await authenticators.bind({
    ...common,
    challengeId: begun.challengeId ?? '',
    response: { code: codes[7] },
  });
  if (!bound.verified) throw new Error(bound.reason);
  return codes;
}

/** A passkey of somebody, made without a page. */
export async function aPasskey(
  { app, issuer }: Pick<TestServer, 'app' | 'issuer'>,
  id: string,
): Promise<SoftwarePasskey> {
  const { hostname, origin } = new URL(issuer);
  const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
  const { authenticators } = app.parts;
  const subscriber = { id, label: 'A', displayName: 'A', locale: 'vi', ownData: [] } as const;
  const common = { kind: 'passkey', subscriber, authority: { by: 'system' }, sessionKey: newId() } as const;
  const begun = await authenticators.begin({ ...common, purpose: 'bind' });
  if (!begun.begun) throw new Error(begun.reason);
  const response = passkey.create(begun.request as CreationOptions);
  const bound = await authenticators.bind({ ...common, challengeId: begun.challengeId ?? '', response });
  if (!bound.verified) throw new Error(bound.reason);
  return passkey;
}

const optionsOf = (page: Page, form: string) => JSON.parse(page.form(form).attributes.get('data-options') ?? '{}');

/** From the first page to the methods. */
export const identified = async (browser: Browser, issuer: string, identifier: string): Promise<Page> =>
  (await browser.open(`${issuer}/recover`)).submit({ identifier }, { form: 'identify-form' });

/** Chooses a method of the page that is shown. */
export const choose = (page: Page, method: OnlineMethod): Promise<Page> =>
  page.submit({}, { form: 'methods-form', button: `method=${method}` });

export const typeCode = (page: Page, code: string): Promise<Page> =>
  page.submit({ code }, { form: 'code-form', button: 'continue' });

/** Answers the page's prompt. */
export const usePasskey = (page: Page, passkey: SoftwarePasskey): Promise<Page> =>
  page.submit(
    { response: JSON.stringify(passkey.get(optionsOf(page, 'passkey-form') as RequestOptions)) },
    { form: 'passkey-form' },
  );

/** The new passkey at the end. */
export async function completeWith(page: Page, issuer: string): Promise<{ page: Page; passkey: SoftwarePasskey }> {
  const { hostname, origin } = new URL(issuer);
  const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
  const response = JSON.stringify(passkey.create(optionsOf(page, 'register-form') as CreationOptions));
  // The boxes stand beside the form: the script sends the ticked ones with it.
  const lost = [...page.text.matchAll(/name="(lost-[0-9a-f-]+)"[^>]*"register-form" checked/g)];
  const ticked = Object.fromEntries(lost.map(([, name]) => [name ?? '', 'yes']));
  return { page: await page.submit({ response, name: 'Máy mới', ...ticked }, { form: 'register-form' }), passkey };
}

/** The messages that this server has written, the newest first; waits for one that says this. */
export async function messageSaying(
  { issuer }: Pick<TestServer, 'issuer'>,
  what: RegExp,
  to?: string,
): Promise<string> {
  for (let look = 0; look < 80; look += 1) {
    const kept = (await (await fetch(`${issuer}/sandbox/messages.json`)).json()) as {
      messages: { to: string; text: string }[];
    };
    const found = kept.messages.find((one) => what.test(one.text) && (to === undefined || one.to === to));
    if (found) return found.text;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no message says ${what}`);
}

/** Lets a waiting time pass, in the database alone. */
export const letItPass = async ({ database }: Pick<TestServer, 'database'>, subscriberId: string): Promise<void> => {
  await database.transaction(async (transaction) => {
    await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
    await transaction.execute(sql`UPDATE recoveries SET waits_until = now() - interval '1 second'
      WHERE subscriber_id = ${subscriberId} AND state = 'waiting'`);
  });
};

/** Everything that takes a post on the way back into an account, before anybody is known. */
export const RECOVER_POSTS = [
  ...['identify', 'method', 'code', 'passkey', 'complete', 'complete-password', 'continue', 'cancel'].map(
    (act) => `/recover/${act}`,
  ),
  '/recover/cancel/:code',
  '/recover/cancel/:code/lock',
];
/** And what prepares for it in "My account". */
export const PREPARE_POSTS = [
  '/account/recovery-codes',
  '/account/recovery-codes/download',
  '/account/recovery/phone',
  '/account/recovery/e-mail',
  '/account/recovery/confirm',
  '/account/recovery/remove',
  '/account/recovery/stop',
];
export const RECOVERY_POSTS = [...RECOVER_POSTS, ...PREPARE_POSTS];
