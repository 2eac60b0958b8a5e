import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { cardFileOf } from '../../src/cli/chip/dump.ts';
import { type ChipOptions, chipVerifyCommand } from '../../src/cli/chip.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { issuedCard, openCard } from '../../src/sandbox/cards/cards.ts';
import { CARD_FAULTS, FAULTS, type FaultRow } from '../../src/sandbox/cards/faults.ts';
import { openChip } from '../../src/standards/icao9303/access/open-chip.ts';
import { signChallenge } from '../../src/standards/icao9303/chip/sign-challenge.ts';
import { REFUSALS, type RefusalCode } from '../../src/standards/icao9303/refusal.ts';
import { vectors, vectorTest } from '../support/card-vectors.ts';
import { dumpOf, folderOf, sandboxTrust } from '../support/dumped-card.ts';

// `senid chip verify`, as a document examiner types it: no server, no settings, no network.

const AT = '2026-06-01T12:00:00.000Z';
const PERSONA = 'level-2-chip';
const folders: string[] = [];
const kept = (folder: string): string => {
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});
const trust = kept(sandboxTrust(new Date(AT)));
const national = join(trust, 'national.cer');
const crl = join(trust, 'national.crl');
const genuine = kept(dumpOf(`${PERSONA}.genuine`));

const moment = z.iso.datetime();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const certificate = {
  ...{ subject: z.string(), serial: z.string().regex(/^-?[0-9a-f]+$/), sha256 },
  ...{ notBefore: moment, notAfter: moment },
};
/** What a program may rely on. Strict: the holder's data have no place in it to slip in. */
const report = z.strictObject({
  verdict: z.enum(['genuine', 'refused', 'unreadable']),
  at: moment,
  profile: z.enum(['national', 'foreign']),
  files: z.array(z.strictObject({ file: z.string(), bytes: z.int(), sha256 })),
  document: z
    .strictObject({
      code: z.string(),
      issuingState: z.string(),
      format: z.enum(['TD1', 'TD2', 'TD3']).optional(),
      expired: z.boolean().optional(),
    })
    .optional(),
  securityObject: z
    .strictObject({
      ldsVersion: z.string().optional(),
      hashAlgorithm: z.string(),
      signatureAlgorithm: z.string(),
      signedAt: moment.optional(),
    })
    .optional(),
  signer: z
    .strictObject({
      ...certificate,
      issuer: z.string(),
      key: z.string(),
      signedWith: z.string().optional(),
      authorityKeyId: z.string().optional(),
      documentTypes: z.array(z.string()).optional(),
      candidates: z.int(),
    })
    .optional(),
  authority: z.strictObject({ ...certificate, national: z.boolean() }).optional(),
  dataGroups: z
    .array(
      z.strictObject({
        group: z.int().min(1).max(16),
        result: z.enum(['matches', 'differs', 'not signed', 'not given']),
      }),
    )
    .optional(),
  revocation: z
    .strictObject({
      status: z.enum(['fresh', 'stale', 'unknown']),
      number: z.string().optional(),
      nextUpdate: moment.optional(),
    })
    .optional(),
  steps: z.array(
    z.strictObject({
      step: z.string(),
      outcome: z.enum(['passed', 'failed', 'not reached']),
      about: z.string().optional(),
    }),
  ),
  refusal: z
    .strictObject({
      code: z.enum(Object.keys(REFUSALS) as [RefusalCode]),
      clause: z.string(),
      says: z.string(),
      about: z.string().optional(),
      algorithm: z.string().optional(),
    })
    .optional(),
  chip: z.union([
    z.strictObject({ proven: z.literal(false) }),
    z.strictObject({ proven: z.literal(true), by: z.literal('active authentication'), algorithm: z.string() }),
  ]),
  trust: z.strictObject({
    certificates: z.int(),
    masterLists: z.array(z.strictObject({ signer: z.string(), signedAt: moment, certificates: z.int() })),
    revocationLists: z.int(),
  }),
  notes: z.array(z.string()),
});

/** In this process: what is printed, and the exit code. */
async function verify(files: readonly string[], options: ChipOptions) {
  let answered: { value: unknown; lines: readonly string[] } | undefined;
  const terminal = {
    ...createTerminal(false),
    answer: (value: unknown, lines: readonly string[]) => {
      answered = { value: JSON.parse(JSON.stringify(value)), lines };
    },
    ok: (line: string) => line,
    bad: (line: string) => line,
  };
  const status = await chipVerifyCommand({ terminal }, files, options);
  return { status, value: answered?.value, lines: answered?.lines.join('\n') ?? '' };
}
const examined = async (files: readonly string[], options: ChipOptions) => {
  const { status, value, lines } = await verify(files, options);
  return { status, lines, ...report.parse(value) };
};
const nationally = { trust: [national], crl: [crl], profile: 'national', at: AT };

