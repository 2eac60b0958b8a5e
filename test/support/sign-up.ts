import { randomBytes } from 'node:crypto';
import type { Browser, Page } from './http-client.ts';
import type { TestServer } from './server.ts';

/** A form with a picture, as a browser sends it without script (RFC 7578). */
export function multipart(fields: Record<string, string>, picture: Buffer, name = 'picture') {
  const boundary = `----test${randomBytes(12).toString('hex')}`;
  const parts = Object.entries(fields).map(
    ([field, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="me.jpg"\r\nContent-Type: image/jpeg\r\n\r\n`;
  return {
    body: Buffer.concat([Buffer.from(parts.join('') + head), picture, Buffer.from(`\r\n--${boundary}--\r\n`)]),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  };
}

/** What somebody types of themselves. */
export interface Typed {
  readonly identityNumber: string;
  readonly fullName: string;
  readonly birthdate: string;
  readonly phone: string;
  readonly picture: Buffer;
}

/** The newest code that went to a telephone after so many messages. */
export async function phoneCode({ issuer }: TestServer, phone: string, after = 0): Promise<string> {
  for (let tries = 0; tries < 400; tries += 1) {
    const messages = await messagesTo(issuer, phone);
    const code = messages.slice(0, messages.length - after).map((text) => /#(\d{6})$/.exec(text)?.[1]);
    const found = code.find((one) => one !== undefined);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('no code came');
}

/** What a telephone of the sandbox has received, the newest first. */
export async function messagesTo(issuer: string, phone: string): Promise<string[]> {
  const answer = await fetch(`${issuer}/sandbox/messages.json`);
  const { messages } = (await answer.json()) as { messages: { to: string; text: string }[] };
  return messages.filter(({ to }) => to === phone).map(({ text }) => text);
}

/** Walks the form to its end; every page that is seen on the way, in order. `at` is called before each form is sent. */
export async function signUp(
  server: TestServer,
  browser: Browser,
  typed: Typed,
  at: (page: Page, action: string) => Promise<void> = async () => {},
): Promise<Page[]> {
  const { issuer } = server;
  const [year = '', month = '', day = ''] = typed.birthdate.split('-');
  const seen: Page[] = [await browser.open(`${issuer}/sign-up/identity`)];
  const on = async (fields: Record<string, string>, action: string): Promise<void> => {
    const page = seen.at(-1)!;
    await at(page, action);
    seen.push(await page.submit(fields, { form: action, button: 'continue' }));
  };
  const { identityNumber, fullName } = typed;
  await on({ accountType: 'citizen', identityNumber, fullName, day, month, year }, '/sign-up/identity');
  const before = (await messagesTo(issuer, typed.phone)).length;
  await on({ phone: typed.phone }, '/sign-up/phone');
  await on({ code: await phoneCode(server, typed.phone, before) }, '/sign-up/code');
  await on({ agree: 'yes' }, '/sign-up/privacy');
  const face = seen.at(-1)!;
  await at(face, '/sign-up/face');
  const csrf = face.form('/sign-up/face').values.get('csrf') ?? '';
  seen.push(await browser.open(`${issuer}/sign-up/face`, { method: 'POST', ...multipart({ csrf }, typed.picture) }));
  await on({}, '/sign-up/summary');
  return seen;
}
