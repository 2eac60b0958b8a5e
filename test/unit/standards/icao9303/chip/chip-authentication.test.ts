import { createECDH, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cipher } from '../../../../../src/standards/icao9303/access/ciphers.ts';
import { deriveChannelKeys } from '../../../../../src/standards/icao9303/access/key-derivation.ts';
import {
  createCardMessaging,
  createMessaging,
  type MessagingState,
} from '../../../../../src/standards/icao9303/access/messaging.ts';
import { decodeCommand } from '../../../../../src/standards/icao9303/apdu/command.ts';
import type { Transmit } from '../../../../../src/standards/icao9303/apdu/response.ts';
import { bitString, integer, oid, sequence, setOf, tlv } from '../../../../../src/standards/icao9303/asn1/write.ts';
import {
  beginChipAuthentication,
  FIRST_COMMAND,
  performChipAuthentication,
  verifyChipAuthentication,
} from '../../../../../src/standards/icao9303/chip/chip-authentication.ts';
import { CURVES, type CurveName } from '../../../../../src/standards/icao9303/pki/algorithms/curve-parameters.ts';
import { vectors, vectorTest } from '../../../../support/card-vectors.ts';
import { hex, refusal } from '../../../../support/refused.ts';

const numRuns = Number(process.env.FUZZ_RUNS ?? 2000);

interface RecordedSession {
  country: string;
  dg14: string;
  apdus: { cmd: string; rsp: string }[];
  smBefore: { alg: string; ksEnc: string; ksMac: string; ssc: string };
  smAfter: { ksEnc: string; ksMac: string };
  terminalKey: { d: string; x: string; y: string };
}
const recorded = (): RecordedSession[] =>
  JSON.parse(readFileSync(join(vectors ?? '', 'chip-authentication-sessions.json'), 'utf8')).sessions;
const evidenceOf = ({ dg14, terminalKey, apdus }: RecordedSession) => ({
  dg14: hex(dg14),
  ephemeral: hex(terminalKey.d),
  response: hex(apdus.at(-1)!.rsp),
});

const OPENSSL: Record<string, string> = {
  'P-224': 'secp224r1',
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};
const BSI = '0.4.0.127.0.7.2.2';
const SUITE = { '3DES': 1, 'AES-128': 2, 'AES-192': 3, 'AES-256': 4 } as const;
const info = (cipher: Cipher, keyId?: number, version = 1): Buffer =>
  sequence(oid(`${BSI}.3.2.${SUITE[cipher]}`), integer(version), ...(keyId === undefined ? [] : [integer(keyId)]));
const keyInfo = (curve: CurveName, point: Buffer, keyId?: number): Buffer =>
  sequence(
    oid(`${BSI}.1.2`),
    sequence(sequence(oid('1.2.840.10045.2.1'), oid(CURVES[curve].oid)), bitString(point)),
    ...(keyId === undefined ? [] : [integer(keyId)]),
  );
const dg14Of = (...infos: Buffer[]): Buffer => tlv(0x6e, setOf(...infos));

/** A chip that holds a key on a curve and does chip authentication, nothing else. */
function aChip(curve: CurveName, cipher: Cipher, keyId?: number) {
  const key = createECDH(OPENSSL[curve] ?? curve);
  key.generateKeys();
  const dg14 = dg14Of(info(cipher, keyId), keyInfo(curve, key.getPublicKey(), keyId));
  const start: MessagingState = {
    cipher: 'AES-128',
    ...deriveChannelKeys(randomBytes(16), 'AES-128'),
    counter: Buffer.alloc(16, 7),
  };
  let card = createCardMessaging(start);
  const seen: string[] = [];
  const transmit: Transmit = async (bytes) => {
    const { ins, p2, data = Buffer.alloc(0) } = decodeCommand(card.open(bytes));
    seen.push(`${ins.toString(16)} ${p2.toString(16)}`);
    const at = data.indexOf(Buffer.from([0x04]), ins === 0x86 ? 4 : 2);
    const agrees = ins === 0x86 || p2 === 0xa6;
    const answer = card.seal(hex(ins === 0x86 ? '7c009000' : '9000'));
    if (agrees) {
      const width = key.getPublicKey().length;
      const secret = key.computeSecret(data.subarray(at, at + width));
      card = createCardMessaging({
        cipher,
        ...deriveChannelKeys(secret, cipher),
        counter: Buffer.alloc(cipher === '3DES' ? 8 : 16),
      });
    }
    return answer;
  };
  return { dg14, transmit, messaging: createMessaging(start), seen, key };
}

