import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Acting } from '../../../src/domain/operators/index.ts';
import { hire } from '../../support/api-operators.ts';
import { seatOf } from '../../support/console.ts';
import { type Browser, createBrowser } from '../../support/http-client.ts';
import { createRelyingParty } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let mai: Acting;
beforeAll(async () => {
  server = await startServer();
  mai = await hire(server, ['rp_admin', 'auditor']);
});
afterAll(() => server.end());

/** A browser in which somebody signed in to the console so many minutes ago. */
async function atTheConsole(who: Acting, minutesAgo = 0): Promise<Browser> {
  const token = await seatOf(server, who.operatorId, new Date(Date.now() - minutesAgo * 60_000));
  const browser = createBrowser();
  browser.cookies.take(server.issuer, `senid-operator=${token}; Path=/`);
  return browser;
}
const page = () => `${server.issuer}/operator/api-clients`;
const keys = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    publicJwk: JSON.stringify({ ...publicKey.export({ format: 'jwk' }), kid: 'k1' }),
    privateJwk: { ...privateKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256' },
  };
};

describe('the page of one’s own API clients', () => {
  test('lets a program in with a public key, which then gets a token; and ends it', async () => {
    const browser = await atTheConsole(mai);
    const { publicJwk, privateJwk } = keys();
    const shown = await (await browser.open(page())).submit(
      { name: 'Đồng bộ', days: '30', 'role-rp_admin': 'yes', jwks: publicJwk },
      { form: 'new-api-client' },
    );
    expect(shown.words).toContain('Đã đăng ký ứng dụng khách');
    const id = /op-[0-9a-f-]{36}/.exec(shown.text)?.[0] ?? expect.fail();
    const party = await createRelyingParty(server.issuer, { client_id: id, jwks: { keys: [privateJwk] } } as never);
    const resource = `${server.issuer}/admin/v1`;
    const reply = await party.clientCredentials({ resource, scope: 'admin:rp_admin admin:auditor' });
    expect(reply.json()).toMatchObject({ scope: 'admin:rp_admin' });
    const ended = await shown.submit({}, { form: `/operator/api-clients/${id}/revoke` });
    expect(ended.words).toContain('Đã thu hồi ứng dụng khách');
    expect((await party.clientCredentials({ resource })).json().error).toBe('invalid_client');
  });

  test('says beside each field what is wrong, and keeps what was typed', async () => {
    const browser = await atTheConsole(mai);
    const answer = await (await browser.open(page())).submit(
      { name: '', days: '400', jwks: JSON.stringify(keys().privateJwk) },
      { form: 'new-api-client' },
    );
    expect(answer.status).toBe(400);
    for (const words of [
      'Hãy đặt tên',
      'Hãy chọn thời hạn',
      'Hãy chọn ít nhất một vai trò',
      'Đây chưa phải khóa công khai',
    ])
      expect(answer.words).toContain(words);
  });

  test('offers no role that one lacks, and takes none', async () => {
    const browser = await atTheConsole(mai);
    const form = (await browser.open(page())).form('new-api-client');
    expect([...form.names].filter((name) => name.startsWith('role-'))).toEqual(['role-rp_admin', 'role-auditor']);
    const values = {
      csrf: form.values.get('csrf') ?? '',
      name: 'x',
      days: '30',
      'role-approver': 'yes',
      jwks: keys().publicJwk,
    };
    const forged = await browser.send(page(), {
      method: 'POST',
      body: new URLSearchParams(values).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: server.issuer },
    });
    expect(forged.status).toBe(400);
  });

  test('asks for the passkey again ten minutes after it was used', async () => {
    const browser = await atTheConsole(mai, 11);
    const answer = await (await browser.open(page())).submit(
      { name: 'late', days: '30', 'role-auditor': 'yes', jwks: keys().publicJwk },
      { form: 'new-api-client' },
    );
    expect(answer.url).toBe(`${server.issuer}/operator/sign-in?then=api-clients`);
  });

  test('shows and ends nobody else’s', async () => {
    const other = await atTheConsole(await hire(server, ['security']));
    const mine = await atTheConsole(mai);
    const made = await (await mine.open(page())).submit(
      { name: 'mine', days: '90', 'role-auditor': 'yes', jwks: keys().publicJwk },
      { form: 'new-api-client' },
    );
    const id = /op-[0-9a-f-]{36}/.exec(made.text)?.[0] ?? expect.fail();
    const theirs = await other.open(page());
    expect(theirs.text).not.toContain(id);
    // Their own token for the act, and a program that is not theirs.
    const csrf = made.form(`/operator/api-clients/${id}/revoke`).values.get('csrf') ?? '';
    for (const browser of [other, createBrowser()]) {
      const reply = await browser.send(`${page()}/${id}/revoke`, {
        method: 'POST',
        body: new URLSearchParams({ csrf }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: server.issuer },
      });
      expect([303, 403]).toContain(reply.status);
    }
    expect(await server.app.parts.apiClients.usable(id)).toBeDefined();
  });
});
