import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readSettings } from '../../../src/config/load.ts';
import { SANDBOX_KEY } from '../../../src/config/profiles.ts';
import { declared } from '../../../src/config/settings.ts';

const random = () => randomBytes(32).toString('base64');
const safe = (): Record<string, string> => ({
  ISSUER: 'https://id.example.vn',
  DATABASE_URL: 'postgres://senid:pw@localhost/senid',
  SENID_MASTER_SECRET: random(),
  COOKIE_KEYS: `${random()}, ${random()}`,
  SMTP_URL: 'smtps://mail.example.vn',
  MAIL_FROM: 'no-reply@id.example.vn',
  SMS_GATEWAY_URL: 'https://sms.example.vn/send',
  TRUSTED_PROXY: '10.0.0.7, 10.1.0.0/16',
});
const faultsOf = (environment: Record<string, string>): string[] => {
  const read = readSettings(environment);
  return 'faults' in read ? read.faults : [];
};

describe('settings', () => {
  test('a complete production environment is read, with the defaults', () => {
    const read = readSettings(safe());
    expect(read).toMatchObject({
      settings: {
        profile: 'production',
        issuer: 'https://id.example.vn',
        port: 3000,
        workers: 1,
        trustedProxies: ['10.0.0.7', '10.1.0.0/16'],
        signingKeyCustody: 'database',
      },
    });
  });

  test('no secret can be printed', () => {
    const environment = safe();
    const read = readSettings(environment);
    const shown = inspect(read, { depth: 9 }) + JSON.stringify(read);
    for (const [, { name, secret }] of declared) {
      if (secret && environment[name]) expect(shown).not.toContain(environment[name]);
    }
    expect(shown).toContain('[secret]');
  });

  test('everything that is missing in production is named at once', () => {
    expect(faultsOf({}).map((fault) => fault.split(' ')[0])).toEqual([
      'ISSUER',
      'DATABASE_URL',
      'SENID_MASTER_SECRET',
      'COOKIE_KEYS',
      'SMTP_URL',
      'MAIL_FROM',
      'SMS_GATEWAY_URL',
      'nothing',
    ]);
  });

  test('what is wrong, missing and unsafe is listed together', () => {
    const { SMTP_URL, ...rest } = safe();
    const faults = faultsOf({ ...rest, PORT: '70000', ISSUER: 'http://id.example.vn' });
    expect(faults).toEqual([
      'PORT must be a whole number from 0 to 65535',
      expect.stringMatching(/^SMTP_URL is missing/),
      'ISSUER must begin with https://',
    ]);
    expect(SMTP_URL).toBeDefined();
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['an http issuer', { ISSUER: 'http://id.example.vn' }, /^ISSUER must begin with https/],
    ['an issuer with a path', { ISSUER: 'https://id.example.vn/x' }, /^ISSUER must be scheme, host/],
    ['an issuer with a slash at the end', { ISSUER: 'https://id.example.vn/' }, /^ISSUER must be scheme, host/],
    ['a short master secret', { SENID_MASTER_SECRET: 'c2hvcnQ=' }, /^SENID_MASTER_SECRET must be 32/],
    ['a master secret of zeros', { SENID_MASTER_SECRET: Buffer.alloc(32).toString('base64') }, /guessed/],
    [
      'a sandbox master secret',
      { SENID_MASTER_SECRET: Buffer.concat([SANDBOX_KEY, randomBytes(32)]).toString('base64') },
      /^SENID_MASTER_SECRET is a sandbox key/,
    ],
    [
      'a sandbox cookie key behind a good one',
      { COOKIE_KEYS: `${random()},${Buffer.concat([SANDBOX_KEY, randomBytes(32)]).toString('base64')}` },
      /^COOKIE_KEYS holds a sandbox key/,
    ],
    [
      'a written sentence as a cookie key',
      { COOKIE_KEYS: Buffer.from('the quick brown fox jumps over a dog').toString('base64') },
      /guessed/,
    ],
    [
      'a database far away without TLS',
      { DATABASE_URL: 'postgres://a:b@db.example.vn/senid' },
      /^DATABASE_URL reaches/,
    ],
    ['nobody who speaks https', { TRUSTED_PROXY: '' }, /^nothing speaks https/],
    ['a proxy that is anybody', { TRUSTED_PROXY: '0.0.0.0/0' }, /^TRUSTED_PROXY trusts everybody/],
    ['a proxy that is no address', { TRUSTED_PROXY: 'proxy' }, /^TRUSTED_PROXY must name addresses/],
    ['a certificate without its key', { TLS_CERT_FILE: '/etc/tls.pem' }, /^TLS_CERT_FILE and TLS_KEY_FILE/],
    [
      'one-time codes in the clear',
      { SMS_GATEWAY_URL: 'http://sms.example.vn' },
      /^SMS_GATEWAY_URL must begin with https/,
    ],
    ['a file of sandbox clients', { CLIENTS_FILE: 'clients.json' }, /^CLIENTS_FILE is for the sandbox only/],
    [
      'private origins to fetch from',
      { EGRESS_ALLOWED: 'http://localhost:3001' },
      /^EGRESS_ALLOWED is for the sandbox/,
    ],
    ['a brand colour that white text drowns in', { BRAND_COLOUR: '#cccccc' }, /^BRAND_COLOUR must be dark enough/],
    ['an unknown profile', { PROFILE: 'demo' }, /^PROFILE must be production or sandbox/],
  ])('production refuses %s', (_, change, sentence) => {
    expect(faultsOf({ ...safe(), ...change })).toEqual([expect.stringMatching(sentence)]);
  });

  const authority = {
    DOCUMENT_AUTHORITY_URL: 'https://documents.example.vn/v1',
    DOCUMENT_AUTHORITY_TOKEN_URL: 'https://documents.example.vn/token',
    DOCUMENT_AUTHORITY_CLIENT_ID: 'senid',
    DOCUMENT_AUTHORITY_CLIENT_SECRET: 'a secret',
  };

  test('the document authority is given whole, over https, or not at all', () => {
    expect(readSettings({ ...safe(), ...authority })).toMatchObject({
      settings: { documentAuthorityClientId: 'senid' },
    });
    for (const name of Object.keys(authority)) {
      const { [name as keyof typeof authority]: _, ...some } = authority;
      expect(faultsOf({ ...safe(), ...some })).toEqual([
        expect.stringMatching(/^DOCUMENT_AUTHORITY_URL, .* belong together/),
      ]);
    }
    for (const name of ['DOCUMENT_AUTHORITY_URL', 'DOCUMENT_AUTHORITY_TOKEN_URL']) {
      const plain = { ...authority, [name]: 'http://documents.example.vn/v1' };
      expect(faultsOf({ ...safe(), ...plain })).toContain(`${name} must be an address that begins with https://`);
    }
  });

  const partner = (name: string) => ({
    [`${name}_URL`]: 'https://partner.example.vn/v1',
    [`${name}_TOKEN_URL`]: 'https://partner.example.vn/token',
    [`${name}_CLIENT_ID`]: 'senid',
    [`${name}_CLIENT_SECRET`]: 'a secret',
  });

  test.each(['POPULATION_REGISTRY', 'TELEPHONE_REGISTRY', 'FACE_MATCHER'])(
    '%s is given whole, over https, or not at all',
    (name) => {
      const given = { ...partner(name), FACE_MATCHER_PAD: 'tested' };
      expect(readSettings({ ...safe(), ...given })).toHaveProperty('settings');
      for (const one of Object.keys(partner(name))) {
        const { [one]: _, ...some } = given as Record<string, string>;
        expect(faultsOf({ ...safe(), ...some })).toEqual([
          expect.stringMatching(new RegExp(`^${name}_URL, .* belong together`)),
        ]);
      }
      const plain = { ...given, [`${name}_TOKEN_URL`]: 'http://partner.example.vn/token' };
      expect(faultsOf({ ...safe(), ...plain })).toContain(
        `${name}_TOKEN_URL must be an address that begins with https://`,
      );
    },
  );

  test.each<[profile: 'production' | 'sandbox', pad: string | undefined, required: string | undefined, fault?: string]>(
    [
      ['production', undefined, undefined, 'FACE_MATCHER_PAD is none and FACE_PAD_REQUIRED asks tested'],
      [
        'production',
        'active-challenge',
        undefined,
        'FACE_MATCHER_PAD is active-challenge and FACE_PAD_REQUIRED asks tested',
      ],
      ['production', 'tested', undefined],
      ['production', 'active-challenge', 'active-challenge'],
      ['production', undefined, 'none'],
      ['sandbox', undefined, undefined, 'FACE_MATCHER_PAD is none and FACE_PAD_REQUIRED asks active-challenge'],
      ['sandbox', 'active-challenge', undefined],
      [
        'sandbox',
        'active-challenge',
        'tested',
        'FACE_MATCHER_PAD is active-challenge and FACE_PAD_REQUIRED asks tested',
      ],
    ],
  )('%s: an engine that does %s where %s is asked', (profile, pad, required, fault) => {
    const environment = {
      ...{ ...safe(), PROFILE: profile, ...partner('FACE_MATCHER') },
      ...(pad ? { FACE_MATCHER_PAD: pad } : {}),
      ...(required ? { FACE_PAD_REQUIRED: required } : {}),
    };
    expect(faultsOf(environment)).toEqual(fault ? [fault] : []);
    // Without an engine nothing is asked of it.
    expect(faultsOf({ ...safe(), PROFILE: profile, ...(pad ? { FACE_MATCHER_PAD: pad } : {}) })).toEqual([]);
  });

  test.each<[profile: 'production' | 'sandbox', given: Record<string, string>, faults: string[]]>([
    ['sandbox', { FACE_PAD_REQUIRED: 'none' }, []],
    [
      'sandbox',
      {},
      ['FACE_MATCHER embedded detects no presentation attack and FACE_PAD_REQUIRED asks active-challenge'],
    ],
    ['production', { FACE_PAD_REQUIRED: 'none', FACE_EMBEDDED_ACCEPTED: 'yes' }, []],
    [
      'production',
      { FACE_EMBEDDED_ACCEPTED: 'yes' },
      ['FACE_MATCHER embedded detects no presentation attack and FACE_PAD_REQUIRED asks tested'],
    ],
    [
      'production',
      { FACE_PAD_REQUIRED: 'none' },
      [
        'FACE_MATCHER embedded is an engine that nobody has certified: take FACE_MATCHER_URL, or say FACE_EMBEDDED_ACCEPTED=yes',
      ],
    ],
    [
      'sandbox',
      { FACE_PAD_REQUIRED: 'none', FACE_MATCHER_PAD: 'tested' },
      ['FACE_MATCHER_PAD vouches for the engine at FACE_MATCHER_URL: the embedded one detects nothing'],
    ],
    [
      'sandbox',
      { ...partner('FACE_MATCHER'), FACE_PAD_REQUIRED: 'none' },
      ['FACE_MATCHER embedded and FACE_MATCHER_URL name two engines: keep one'],
    ],
    ['sandbox', { FACE_PAD_REQUIRED: 'none', FACE_THRESHOLD: '0.41' }, []],
    [
      'sandbox',
      { FACE_PAD_REQUIRED: 'none', FACE_THRESHOLD: '0.4099' },
      ['FACE_THRESHOLD must be a number from 0.41 to 0.99, such as 0.41'],
    ],
    [
      'sandbox',
      { FACE_PAD_REQUIRED: 'none', FACE_THRESHOLD: '45%' },
      ['FACE_THRESHOLD must be a number from 0.41 to 0.99, such as 0.41'],
    ],
  ])('%s: the embedded engine with %o', (profile, given, faults) => {
    expect(faultsOf({ ...safe(), PROFILE: profile, FACE_MATCHER: 'embedded', ...given })).toEqual(faults);
  });

  const known = {
    ...{ ...partner('POPULATION_REGISTRY'), ...partner('FACE_MATCHER'), ...partner('DOCUMENT_AUTHORITY') },
    FACE_MATCHER_PAD: 'tested',
  };
  const remote = (what: string): string => `REMOTE_PROOFING is on and ${what}`;
  const noAttack = remote('FACE_MATCHER embedded detects no presentation attack: take FACE_MATCHER_URL');
  test.each<[profile: 'production' | 'sandbox', given: Record<string, string>, faults: string[]]>([
    ['production', known, []],
    ['production', { ...known, FACE_PAD_REQUIRED: 'active-challenge' }, []],
    [
      'production',
      { ...known, FACE_MATCHER_PAD: 'active-challenge', FACE_PAD_REQUIRED: 'none' },
      [remote('takes FACE_MATCHER_PAD tested, which is active-challenge')],
    ],
    [
      'production',
      {},
      ['POPULATION_REGISTRY_URL', 'FACE_MATCHER_URL', 'DOCUMENT_AUTHORITY_URL'].map((name) =>
        remote(`${name} is missing`),
      ),
    ],
    [
      'production',
      {
        ...{ ...partner('POPULATION_REGISTRY'), ...partner('DOCUMENT_AUTHORITY') },
        ...{ FACE_MATCHER: 'embedded', FACE_EMBEDDED_ACCEPTED: 'yes', FACE_PAD_REQUIRED: 'none' },
      },
      [noAttack, remote('FACE_MATCHER_URL is missing')],
    ],
    ['sandbox', {}, []],
    ['sandbox', { FACE_MATCHER: 'embedded', FACE_PAD_REQUIRED: 'none' }, [noAttack]],
    ['sandbox', { ...partner('FACE_MATCHER'), FACE_MATCHER_PAD: 'active-challenge' }, []],
    [
      'sandbox',
      { ...partner('FACE_MATCHER'), FACE_PAD_REQUIRED: 'none' },
      [remote('takes FACE_MATCHER_PAD active-challenge, which is none')],
    ],
  ])('%s: proofs from home with %o', (profile, given, faults) => {
    expect(faultsOf({ ...safe(), PROFILE: profile, REMOTE_PROOFING: 'on', ...given })).toEqual(faults);
    // Off, as it is when nobody says anything, it asks nothing of anybody.
    expect(faultsOf({ ...safe(), PROFILE: profile, ...given }).join()).not.toContain('REMOTE_PROOFING');
  });

  test('signing keys rest in a folder in a sandbox only', () => {
    const SIGNING_KEY_CUSTODY = 'file';
    expect(faultsOf({ ...safe(), SIGNING_KEY_CUSTODY })).toEqual([
      expect.stringMatching(/^SIGNING_KEY_CUSTODY file is for/),
    ]);
    expect(faultsOf({ ...safe(), PROFILE: 'sandbox', SIGNING_KEY_CUSTODY })).toEqual([]);
  });

  const inModule = {
    SIGNING_KEY_CUSTODY: 'pkcs11',
    PKCS11_SOCKET: '/run/senid/p11.sock',
    PKCS11_TOKEN: 'senid',
    PKCS11_PIN: '271828',
  };

  test('a module of signing keys is given whole, or not at all, and not where or how anybody would try first', () => {
    expect(readSettings({ ...safe(), ...inModule })).toMatchObject({ settings: { pkcs11Token: 'senid' } });
    for (const name of ['PKCS11_SOCKET', 'PKCS11_TOKEN', 'PKCS11_PIN'] as const) {
      const { [name]: one, ...others } = inModule;
      expect(faultsOf({ ...safe(), ...others })).toEqual([`SIGNING_KEY_CUSTODY is pkcs11 and ${name} is missing`]);
      expect(faultsOf({ ...safe(), [name]: one })).toEqual([`${name} is given and SIGNING_KEY_CUSTODY is not pkcs11`]);
    }
    for (const PKCS11_PIN of ['123456', '000000', '98765432', '2718'])
      expect(faultsOf({ ...safe(), ...inModule, PKCS11_PIN })).toEqual([expect.stringMatching(/^PKCS11_PIN is what/)]);
    const elsewhere = { ...inModule, PKCS11_SOCKET: '/tmp/p11.sock' };
    expect(faultsOf({ ...safe(), ...elsewhere })).toEqual([expect.stringMatching(/^PKCS11_SOCKET lies where/)]);
    const relative = { ...inModule, PKCS11_SOCKET: 'p11.sock' };
    expect(faultsOf({ ...safe(), ...relative })).toContain('PKCS11_SOCKET must be a path that begins with /');
  });

  test('the sandbox may be all of that', () => {
    const key = Buffer.concat([SANDBOX_KEY, randomBytes(32)]).toString('base64');
    const environment = {
      PROFILE: 'sandbox',
      ISSUER: 'http://localhost:3000',
      DATABASE_URL: 'postgres://senid:pw@127.0.0.1:5555/senid',
      SENID_MASTER_SECRET: key,
      COOKIE_KEYS: key,
      CLIENTS_FILE: 'clients.json',
      EGRESS_ALLOWED: 'http://localhost:3001',
    };
    expect(readSettings(environment)).toMatchObject({ settings: { profile: 'sandbox', clientsFile: 'clients.json' } });
  });

  test('a secret may lie in a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'senid-settings-'));
    const { SENID_MASTER_SECRET = '', ...rest } = safe();
    writeFileSync(join(folder, 'secret'), `${SENID_MASTER_SECRET}\n`);
    const read = readSettings({ ...rest, SENID_MASTER_SECRET_FILE: join(folder, 'secret') });
    expect('settings' in read && read.settings.masterSecret.reveal().toString('base64')).toBe(SENID_MASTER_SECRET);
    expect(faultsOf({ ...rest, SENID_MASTER_SECRET_FILE: '/nowhere' })).toEqual([
      'SENID_MASTER_SECRET_FILE names /nowhere, which cannot be read',
    ]);
    rmSync(folder, { recursive: true });
  });

  test('every setting says in a sentence what it is for', () => {
    for (const [, { about }] of declared) expect(about).toMatch(/\.$/);
    expect(new Set(declared.map(([, { name }]) => name)).size).toBe(declared.length);
  });
});

test('a process with faults prints them without a stack and without values, and ends with 78', () => {
  const { status, stderr, stdout } = spawnSync(process.execPath, ['src/main.ts'], {
    env: { PATH: process.env.PATH, DATABASE_URL: 'mysql://somebody:hunter2@host', PORT: 'x' },
    encoding: 'utf8',
  });
  expect(status).toBe(78);
  expect(stdout).toBe('');
  expect(stderr).toContain('DATABASE_URL must be an address that begins with postgres://');
  expect(stderr).toContain('PORT must be a whole number');
  expect(stderr).not.toMatch(/hunter2|\n\s+at /);
}, 60_000);