describe('chip authentication, real sessions', () => {
  vectorTest('the recorded sessions of AT (AES-128) and MY (3DES) verify', async () => {
    const verdicts = await Promise.all(recorded().map((session) => verifyChipAuthentication(evidenceOf(session))));
    expect(verdicts).toEqual([
      { algorithm: 'CA-ECDH-AES-128', curve: 'brainpoolP256r1' },
      { algorithm: 'CA-ECDH-3DES', curve: 'brainpoolP256r1' },
    ]);
  });

  vectorTest('our commands and keys are those of the sessions, byte by byte', () => {
    for (const session of recorded()) {
      const cipher = session.smBefore.alg === 'AES' ? 'AES-128' : '3DES';
      const before = createMessaging({
        cipher,
        encryption: hex(session.smBefore.ksEnc),
        mac: hex(session.smBefore.ksMac),
        counter: hex(session.smBefore.ssc),
      });
      const begun = beginChipAuthentication({ dg14: hex(session.dg14), random: () => hex(session.terminalKey.d) });
      // The Malaysian session took the commands of AES; ours for 3DES is MSE:Set KAT (9303-11 §6.2.4).
      if (cipher === 'AES-128') {
        const answers = begun.commands.map((command, at) => {
          expect(before.protect(command)).toEqual(hex(session.apdus[at]!.cmd));
          return before.unprotect(hex(session.apdus[at]!.rsp));
        });
        expect(begun.complete(answers).state()).toMatchObject({
          encryption: hex(session.smAfter.ksEnc),
          mac: hex(session.smAfter.ksMac),
        });
      } else {
        const point = `04${session.terminalKey.x}${session.terminalKey.y}`;
        expect(begun.commands.map((command) => command.toString('hex'))).toEqual([`002241a6439141${point}`]);
        expect(begun.complete([hex('9000')]).state()).toMatchObject({
          encryption: hex(session.smAfter.ksEnc),
          mac: hex(session.smAfter.ksMac),
        });
      }
    }
  });

  vectorTest('one flipped bit anywhere in the answer is refused', async () => {
    for (const session of recorded()) {
      const evidence = evidenceOf(session);
      for (let bit = 0; bit < evidence.response.length * 8; bit += 1) {
        const response = Buffer.from(evidence.response);
        response[bit >> 3]! ^= 1 << (bit & 7);
        expect(await refusal(verifyChipAuthentication({ ...evidence, response }))).toBe('ca.failed');
      }
    }
  });

  vectorTest('the answer of another session, of another card, of another moment is refused', async () => {
    const [at, my] = recorded().map(evidenceOf);
    const fresh = { ...at!, ephemeral: Buffer.alloc(32, 5) };
    expect(await refusal(verifyChipAuthentication(fresh))).toBe('ca.failed');
    expect(await refusal(verifyChipAuthentication({ ...at!, dg14: my!.dg14 }))).toBe('ca.failed');
    expect(await refusal(verifyChipAuthentication({ ...at!, response: my!.response }))).toBe('ca.failed');
    const earlier = hex(recorded()[0]!.apdus[0]!.rsp);
    expect(await refusal(verifyChipAuthentication({ ...at!, response: earlier }))).toBe('ca.failed');
  });
});

const CHIPS: [CurveName, Cipher, number | undefined][] = [
  ['brainpoolP256r1', '3DES', undefined],
  ['P-256', 'AES-128', 1],
  ['P-384', 'AES-192', undefined],
  ['brainpoolP512r1', 'AES-256', 200],
  ['P-521', 'AES-256', 3],
  ['P-224', 'AES-128', undefined],
];

