import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyDescription } from '../../../src/domain/signing-keys/index.ts';
import { sql } from '../../../src/platform/sql.ts';
import { freshDatabase } from '../../support/database.ts';
import { environmentOf } from '../../support/settings.ts';
import { aToken, type TestToken, whyNoToken } from '../../support/softhsm.ts';

const missing = whyNoToken();
const secret = (): string => randomBytes(32).toString('base64');

describe('senid keys', { timeout: 120_000 }, () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let token: TestToken;
  const folder = mkdtempSync(join(tmpdir(), 'senid-keys-cli-'));
  beforeAll(async () => {
    fresh = await freshDatabase();
    if (missing) return;
    token = aToken();
    await token.start();
  });
  afterAll(async () => {
    await token?.end();
    await fresh.end();
    rmSync(folder, { recursive: true });
  });
  const run = async (environment: Record<string, string>, program: string, ...words: string[]) => {
    const child = spawn(program, words, { env: { ...environment, NO_COLOR: '1', PATH: process.env.PATH } });
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { status: status as number | null, stdout, stderr };
  };
  const senid = (environment: Record<string, string>, ...words: string[]) =>
    run(environment, resolve('bin/senid'), ...words);
  const sandbox = (more: Record<string, string>) => environmentOf(fresh.url, 3000, folder, more);

  test('outside a sandbox rotates nothing: it drafts what two people decide, for each algorithm', async () => {
    const { EGRESS_ALLOWED: _, ...usual } = sandbox({ SENID_MASTER_SECRET: secret(), COOKIE_KEYS: secret() });
    const production = {
      ...{ ...usual, PROFILE: 'production', ISSUER: 'https://id.senid.example', TRUSTED_PROXY: '127.0.0.1' },
      ...{ SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'a@senid.example', SMS_GATEWAY_URL: 'http://127.0.0.1:9' },
    };
    const listed = async () =>
      JSON.parse((await senid(production, 'keys', 'list', '--json')).stdout) as KeyDescription[];
    const before = await listed();
    expect(before).toHaveLength(8);
    const { status, stdout, stderr } = await senid(production, 'keys', 'rotate', '--force', '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const drafts = JSON.parse(stdout) as { algorithm: string; drafted: boolean; url: string }[];
    expect(drafts.map(({ algorithm }) => algorithm)).toEqual(['ES256', 'RS256', 'PS256', 'EdDSA']);
    expect(await listed()).toEqual(before);
    const rows = await fresh.database.rows<{ id: string; subject: string; state: string }>(sql`
      SELECT id, subject, state FROM change_requests WHERE kind = 'signing-keys' ORDER BY number`);
    expect(rows.map(({ id, subject, state }) => ({ algorithm: subject, state, url: id }))).toEqual(
      drafts.map(({ algorithm, url }) => ({ algorithm, state: 'draft', url: url.split('/').at(-1) })),
    );
    await fresh.database.execute(sql`DELETE FROM signing_keys`);
  });

  describe.skipIf(missing)(`with a token${missing ? ` (not tried here: ${missing})` : ''}`, () => {
    test('lists the keys that it made there; the server does not start with a wrong PIN, and says so in one sentence', async () => {
      const environment = sandbox(token.environment);
      const { status, stdout } = await senid(environment, 'keys', 'list', '--json');
      expect(status).toBe(0);
      expect((JSON.parse(stdout) as KeyDescription[]).map(({ custody }) => custody)).toEqual(Array(8).fill('pkcs11'));

      const wrong = { ...environment, PKCS11_PIN: '314159', WORKERS: '2' };
      const serve = await run(wrong, process.execPath, 'src/main.ts');
      expect(serve).toMatchObject({
        status: 78,
        stderr: expect.stringMatching(/^SenID does not start: signing keys: The token refuses the PIN\.[^\n]*\n$/),
      });
      const doctor = await senid(environment, 'doctor');
      expect(doctor.stdout).toContain(
        `✗ token ${token.label}: signing keys: Somebody has given this token a wrong PIN.`,
      );
    });

    test('the first start without the token is refused, with what to do', async () => {
      await token.stop();
      await fresh.database.execute(sql`DELETE FROM signing_keys`);
      const serve = await run(sandbox(token.environment), process.execPath, 'src/main.ts');
      expect(serve.status).toBe(78);
      expect(serve.stderr).toContain('signing_keys.unavailable');
      expect(serve.stderr).toContain('p11-kit server must run there');
    });
  });
});
