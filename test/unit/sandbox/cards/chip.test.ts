import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { testKey } from '../../../../src/sandbox/cards/authority/keys.ts';
import { type ChipOptions, chipOptions } from '../../../../src/sandbox/cards/chip-options.ts';
import type { Cipher } from '../../../../src/standards/icao9303/access/ciphers.ts';
import { openChip } from '../../../../src/standards/icao9303/access/open-chip.ts';
import { encodeCommand } from '../../../../src/standards/icao9303/apdu/command.ts';
import { EMRTD_APPLICATION } from '../../../../src/standards/icao9303/apdu/files.ts';
import { readCardAccess, readFile, selectApplication } from '../../../../src/standards/icao9303/apdu/read-file.ts';
import { verifyActiveAuthentication } from '../../../../src/standards/icao9303/chip/active-authentication.ts';
import { performChipAuthentication } from '../../../../src/standards/icao9303/chip/chip-authentication.ts';
import { signChallenge } from '../../../../src/standards/icao9303/chip/sign-challenge.ts';
import { asRefusal } from '../../../../src/standards/icao9303/refusal.ts';
import { createVirtualCard, customCard, opened, virtualCard } from '../../../support/virtual-card.ts';

const DEFAULT = chipOptions('097190000002', 1, 'P-256');
const codeOf = (reading: Promise<unknown>): Promise<string> =>
  reading.then(
    () => 'none',
    (error: unknown) => asRefusal(error).code,
  );
const hex = async (card: { transmit(bytes: Buffer): Promise<Buffer> }, command: string): Promise<string> =>
  (await card.transmit(Buffer.from(command, 'hex'))).toString('hex');

describe('access to the chip (9303-11 §4)', () => {
  test('before it opens, only EF.CardAccess is readable', async () => {
    const card = virtualCard();
    expect(await hex(card, '00a4020c02011c')).toBe('9000');
    expect(await hex(card, '00b0000001')).toBe('319000');
    await selectApplication(card.transmit);
    for (const file of ['0101', '0102', '010d', '010e', '010f', '011d', '011e']) {
      expect(await hex(card, `00a4020c02${file}`)).toBe('6982');
    }
    for (const short of ['81', '82', '8d', '8e', '8f', '9d', '9e']) {
      expect(await hex(card, `00b0${short}0004`)).toBe('6982');
    }
    expect(await hex(card, '00b1000103540100')).toBe('6982');
    expect(await hex(card, '0088000008000102030405060700')).toBe('6982');
    expect(await hex(card, '002241a40c800a04007f00070202030202')).toBe('6982');
  });

  test('SELECT of the master file is unknown to it, as to Vietnamese cards', async () => {
    expect(await hex(virtualCard(), '00a4000c023f00')).toBe('6d00');
  });

  test.each(['CAN', 'MRZ'] as const)('it opens by PACE with the %s', async (kind) => {
    const chip = await opened(virtualCard(), kind);
    expect(chip.access).toBe(`PACE-${kind}`);
    expect((await readFile(chip.transmit, 'DG1')).subarray(5).toString()).toMatch(/^IDVNM190000002/);
  });

  test('it opens by BAC where it has no PACE', async () => {
    const { pace: _, ...chip } = DEFAULT;
    const card = customCard(chip);
    expect(await readCardAccess(card.transmit)).toBeUndefined();
    const open = await opened(card, 'MRZ');
    expect(open.access).toBe('BAC');
    expect(await readFile(open.transmit, 'SOD')).toEqual(card.files.SOD);
  });

  test.each(['3DES', 'AES-128', 'AES-192', 'AES-256'] as const)('PACE runs with %s on each curve', async (cipher) => {
    for (const curve of ['P-256', 'brainpoolP256r1', 'P-384'] as const) {
      const card = customCard({ ...DEFAULT, pace: { curve, cipher } });
      const open = await opened(card);
      expect(await readFile(open.transmit, 'DG13')).toEqual(card.files.DG13);
    }
  });

  test('a wrong access number is refused, counted, and answered later each time', async () => {
    const waited: number[] = [];
    const card = virtualCard({ wait: async (milliseconds) => void waited.push(milliseconds) });
    const cardAccess = (await readCardAccess(card.transmit))!;
    const attempt = (secret: string) =>
      openChip(card.transmit, { cardAccess, password: { kind: 'CAN', secret }, policy: 'pace-only' }, randomBytes);
    for (const wrong of ['000000', '123456', '000003']) expect(await codeOf(attempt(wrong))).toBe('access.failed');
    expect(card.failures()).toBe(3);
    expect(waited).toEqual([200, 400, 800]);
    // A card access number never locks: it is printed (9303-11 §4.4.2).
    expect((await attempt(card.can)).access).toBe('PACE-CAN');
  });

  test('a plain command ends the channel, and the chip is closed again', async () => {
    const card = virtualCard();
    const chip = await opened(card);
    await readFile(chip.transmit, 'DG1');
    expect(await hex(card, '00a4020c020101')).toBe('6982');
    expect(await codeOf(readFile(chip.transmit, 'DG1'))).toMatch(/^(messaging|apdu)\./);
  });

  test('a changed command ends the channel', async () => {
    const card = virtualCard();
    const { messaging } = await opened(card);
    const command = messaging.protect(
      encodeCommand({ cla: 0, ins: 0xa4, p1: 2, p2: 0x0c, data: Buffer.from('0101', 'hex') }),
    );
    command[command.length - 2]! ^= 1;
    expect((await card.transmit(command)).toString('hex')).toBe('6988');
    await selectApplication(card.transmit);
    expect(await hex(card, '00a4020c020101')).toBe('6982');
  });
});