describe('chip authentication (9303-11 §6.2)', () => {
  test.each(CHIPS)(
    'a chip on %s with %s proves itself, and its evidence can be checked again',
    async (curve, cipher, keyId) => {
      const { dg14, transmit, messaging, seen } = aChip(curve, cipher, keyId);
      const done = await performChipAuthentication(transmit, messaging, { dg14, random: randomBytes });
      expect(done).toMatchObject({ algorithm: `CA-ECDH-${cipher}`, curve });
      expect(seen).toEqual(cipher === '3DES' ? ['22 a6', 'a4 c'] : ['22 a4', '86 0', 'a4 c']);
      const { ephemeral, response } = done;
      expect(await verifyChipAuthentication({ dg14, ephemeral, response })).toEqual({
        algorithm: `CA-ECDH-${cipher}`,
        curve,
      });
      // The channel goes on under the new keys.
      expect(done.messaging.unprotect(await transmit(done.messaging.protect(FIRST_COMMAND)))).toEqual(hex('9000'));
    },
  );

  test('a copy of the files without the private key is refused', async () => {
    const [genuine, copy] = [aChip('P-256', 'AES-128'), aChip('P-256', 'AES-128')];
    const parts = { dg14: copy.dg14, random: randomBytes };
    const { ephemeral, response } = await performChipAuthentication(copy.transmit, copy.messaging, parts);
    // What it answers with a key of its own passes for its own key only, not for the one that the country signed.
    expect(await refusal(verifyChipAuthentication({ dg14: copy.dg14, ephemeral, response }))).toBe('accepted');
    expect(await refusal(verifyChipAuthentication({ dg14: genuine.dg14, ephemeral, response }))).toBe('ca.failed');
  });

  test('no success before one answer came under the new keys', async () => {
    const { dg14, transmit, messaging } = aChip('P-256', 'AES-128');
    for (const torn of ['9000', '6988', '990290008e0811111111111111119000']) {
      let count = 0;
      const chip = aChip('P-256', 'AES-128');
      const tearing: Transmit = async (bytes) => (++count === 3 ? hex(torn) : chip.transmit(bytes));
      const parts = { dg14: chip.dg14, random: randomBytes };
      expect(await refusal(performChipAuthentication(tearing, chip.messaging, parts))).toBe('ca.failed');
    }
    expect(await refusal(performChipAuthentication(transmit, messaging, { dg14, random: randomBytes }))).toBe(
      'accepted',
    );
  });

  test('a chip that refuses a command, or answers too few, is refused', () => {
    const { dg14 } = aChip('P-256', 'AES-128');
    const { complete } = beginChipAuthentication({ dg14, random: randomBytes });
    expect(refusal(() => complete([hex('9000'), hex('6300')]))).toBe('ca.failed');
    expect(refusal(() => complete([hex('9000')]))).toBe('ca.failed');
  });

  test('the strongest cipher that the chip offers is taken, and the key that it names', () => {
    const [one, two] = [aChip('P-256', '3DES'), aChip('P-384', 'AES-256')];
    const dg14 = dg14Of(
      info('3DES', 1),
      info('AES-256', 2),
      keyInfo('P-256', one.key.getPublicKey(), 1),
      keyInfo('P-384', two.key.getPublicKey(), 2),
    );
    const begun = beginChipAuthentication({ dg14, random: randomBytes });
    expect(begun).toMatchObject({ algorithm: 'CA-ECDH-AES-256', curve: 'P-384' });
    expect(begun.commands[0]!.toString('hex')).toBe('002241a40f800a04007f00070202030204840102');
  });

  const { key } = aChip('P-256', 'AES-128');
  const point = key.getPublicKey();
  const off = Buffer.from(point);
  off[64]! ^= 1;
  const refused: [string, string, Buffer][] = [
    ['no chip authentication at all', 'ca.unsupported', dg14Of(keyInfo('P-256', point))],
    ['version 2', 'ca.unsupported', dg14Of(info('AES-128', undefined, 2), keyInfo('P-256', point))],
    ['version 0', 'ca.unsupported', dg14Of(info('AES-128', undefined, 0), keyInfo('P-256', point))],
    ['classic Diffie-Hellman', 'ca.unsupported', dg14Of(sequence(oid(`${BSI}.3.1.2`), integer(1)))],
    ['no key', 'ca.key', dg14Of(info('AES-128'))],
    ['a key of another name', 'ca.key', dg14Of(info('AES-128', 1), keyInfo('P-256', point, 2))],
    ['a key without the name that is asked for', 'ca.key', dg14Of(info('AES-128', 1), keyInfo('P-256', point))],
    [
      'two keys of one name',
      'ca.key',
      dg14Of(info('AES-128', 1), keyInfo('P-256', point, 1), keyInfo('P-256', off, 1)),
    ],
    ['a point that is not on the curve', 'ca.key', dg14Of(info('AES-128'), keyInfo('P-256', off))],
    ['the point at infinity', 'ca.key', dg14Of(info('AES-128'), keyInfo('P-256', Buffer.from([0])))],
    [
      'zeros for a point',
      'ca.key',
      dg14Of(info('AES-128'), keyInfo('P-256', Buffer.concat([Buffer.from([4]), Buffer.alloc(64)]))),
    ],
    ['a point of another curve', 'ca.key', dg14Of(info('AES-128'), keyInfo('P-384', point))],
    ['a curve of 192 bits', 'ca.key', dg14Of(info('AES-128'), keyInfo('P-192', Buffer.alloc(49, 4)))],
    [
      'a key name below zero',
      'ca.unsupported',
      dg14Of(
        sequence(oid(`${BSI}.3.2.2`), integer(1), tlv(2, Buffer.from([0xff]))),
        sequence(
          oid(`${BSI}.1.2`),
          sequence(sequence(oid('1.2.840.10045.2.1'), oid(CURVES['P-256'].oid)), bitString(point)),
          tlv(2, Buffer.from([0xff])),
        ),
      ),
    ],
  ];
  test.each(refused)('%s is refused', async (_, code, dg14) => {
    expect(refusal(() => beginChipAuthentication({ dg14, random: randomBytes }))).toBe(code);
    if (code === 'ca.key') {
      const evidence = { dg14, ephemeral: Buffer.alloc(32, 1), response: hex('9000') };
      expect(await refusal(verifyChipAuthentication(evidence))).toBe(code);
    }
  });

  test('an ephemeral key that is none is refused', async () => {
    const { dg14 } = aChip('P-256', 'AES-128');
    for (const ephemeral of [Buffer.alloc(0), Buffer.alloc(32), Buffer.alloc(32, 0xff), Buffer.alloc(100, 1)]) {
      expect(await refusal(verifyChipAuthentication({ dg14, ephemeral, response: hex('9000') }))).toBe('ca.failed');
    }
  });

  test('no answer and no DG14 makes it throw anything but its own refusal', async () => {
    const { dg14 } = aChip('P-256', 'AES-128');
    const ephemeral = Buffer.alloc(32, 9);
    const bytes = fc.uint8Array({ maxLength: 80 }).map((octets) => Buffer.from(octets));
    await fc.assert(
      fc.asyncProperty(bytes, async (response) => {
        expect(await refusal(verifyChipAuthentication({ dg14, ephemeral, response }))).toBe('ca.failed');
      }),
      { numRuns: Math.ceil(numRuns / 4) },
    );
    const turned = fc.tuple(fc.nat(dg14.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, mask]) => {
      const file = Buffer.from(dg14);
      file[at]! ^= mask;
      return file;
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(turned, bytes), async (file) => {
        const code = await refusal(verifyChipAuthentication({ dg14: file, ephemeral, response: hex('9000') }));
        expect(code).toMatch(/^(ca|asn1|dg|input)\./);
      }),
      { numRuns },
    );
  });
});
