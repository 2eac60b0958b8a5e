import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Role } from '../../../src/domain/operators/index.ts';
import { caller } from '../../support/api-operators.ts';
import { createRelyingParty } from '../../support/relying-party.ts';
import { press, type Visitor } from '../visitor.ts';
import type { ProductionServer } from './server.ts';

/** Somebody who becomes an operator. */
export interface Newcomer {
  readonly name: string;
  readonly email: string;
  readonly identityNumber: string;
}

/** A passkey of this browser's own for whoever holds the invitation that is open here, and the first sign-in with it. */
export async function comeIn({ page, addAuthenticator }: Visitor, { identityNumber }: Newcomer): Promise<void> {
  await addAuthenticator();
  await page.fill('#identityNumber', identityNumber);
  await press(page, '#continue');
  await press(page, '#continue');
  await press(page, '#passkey');
  expect(new URL(page.url()).pathname).toBe('/operator');
}

/** The first operator invites the second; answers the code, which is shown once and handed over by hand. */
export async function inviteSecond(
  { page, see, words }: Visitor,
  { issuer }: ProductionServer,
  { roles, ...person }: Newcomer & { readonly roles: readonly Role[] },
): Promise<string> {
  await page.goto(`${issuer}/operator/operators/new`);
  for (const [field, value] of Object.entries(person)) await page.fill(`#${field}`, value);
  for (const role of roles) await page.check(`input[name="role.${role}"]`);
  await page.fill('#reason', 'Người thứ hai.');
  await press(page, '#operator-form button[type="submit"]');
  await see('production-01-invited-second');
  expect(await page.isVisible('button[data-copies="code"]')).toBe(true);
  return words('#code');
}

/** A program of an operator's: what `senid --as` takes, and what it tries beside that. */
export interface Program {
  readonly as: readonly string[];
  /** What the admin API answers when this program approves the change request at an address of the console. */
  approve(url: string): Promise<Record<string, unknown>>;
}

/** Lets a program of whoever is signed in here in by its public key. */
export async function letProgramIn(
  { page, words }: Visitor,
  { issuer, folder, send }: ProductionServer,
  roles: readonly Role[],
): Promise<Program> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = join(folder, 'key.pem');
  writeFileSync(key, privateKey.export({ format: 'pem', type: 'pkcs8' }));
  await page.goto(`${issuer}/operator/api-clients`);
  await page.fill('#name', 'senid client apply');
  for (const role of roles) await page.check(`input[name="role-${role}"]`);
  await page.fill('#jwks', JSON.stringify({ ...publicKey.export({ format: 'jwk' }), kid: 'k1' }));
  await press(page, '#new-api-client button[type="submit"]');
  const id = await words('ul.cards code');

  const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256' };
  const party = await createRelyingParty(issuer, { client_id: id, jwks: { keys: [jwk] } }, { send });
  const scope = roles.map((role) => `admin:${role}`).join(' ');
  const token = await party.clientCredentials({ resource: `${issuer}/admin/v1`, scope });
  const call = caller(issuer, token.json<{ access_token: string }>().access_token, send);
  return {
    as: ['--as', id, '--key', key, '--issuer', issuer],
    async approve(url) {
      const path = `/change-requests/${url.split('/').at(-1)}`;
      const { revision } = (await call('GET', path)).json<{ revision: number }>();
      return (await call('POST', `${path}/approve`, { body: {}, ifMatch: revision })).json();
    },
  };
}

/** Another address for a client to be answered at, by its form, put before others; answers the page of the change request. */
export async function proposeRedirectUri(
  { page }: Visitor,
  { issuer }: ProductionServer,
  { clientId, uri, reason }: { readonly clientId: string; readonly uri: string; readonly reason: string },
): Promise<string> {
  await page.goto(`${issuer}/operator/clients/${clientId}/change`);
  await page.fill('#redirectUris', uri);
  await page.fill('#fields #reason', reason);
  await press(page, 'button.primary[name="fields"]');
  await press(page, '#propose button[type="submit"]');
  return page.url().replace(/\?.*$/, '');
}

/** The second person's word about what waits for them; answers the diff that they read and what the page then says. */
export async function decide(
  { page, words }: Visitor,
  { issuer }: ProductionServer,
  { word, note }: { readonly word: 'approve' | 'refuse'; readonly note: string },
): Promise<{ readonly diff: string; readonly notice: string }> {
  await page.goto(`${issuer}/operator`);
  await press(page, 'main .card tbody a');
  const diff = await words('.diff tbody');
  await page.fill('#note', note);
  await press(page, `button[name="${word}"]`);
  return { diff, notice: await words('.notice') };
}