describe('reading', () => {
  test('every file comes as it was written', async () => {
    const card = customCard(DEFAULT);
    const chip = await opened(card);
    for (const name of ['COM', 'SOD', 'DG1', 'DG2', 'DG13', 'DG14', 'DG15'] as const) {
      expect(await readFile(chip.transmit, name)).toEqual(card.files[name]);
    }
  });

  test('a file of more than 32,767 octets is read with the odd instruction', async () => {
    const issued = customCard(DEFAULT);
    const DG2 = Buffer.concat([Buffer.from('7582a000', 'hex'), randomBytes(0xa000)]);
    const card = createVirtualCard({ ...issued, files: { ...issued.files, DG2 }, chip: DEFAULT, random: randomBytes });
    const chip = await opened({ ...issued, ...card });
    expect(await readFile(chip.transmit, 'DG2')).toEqual(DG2);
  });

  test('without extended length a long command is refused', async () => {
    const card = virtualCard({ extendedLength: false });
    expect(await hex(card, '00b00000000100')).toBe('6700');
    const chip = await opened(card);
    expect((await readFile(chip.transmit, 'DG2')).length).toBeGreaterThan(3000);
  });

  test('a card that was taken away answers nothing, and comes back closed', async () => {
    const card = virtualCard();
    const chip = await opened(card);
    card.tear();
    await expect(chip.transmit(Buffer.from('00b0000001', 'hex'))).rejects.toThrow('left the field');
    card.reset();
    await selectApplication(card.transmit);
    expect(await hex(card, '00a4020c020101')).toBe('6982');
    card.reset();
    expect((await opened(card)).access).toBe('PACE-CAN');
  });
});

describe('the chip shows that it is no copy (9303-11 §6)', () => {
  const challenge = randomBytes(8);
  const signed = async (chip: ChipOptions, parts: { fault?: 'sha1-answer' | 'replayed-answer' } = {}) => {
    const card = customCard(chip, parts);
    const open = await opened(card);
    const response = await signChallenge(open.transmit, challenge);
    const { DG14: dg14, DG15: dg15 } = card.files;
    return verifyActiveAuthentication({ dg15: dg15!, ...(dg14 ? { dg14 } : {}), challenge, response });
  };

  test('by ECDSA', async () => {
    expect(await signed(DEFAULT)).toEqual({ algorithm: 'ECDSA-P-256-SHA-256' });
  });

  test('by RSA with message recovery, whose answer comes in two pieces where lengths are short', async () => {
    const active = { kind: 'RSA' as const, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
    const chip = { ...DEFAULT, active };
    expect(await signed(chip)).toEqual({ algorithm: 'RSA-2048-SHA-256' });
    expect(await codeOf(signed(chip, { fault: 'replayed-answer' }))).toBe('aa.signature');
    expect(await codeOf(signed(chip, { fault: 'sha1-answer' }))).toBe('aa.hash');
  });

  test.each(['3DES', 'AES-128', 'AES-192', 'AES-256'] as const satisfies Cipher[])(
    'by chip authentication with %s, key named or not, curve named or written out',
    async (cipher) => {
      for (const [curve, parameters, keyId] of [
        ['P-256', 'named', undefined],
        ['brainpoolP256r1', 'explicit', 7],
        ['P-384', 'explicit', undefined],
      ] as const) {
        const key = testKey(`test ${curve}`, curve);
        const chipAuthentication = { key, cipher, parameters, ...(keyId === undefined ? {} : { keyId }) };
        const card = customCard({ ...DEFAULT, chipAuthentication });
        const open = await opened(card);
        const dg14 = await readFile(open.transmit, 'DG14');
        const { algorithm, messaging } = await performChipAuthentication(card.transmit, open.messaging, {
          dg14,
          random: randomBytes,
        });
        expect(algorithm).toBe(`CA-ECDH-${cipher}`);
        expect(messaging.state().cipher).toBe(cipher);
      }
    },
  );
});

test('whatever it is sent, the chip answers with a status word', async () => {
  const card = virtualCard();
  const command = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .tuple(
        fc.constantFrom(0x00, 0x10, 0x0c, 0x80),
        fc.constantFrom(0xa4, 0xb0, 0xb1, 0x84, 0x82, 0x88, 0x22, 0x86, 0xc0),
        fc.constantFrom(0x00, 0x02, 0x04, 0x41, 0xc1, 0x9e),
        fc.constantFrom(0x00, 0x0c, 0xa4, 0xa6),
        fc.oneof(fc.constant(EMRTD_APPLICATION), fc.uint8Array({ minLength: 1, maxLength: 80 })),
      )
      .map(([cla, ins, p1, p2, data]) => encodeCommand({ cla, ins, p1, p2, data: Buffer.from(data), expected: 256 })),
  );
  await fc.assert(
    fc.asyncProperty(command, async (bytes) => {
      const answer = await card.transmit(Buffer.from(bytes));
      expect(answer.length).toBeGreaterThanOrEqual(2);
      expect([0x6, 0x9]).toContain(answer[answer.length - 2]! >> 4);
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 2_000) },
  );
});
