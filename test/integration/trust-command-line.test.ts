import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { type ChangeName, changeCommand } from '../../src/cli/trust/change.ts';
import { readOne } from '../../src/cli/trust/file.ts';
import { checkCommand, listCommand } from '../../src/cli/trust/standing.ts';
import type { ChangeSubject } from '../../src/domain/approvals/index.ts';
import { createJournal } from '../../src/domain/audit/index.ts';
import { createNationalCscaChanges } from '../../src/domain/proofing/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { sql } from '../../src/platform/sql.ts';
import { parseCertificate } from '../../src/standards/icao9303/pki/certificate.ts';
import { commandOn } from '../support/command.ts';
import { freshDatabase } from '../support/database.ts';
import { environmentOf, settingsOf } from '../support/settings.ts';
import { aCountry, aTrustProcess } from '../support/trust.ts';
import { twoPeople } from '../support/two-people.ts';

const vn = aCountry('VN');
const de = aCountry('DE');
const fr = aCountry('FR');
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 19);

// `senid trust`, as an operator types it: what it says, what a program reads, and its exit codes.
describe('senid trust', { timeout: 120_000 }, () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let environment: Record<string, string>;
  let app: App;
  const folder = mkdtempSync(join(tmpdir(), 'senid-trust-'));
  const file = (name: string, bytes: Buffer | string): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  beforeAll(async () => {
    fresh = await freshDatabase();
    environment = { ...environmentOf(fresh.url, 3000, folder, {}), NO_COLOR: '1' };
    app = await createApp(settingsOf(environment));
  });
  afterAll(async () => {
    await app.stop();
    await fresh.end();
    rmSync(folder, { recursive: true });
  });

  /** In a process of its own. */
  const typed = async (...words: string[]) => {
    const child = spawn(resolve('bin/senid'), ['trust', ...words], { env: { PATH: process.env.PATH, ...environment } });
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { status: status as number | null, stdout, stderr };
  };
  const by = ['--by', 'Trần Văn Minh'];
  /** In this one: what a process of its own adds is tried where it matters. */
  const trust = (name: 'check' | 'list' | ChangeName, ...words: string[]) => {
    const { positionals, values } = parseArgs({
      ...{ args: words, allowPositionals: true },
      options: { by: { type: 'string' }, json: { type: 'boolean', default: false } },
    });
    return commandOn(
      { app, environment },
      (context) => {
        if (name === 'check') return checkCommand(context);
        if (name === 'list') return listCommand(context);
        return changeCommand(context, name, positionals[0] ?? '', { by: values.by ?? '' });
      },
      { json: values.json },
    );
  };

  test('check: with nothing pinned it is 1, and says so', async () => {
    expect(await trust('check')).toEqual({
      ...{ status: 1, stderr: '' },
      stdout: '✗ no authority of VN is pinned: no card of ours is accepted\n',
    });
  });

  test('pin-national: from PEM or DER, once, and the running processes know', async () => {
    const there = aTrustProcess(fresh.url, { now: () => new Date() });
    try {
      await there.store.anchors();
      const pem = `-----BEGIN CERTIFICATE-----\n${vn.der.toString('base64')}\n-----END CERTIFICATE-----\n`;
      const { status, stdout } = await typed('pin-national', file('vn.pem', pem), ...by);
      expect(status).toBe(0);
      expect(stdout).toBe(
        `✓ pinned: CN=TEST CSCA,O=Tests,C=VN. Only pinned authorities vouch for cards of VN.\n  SHA-256 ${parseCertificate(vn.der).sha256}\n`,
      );
      await expect
        .poll(async () => (await there.store.anchors()).candidates(parseCertificate(vn.signer(1))), { timeout: 2_000 })
        .toMatchObject([{ national: true }]);
    } finally {
      await there.end();
    }
    const again = await trust('pin-national', file('vn.cer', vn.der), ...by);
    expect(again).toMatchObject({ status: 0, stdout: expect.stringContaining('✓ nothing to change: CN=TEST CSCA') });
  });

  test('pin-national: a refusal is 1, with its code, its reason and the certificate', async () => {
    const { status, stdout, stderr } = await trust('pin-national', file('de.cer', de.der), ...by);
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout).toContain('csca.foreign (CN=TEST CSCA,O=Tests,C=DE). An authority of another country');
    expect(stdout).toContain('Nothing was changed.');
    const json = await trust('pin-national', join(folder, 'de.cer'), ...by, '--json');
    expect(json.status).toBe(1);
    expect(JSON.parse(json.stdout)).toEqual({
      done: false,
      refusal: { code: 'csca.foreign', about: 'CN=TEST CSCA,O=Tests,C=DE' },
      says: expect.stringContaining('another country'),
    });
  });

  test('pin-root, import-master-list: what came and what went is listed, an older one is refused', async () => {
    expect(await trust('pin-root', file('de.cer', de.der), ...by)).toMatchObject({ status: 0 });
    const list = (at: string, ders: Buffer[]) => file(`${at}.ml`, de.masterList(ders, `${at}Z`));
    const first = await trust('import-master-list', list(day(-20), [de.der, fr.der]), ...by, '--json');
    expect(JSON.parse(first.stdout)).toMatchObject({ done: true, certificates: 2, came: 2, ended: [] });
    const second = await trust('import-master-list', list(day(-10), [de.der]), ...by);
    expect(second.status).toBe(0);
    expect(second.stdout).toContain('1 certificates, 0 of them new.');
    expect(second.stdout).toContain('  Trusted no more: CN=TEST CSCA,O=Tests,C=FR');
    const third = await trust('import-master-list', list(day(-15), [de.der, fr.der]), ...by);
    expect(third).toMatchObject({ status: 1, stdout: expect.stringContaining('masterlist.rollback') });
  });

  test('import-csca, import-crl, check: all is well, and what is due is named', async () => {
    expect(await trust('import-csca', file('fr.cer', fr.der), ...by)).toMatchObject({ status: 0 });
    expect(await trust('check')).toMatchObject({ status: 1, stdout: expect.stringContaining('no revocation list of') });
    const crl = file('vn.crl', vn.revocationList(7, { from: `${day(-3)}Z`, until: `${day(3)}Z`, revoked: [5] }));
    expect(await trust('import-crl', crl, ...by)).toMatchObject({ status: 0 });
    const { status, stdout } = await trust('check');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^✓ 3 certificates are trusted, 1 of them national\n! a new revocation list of .*C=VN is due/,
    );
    const json = await trust('check', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      well: true,
      national: 1,
      warnings: [{ what: 'list_due', within: 7 }],
    });
  });

  test('list: certificates, who holds them, the lists in use', async () => {
    const { status, stdout } = await trust('list');
    expect(status).toBe(0);
    expect(stdout).toMatch(/national +VN +2039-01-01 +Trần Văn Minh +CN=TEST CSCA/);
    expect(stdout).toMatch(/foreign +DE +2039-01-01 +Trần Văn Minh, list DE/);
    expect(stdout).toMatch(/\nDE +20\d\d-\d\d-\d\d +1 +Trần Văn Minh\n/);
    expect(stdout).toMatch(/\nVN +7 +20\d\d-\d\d-\d\d +1 +Trần Văn Minh +CN=TEST CSCA/);
    const { certificates } = JSON.parse((await trust('list', '--json')).stdout) as { certificates: unknown[] };
    expect(certificates).toHaveLength(3);
  });

  test('remove: by the beginning of a hash; one that is not there is 1', async () => {
    const { sha256 } = parseCertificate(fr.der);
    const removed = await trust('remove', sha256.slice(0, 10), ...by);
    expect(removed).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('✓ removed: CN=TEST CSCA,O=Tests,C=FR'),
    });
    expect(await trust('remove', sha256.slice(0, 10), ...by)).toMatchObject({ status: 1 });
  });

  test('without a name, or with a word that is none, it is 64; a file that cannot be read is 2', async () => {
    expect((await typed('pin-national', join(folder, 'vn.cer'))).status).toBe(64);
    expect(await trust('pin-national', join(folder, 'vn.cer'), '--by', ' ')).toMatchObject({
      ...{ status: 64, stdout: '', stderr: expect.stringContaining('--by must be a name') },
    });
    expect((await typed('levitate')).status).toBe(64);
    expect(await trust('import-csca', '/nowhere', ...by)).toEqual({
      ...{ status: 2, stdout: '', stderr: '/nowhere: cannot be read.\n' },
    });
  });

  test.each<[string, string, () => string]>([
    ['a folder', 'is no file', () => folder],
    ['one too large', 'is larger than 65536 bytes', () => file('large', Buffer.alloc(65_537))],
    ['two certificates', 'holds 2', () => file('two.pem', armoured('CERTIFICATE').repeat(2))],
    ['a key', 'holds none', () => file('key.pem', armoured('PRIVATE KEY'))],
  ])('of the files, %s is not read', (_what, sentence, path) => {
    expect(() => readOne(path(), 'certificate')).toThrow(sentence);
  });

  test('a setting that is wrong is 78', async () => {
    const wrong = spawn(resolve('bin/senid'), ['trust', 'list'], { env: { PATH: process.env.PATH } });
    const [stderr, [status]] = await Promise.all([text(wrong.stderr), once(wrong, 'close')]);
    expect(status).toBe(78);
    expect(stderr).toContain('ISSUER is missing');
  });
});