/** With a shell, and with nothing in the environment but a path. */
async function senid(words: readonly string[], environment: Record<string, string> = {}) {
  const child = spawn(resolve('bin/senid'), words, { cwd: tmpdir(), env: { PATH: process.env.PATH, ...environment } });
  child.stdin.end();
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { status: status as number | null, stdout, stderr };
}

describe('senid chip verify, as it is typed', { timeout: 60_000 }, () => {
  const options = ['--profile', 'national', '--trust', national, '--crl', crl, '--at', AT];

  test('a genuine card: 0, every step in order, and that the chip is not proven; no settings are needed', async () => {
    const { status, stdout, stderr } = await senid(['chip', 'verify', genuine, ...options], { NO_COLOR: '1' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^✓ Data genuine; chip not proven/);
    expect(stdout).not.toContain('\u001b');
    const steps = ['security object', 'data groups', 'document signer', 'signature', 'country authority', 'revocation'];
    const places = steps.map((step) => stdout.indexOf(`✓ ${step}`));
    expect(places).toEqual([...places].sort((one, other) => one - other));
    expect(places[0]).toBeGreaterThan(0);
    expect(stdout).toMatch(/kind +ID of VNM \(TD1\)/);
  });

  test('--json: one value of the described shape', async () => {
    const { status, stdout } = await senid(['chip', 'verify', genuine, ...options, '--json']);
    expect(status).toBe(0);
    expect(report.parse(JSON.parse(stdout))).toMatchObject({
      verdict: 'genuine',
      at: AT,
      chip: { proven: false },
      document: { code: 'ID', issuingState: 'VNM', format: 'TD1', expired: false },
      authority: { national: true },
      revocation: { status: 'fresh' },
    });
  });

  test('a refused one: 1, the code, its clause and what was missing', async () => {
    const foreign = join(trust, 'foreign.cer');
    const { status, stdout } = await senid(['chip', 'verify', genuine, '--trust', foreign, '--at', AT]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^✗ Refused/);
    expect(stdout).toMatch(/reason +csca\.unknown/);
    expect(stdout).toMatch(/clause +9303-12 §5/);
    expect(stdout).toMatch(/about +.*C=VN/);
    expect(stdout).toMatch(/authority key +[0-9a-f]{40}/);
    expect(stdout).toMatch(/· revocation +not reached/);
  });

  test.each([
    ['a file that is not there', ['/nowhere/EF_SOD.bin']],
    ['a card without its security object', [join(genuine, 'EF_DG1.bin')]],
    ['a file that is called like none of a chip', [national]],
  ])('%s: 2, one sentence, and no stack', async (_, files) => {
    const { status, stdout, stderr } = await senid(['chip', 'verify', ...files, ...options]);
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    expect(stdout).toMatch(/^✗ [^\n]+\.\n$/);
  });

  test.each([
    ['no file at all', ['chip', 'verify']],
    ['a profile that is none', ['chip', 'verify', genuine, '--profile', 'martian']],
    ['a moment that is none', ['chip', 'verify', genuine, '--at', 'yesterday']],
    ['half of an answer', ['chip', 'verify', genuine, '--aa-challenge', '0011223344556677']],
    ['a challenge of another length', ['chip', 'verify', genuine, '--aa-challenge', '00', '--aa-response', '00']],
    ['a master list without its root', ['chip', 'verify', genuine, '--trust', join(trust, 'sandbox.ml')]],
  ])('%s: 64, and no stack', async (_, words) => {
    const { status, stdout, stderr } = await senid(words);
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

describe('what is examined', { timeout: 60_000 }, () => {
  test('the holder shows only when asked for', async () => {
    const { mrz, documentNumber } = issuedCard(`${PERSONA}.genuine`)!;
    const { lines, value } = await verify([genuine], nationally);
    const said = lines + JSON.stringify(value);
    const name = mrz.slice(60).split('<<')[0]!;
    for (const secret of [documentNumber, name, mrz.slice(30, 36)]) expect(said).not.toContain(secret);
    const shown = await verify([genuine], { ...nationally, showHolder: true });
    for (const told of [documentNumber, name]) expect(shown.lines).toContain(told);
    expect(shown.value).toMatchObject({ holder: { mrz: { documentNumber }, national: { nationality: 'Việt Nam' } } });
  });

  test('files one by one, in the names that readers give them', async () => {
    const folder = kept(dumpOf(`${PERSONA}.genuine`, (file) => `card7_${file.replace('DG', 'dg')}.BIN`));
    const files = ['SOD', 'dg1', 'dg14', 'dg15'].map((file) => join(folder, `card7_${file}.BIN`));
    const { status, dataGroups } = await examined(files, nationally);
    expect(status).toBe(0);
    expect(dataGroups).toEqual([
      { group: 1, result: 'matches' },
      { group: 2, result: 'not given' },
      { group: 13, result: 'not given' },
      { group: 14, result: 'matches' },
      { group: 15, result: 'matches' },
    ]);
    await expect(verify([...files, join(genuine, 'EF_DG1.bin')], nationally)).resolves.toMatchObject({ status: 2 });
  });

  test.each([
    ['EF_SOD.bin', 'SOD'],
    ['SOD.bin', 'SOD'],
    ['EF.SOD', 'SOD'],
    ['AT_EF_SOD.bin', 'SOD'],
    ['EF.DG2', 'DG2'],
    ['dg15.bin', 'DG15'],
    ['Datagroup1.bin', 'DG1'],
    ['copy_dg14_0.bin', 'DG14'],
    ['EF_CardSecurity.bin', 'CardSecurity'],
    ['DG17.bin', undefined],
    ['DG0', undefined],
    ['episode.bin', undefined],
    ['pdg1.txt', undefined],
  ])('%s is %s', (name, file) => {
    expect(cardFileOf(name)).toBe(file);
  });

  test('junk under the right name is unreadable, and decides nothing', async () => {
    const junks = [Buffer.alloc(0), Buffer.from('a text'), randomBytes(700), Buffer.from('7782ffff30', 'hex')];
    for (const junk of junks) {
      const folder = kept(folderOf({ 'EF_SOD.bin': junk }));
      expect((await verify([folder], { trust: [national], at: AT })).status).toBe(2);
    }
  });

  test('every group that differs is named, not only the first', async () => {
    const folder = kept(dumpOf(`${PERSONA}.genuine`));
    for (const file of ['EF_DG2.bin', 'EF_DG13.bin']) {
      const bytes = readFileSync(join(folder, file));
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(join(folder, file), bytes);
    }
    const { status, refusal, dataGroups } = await examined([folder], nationally);
    expect(status).toBe(1);
    expect(refusal?.code).toBe('dg.hash');
    expect(dataGroups?.filter(({ result }) => result === 'differs').map(({ group }) => group)).toEqual([2, 13]);
  });

  test('an answer of the chip proves it; one to another challenge refuses it', async () => {
    const card = openCard(`${PERSONA}.genuine`, { random: randomBytes })!;
    const { CardAccess: cardAccess } = issuedCard(`${PERSONA}.genuine`)!.files;
    const password = { kind: 'CAN', secret: card.can } as const;
    const { transmit } = await openChip(
      card.transmit,
      { password, policy: 'pace-only', cardAccess: cardAccess! },
      randomBytes,
    );
    const challenge = randomBytes(8);
    const aaResponse = (await signChallenge(transmit, challenge, { extended: false })).toString('hex');
    const proven = await examined([genuine], { ...nationally, aaChallenge: challenge.toString('hex'), aaResponse });
    expect(proven.status).toBe(0);
    expect(proven.chip).toEqual({ proven: true, by: 'active authentication', algorithm: 'ECDSA-P-256-SHA-256' });
    expect(proven.lines).toContain('chip proven by active authentication');
    const replayed = await examined([genuine], { ...nationally, aaChallenge: '0011223344556677', aaResponse });
    expect(replayed).toMatchObject({ status: 1, refusal: { code: 'aa.signature' }, chip: { proven: false } });
  });

  test('without a revocation list a national card is refused; one that nobody signed is left aside, and named', async () => {
    const { crl: _, ...bare } = nationally;
    expect(await examined([genuine], bare)).toMatchObject({ status: 1, refusal: { code: 'crl.missing' } });
    const bytes = readFileSync(crl);
    bytes[bytes.length - 1]! ^= 1;
    const forged = join(kept(folderOf({ 'forged.crl': bytes })), 'forged.crl');
    const { status, refusal, notes } = await examined([genuine], { ...bare, crl: [forged] });
    expect({ status, code: refusal?.code }).toEqual({ status: 1, code: 'crl.missing' });
    expect(notes.join()).toContain('forged.crl: left aside');
  });

  test('a master list counts under its root; it makes nobody national', async () => {
    const list = { trust: [join(trust, 'sandbox.ml')], root: national, crl: [crl], at: AT };
    expect(await examined([genuine], list)).toMatchObject({ status: 0, trust: { certificates: 2 } });
    const pinned = await examined([genuine], { ...list, profile: 'national' });
    expect(pinned).toMatchObject({ status: 1, refusal: { code: 'csca.foreign' } });
    const wrong = await verify([genuine], { ...list, root: join(trust, 'foreign.cer') });
    expect(wrong).toMatchObject({ status: 2, value: { verdict: 'unreadable' } });
    expect(wrong.lines).toContain('masterlist.signer');
  });

  test('certificates as PEM, several in a file', async () => {
    const pem = ['foreign.cer', 'national.cer']
      .map((name) => readFileSync(join(trust, name)).toString('base64'))
      .map((body) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`)
      .join('');
    const folder = kept(folderOf({ 'authorities.pem': pem }));
    expect(await examined([genuine], { ...nationally, trust: [folder] })).toMatchObject({
      status: 0,
      trust: { certificates: 2 },
    });
  });
});

describe("the sandbox's faulty cards", { timeout: 60_000 }, () => {
  /** What only the chip itself or an authority that is asked can show; a dump looks genuine, and the report says its limit. */
  const beyondFiles = (code: RefusalCode): boolean =>
    /^(aa|ca|chip|messaging|access|apdu|document\.(revoked|expired))/.test(code);

  test.each(CARD_FAULTS)('%s', async (fault) => {
    const { refusals }: FaultRow = FAULTS[fault];
    const { status, chip, refusal } = await examined([kept(dumpOf(`${PERSONA}.${fault}`))], {
      ...nationally,
      trust: [national, join(trust, 'foreign.cer')],
    });
    expect(chip.proven).toBe(false);
    const [code] = refusals;
    if (beyondFiles(code)) expect({ status, refusal }).toEqual({ status: 0, refusal: undefined });
    else {
      expect(status).toBe(1);
      expect(refusals).toContain(refusal?.code);
    }
  });
});

describe('documents in real pockets', { timeout: 60_000 }, () => {
  const of = (name: string): string => join(vectors!, name);
  const world = () => ({ trust: [of('masterlist/DE_ML_2026-05-28.ml')], root: of('masterlist/DE_ROOT_CA_CSCA07.cer') });

  for (const country of ['AT', 'DE', 'FR', 'MY', 'NZ', 'UK']) {
    vectorTest(`${country}: the security object is genuine, and the report says that it was all`, async () => {
      const found = await examined([of(`sod/${country}_EF_SOD.bin`)], { ...world(), at: '2026-06-01' });
      expect(found).toMatchObject({ status: 0, verdict: 'genuine', trust: { certificates: 588 } });
      expect(found.steps.every(({ outcome }) => outcome === 'passed')).toBe(true);
      expect(found.authority?.subject).toMatch(new RegExp(`C=${country === 'UK' ? 'GB' : country}`, 'i'));
      expect(found.notes.join()).toContain('only the security object');
    });
  }

  vectorTest('CN: refused, for its content is not of the type of a security object', async () => {
    const found = await examined([of('sod/CN_EF_SOD.bin')], { ...world(), at: '2026-06-01' });
    expect(found).toMatchObject({
      status: 1,
      refusal: { code: 'sod.content_type', about: '1.2.840.113549.1.7.1', clause: '9303-10 §4.6.2.2' },
    });
  });

  vectorTest('DE with EF.CardSecurity: genuine; with one octet turned: refused at that step', async () => {
    const sod = of('sod/DE_EF_SOD.bin');
    const good = await examined([sod, of('sod/DE_EF_CardSecurity.bin')], { ...world(), at: '2026-06-01' });
    expect(good).toMatchObject({ status: 0 });
    const bad = await examined([of('sod/NEG_DE_0_EF_SOD.bin'), of('sod/NEG_DE_0_EF_CardSecurity.bin')], {
      ...world(),
      at: '2026-06-01',
    });
    expect(bad.status).toBe(1);
    expect(bad.steps.at(-1)).toMatchObject({ step: 'card security', outcome: 'failed' });
    expect(bad.refusal?.code).toMatch(/^sod\./);
  });

  vectorTest('a passport of 2008: its hash and key are too weak, and the report says which', async () => {
    const files = ['SOD', 'DG1', 'DG2', 'DG14'].map((file) => of(`bsi/bdr2008_EF_${file}.bin`));
    const found = await examined(files, { ...world(), at: '2026-06-01' });
    expect(found).toMatchObject({
      status: 1,
      refusal: { code: 'algorithm.weak', about: '1.3.14.3.2.26', algorithm: 'SHA-1' },
    });
    expect(found.lines).toMatch(/algorithm +SHA-1/);
  });

  vectorTest('reference data under an authority that nobody gave: refused with its name', async () => {
    const files = ['bsi/pymrtd_sod_0.bin', 'bsi/pymrtd_dg1_0.bin'].map(of);
    const found = await examined(files, { ...world(), at: '2014-06-01' });
    expect(found).toMatchObject({ status: 1, refusal: { code: 'csca.unknown' }, signer: { candidates: 0 } });
    expect(found.refusal?.about).toBe(found.signer?.issuer);
  });
});
