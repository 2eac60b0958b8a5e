import type { Acting, Role } from '../../src/domain/operators/index.ts';
import { createSessionRows } from '../../src/domain/operators/session-store.ts';
import { newToken } from '../../src/platform/ids.ts';
import { createSealer } from '../../src/platform/sealed.ts';
import { Secret } from '../../src/platform/secret.ts';
import { hire } from './api-operators.ts';
import { type Browser, createBrowser, type Page } from './http-client.ts';
import type { TestServer } from './server.ts';
import {
  type CreationOptions,
  type RequestOptions,
  type SoftwarePasskey,
  softwarePasskey,
} from './software-passkey.ts';

/** An invented operator of the sandbox, as GET /sandbox/operators.json tells them. */
export interface Invented {
  readonly id: string;
  readonly name: string;
  readonly identityNumber: string;
  readonly code: string;
  readonly invitation: string;
}

export const inventedOperators = async ({ issuer }: Pick<TestServer, 'issuer'>): Promise<Invented[]> =>
  ((await (await fetch(`${issuer}/sandbox/operators.json`)).json()) as { operators: Invented[] }).operators;

const optionsOf = (page: Page, form: string) => JSON.parse(page.form(form).attributes.get('data-options') ?? '{}');

/** Accepts an invitation in a browser, as its holder does; answers the page it ends at. */
export async function enrol(
  browser: Browser,
  { issuer }: Pick<TestServer, 'issuer'>,
  { code, identityNumber }: Pick<Invented, 'code' | 'identityNumber'>,
): Promise<{ readonly page: Page; readonly passkey: SoftwarePasskey }> {
  const { hostname, origin } = new URL(issuer);
  const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
  const start = await browser.open(`${issuer}/operator/invitation`);
  const opened = await start.submit({ code, identityNumber }, { form: 'invitation' });
  const response = JSON.stringify(passkey.create(optionsOf(opened, 'register-form') as CreationOptions));
  return { page: await opened.submit({ response, name: 'Máy thử' }, { form: 'register-form' }), passkey };
}

/** Signs in at the page that is shown, or at the console's own. */
export async function signInAtConsole(
  browser: Browser,
  { issuer }: Pick<TestServer, 'issuer'>,
  passkey: SoftwarePasskey,
  tampering: Parameters<SoftwarePasskey['get']>[1] = {},
): Promise<Page> {
  const page = await browser.open(`${issuer}/operator/sign-in`);
  const response = JSON.stringify(passkey.get(optionsOf(page, 'passkey-form') as RequestOptions, tampering));
  return page.submit({ response }, { form: 'passkey-form' });
}

/** The token of a session that an operator has from `since` on. */
export async function seatOf(
  { database, environment }: Pick<TestServer, 'database' | 'environment'>,
  operatorId: string,
  since = new Date(),
): Promise<string> {
  const token = newToken();
  const master = new Secret(Buffer.from(environment.SENID_MASTER_SECRET ?? '', 'base64'));
  await database.execute(createSessionRows(createSealer(master, 'operators')).start(token, operatorId, since));
  return token;
}

/** Somebody with these roles and a session of theirs: how one comes in is another test's business. */
export async function seated(
  server: Pick<TestServer, 'database' | 'environment' | 'issuer'>,
  roles: readonly Role[],
): Promise<{ readonly operator: Acting; readonly token: string; readonly browser: Browser }> {
  const operator = await hire(server, roles);
  const token = await seatOf(server, operator.operatorId);
  const browser = createBrowser();
  browser.cookies.set(server.issuer, 'senid-operator', token);
  return { operator, token, browser };
}