// What vouches for our own cards changes by two people: a command line only drafts it.
describe('senid trust outside a sandbox', { timeout: 120_000 }, () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let environment: Record<string, string>;
  let app: App;
  const folder = mkdtempSync(join(tmpdir(), 'senid-trust-'));
  const issuer = 'https://id.senid.example';
  const secret = (): string => randomBytes(32).toString('base64');
  const secrets = { SENID_MASTER_SECRET: secret(), COOKIE_KEYS: secret() };
  beforeAll(async () => {
    fresh = await freshDatabase();
    writeFileSync(join(folder, 'vn.cer'), vn.der);
    writeFileSync(join(folder, 'de.cer'), de.der);
    const { EGRESS_ALLOWED: _, ...sandbox } = environmentOf(fresh.url, 3000, folder, {});
    environment = {
      ...{ ...sandbox, PROFILE: 'production', ISSUER: issuer, ...secrets, TRUSTED_PROXY: '127.0.0.1' },
      ...{ SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'a@senid.example', SMS_GATEWAY_URL: 'http://127.0.0.1:9' },
    };
    app = await createApp(settingsOf(environment));
  });
  afterAll(async () => {
    await app.stop();
    await fresh.end();
    rmSync(folder, { recursive: true });
  });
  const name = 'Trần Văn Minh';
  const typed = async (...words: string[]) => {
    const env = { PATH: process.env.PATH, NO_COLOR: '1', ...environment };
    const child = spawn(resolve('bin/senid'), ['trust', ...words, '--by', name], { env });
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { status: status as number | null, stdout, stderr };
  };
  const trust = (change: ChangeName, given: string, options: { json?: boolean } = {}) =>
    commandOn({ app, environment }, (context) => changeCommand(context, change, given, { by: name }), options);
  const drafts = () =>
    fresh.database.rows<{ id: string; state: string; draftedBy: string; act: string; reason: string }>(
      sql`SELECT id, state, drafted_by AS "draftedBy", after ->> 'act' AS act, reason FROM change_requests ORDER BY number`,
    );

  test('pin-national drafts, says where two people decide, and pins nothing', async () => {
    const { status, stdout, stderr } = await typed('pin-national', join(folder, 'vn.cer'));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [draft, ...others] = await drafts();
    expect(others).toEqual([]);
    expect(draft).toMatchObject({
      ...{ state: 'draft', draftedBy: 'command line', act: 'pin', reason: 'senid trust pin-national, Trần Văn Minh' },
    });
    expect(stdout).toContain('✓ drafted: CN=TEST CSCA,O=Tests,C=VN.');
    expect(stdout).toContain(`${issuer}/operator/changes/${draft!.id}\n`);
    expect(await fresh.database.rows(sql`SELECT 1 FROM trust_holdings`)).toEqual([]);
  });

  test('what may not be pinned is not drafted, and 1', async () => {
    const { status, stdout } = await trust('pin-national', join(folder, 'de.cer'), { json: true });
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ done: false, drafted: false, reason: 'faulty', faults: [expect.stringContaining('csca.foreign')] },
    });
    expect(await drafts()).toHaveLength(1);
  });

  test('remove drafts for one of our own, and removes another one as ever', async () => {
    const there = aTrustProcess(fresh.url, systemClock, { fourEyes: true });
    try {
      const { database, store } = there;
      const journal = createJournal({ database, clock: systemClock });
      const subject = createNationalCscaChanges({ database, clock: systemClock, journal, trustStore: store });
      const { change } = twoPeople({ database, clock: systemClock, subject: subject as ChangeSubject });
      await change({ act: 'pin', certificate: vn.der.toString('base64') });
      await store.importCertificate(de.der, { by: 'Trần Văn Minh' });
      const ours = await trust('remove', parseCertificate(vn.der).sha256.slice(0, 10));
      expect(ours).toMatchObject({ status: 0, stdout: expect.stringContaining('✓ drafted:') });
      expect((await drafts()).at(-1)).toMatchObject({ state: 'draft', draftedBy: 'command line', act: 'remove' });
      const theirs = await trust('remove', parseCertificate(de.der).sha256.slice(0, 10));
      expect(theirs).toMatchObject({ status: 0, stdout: expect.stringContaining('✓ removed:') });
      expect((await store.list()).certificates).toMatchObject([{ country: 'VN', national: true }]);
    } finally {
      await there.end();
    }
  });
});

const armoured = (label: string): string => `-----BEGIN ${label}-----\nAA==\n-----END ${label}-----\n`;
