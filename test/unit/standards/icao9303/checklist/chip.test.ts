import {
  constants,
  createHash,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  randomBytes,
  sign,
} from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { ASSURANCE_POLICY } from '../../../../../src/domain/assurance/index.ts';
import { createChipCardAdapter } from '../../../../../src/domain/authenticators/adapters/chip-card.ts';
import {
  type ChipEvidence,
  type ChipExaminer,
  CLIENT_EXAMPLES,
  clientFrame,
  createChipExaminer,
  createDriver,
  SESSION_LIFETIME,
  type Vouch,
} from '../../../../../src/domain/proofing/index.ts';
import { EidError } from '../../../../../src/platform/errors.ts';
import { curveOf, encodePoint } from '../../../../../src/sandbox/cards/authority/curves.ts';
import { testKey } from '../../../../../src/sandbox/cards/authority/keys.ts';
import type { ChipOptions } from '../../../../../src/sandbox/cards/chip-options.ts';
import { authenticate, pad } from '../../../../../src/standards/icao9303/access/ciphers.ts';
import { seal } from '../../../../../src/standards/icao9303/access/data-objects.ts';
import { createMessaging } from '../../../../../src/standards/icao9303/access/messaging.ts';
import { openChip } from '../../../../../src/standards/icao9303/access/open-chip.ts';
import { readCardAccess } from '../../../../../src/standards/icao9303/apdu/read-file.ts';
import * as write from '../../../../../src/standards/icao9303/asn1/write.ts';
import { verifyActiveAuthentication } from '../../../../../src/standards/icao9303/chip/active-authentication.ts';
import {
  performChipAuthentication,
  verifyChipAuthentication,
} from '../../../../../src/standards/icao9303/chip/chip-authentication.ts';
import { checkRepresentative } from '../../../../../src/standards/icao9303/chip/message-recovery.ts';
import { CURVES } from '../../../../../src/standards/icao9303/pki/algorithms/curve-parameters.ts';
import { NATIONAL_PROFILE } from '../../../../../src/standards/icao9303/profiles.ts';
import { Refused } from '../../../../../src/standards/icao9303/refusal.ts';
import { fixedClock } from '../../../../support/clock.ts';
import { sandboxExaminer } from '../../../../support/examiner.ts';
import { refusalOf } from '../../../../support/refusals.ts';
import { customCard, evidenceOf, opened, sandboxTrust, virtualCard } from '../../../../support/virtual-card.ts';
import { proven, reach } from '../../../domain/assurance/proofs.ts';
import { refuses } from './clauses.ts';

// The verifier's checklist, part 4 of 5: is the chip genuine. One `describe` an item, one test a clause.
// 1 nothing proven | 2 active authentication | 3 ISO/IEC 9796-2 | 4 its hash | 5 challenge | 6 chip authentication |
// 7 order of the verdict | 8 PACE | 9 relay

const NOW = new Date('2026-03-02T08:00:00Z');
const challenge = Buffer.from('0102030405060708', 'hex');
const examiner: ChipExaminer = sandboxExaminer({ now: () => NOW });

/** How the chip was proven; refuses as the examiner does. */
async function examine(evidence: ChipEvidence, against: { session?: string; challenge?: Buffer; now?: Date } = {}) {
  const examined = await examiner.examine(evidence, { session: 'test-session', challenge, now: NOW, ...against });
  if (!examined.genuine) throw new Refused(examined.refusal.code);
  return examined.chip;
}
let good: ChipEvidence;
let other: ChipEvidence;
beforeAll(async () => {
  good = await evidenceOf(virtualCard(), { challenge });
  other = await evidenceOf(virtualCard({ persona: 'level-2-chip-face' }), { challenge });
});
const only = (evidence: ChipEvidence, proof: 'active' | 'chip'): ChipEvidence => {
  const { active, chip, ...rest } = evidence;
  return proof === 'active' ? { ...rest, ...(active ? { active } : {}) } : { ...rest, ...(chip ? { chip } : {}) };
};
const read =
  (wish: Parameters<typeof virtualCard>[0], change: (evidence: ChipEvidence) => ChipEvidence = (one) => one) =>
  async () =>
    examine(change(await evidenceOf(virtualCard(wish), { challenge })));
const text = (bytes: Buffer): string => bytes.toString('base64url');
const flipped = (response: string, at: number): string => {
  const bytes = Buffer.from(response, 'base64url');
  bytes[at]! ^= 1;
  return text(bytes);
};

test('a genuine card is proven in either way, and in both', async () => {
  expect(await examine(good)).toBe('chip');
  expect(await examine(only(good, 'active'))).toBe('active');
  expect(await examine(only(good, 'chip'))).toBe('chip');
});

describe('1. no AA and no CA: data genuine, chip not proven', () => {
  refuses([
    ['genuine files without an answer of the chip', 'chip.unproven', () => examine(only(only(good, 'active'), 'chip'))],
    [
      'a copy in a chip that proves nothing',
      'chip.unproven',
      read({ fault: 'cloned-mute' }, (one) => only(only(one, 'chip'), 'active')),
    ],
    ['a copy without the files of the keys', 'chip.unproven', read({ fault: 'cloned-without-keys' })],
    [
      'an answer, and not the file with its key',
      'input.missing',
      () => examine({ ...only(good, 'active'), files: { ...good.files, DG15: undefined as never } }),
    ],
    [
      'no security object',
      'input.missing',
      () => examine({ ...good, files: { ...good.files, SOD: undefined as never } }),
    ],
  ]);
});

describe('2. AA key swapped, another key, replayed answer, DER where plain is due, wrong length', () => {
  refuses([
    ['a DG15 of the forger’s', 'dg.hash', read({ fault: 'swapped-dg15' })],
    ['a DG15 that nobody signed', 'dg.unsigned', read({ fault: 'unsigned-dg15' })],
    ['an answer by another key', 'aa.signature', read({ fault: 'cloned' }, (one) => only(one, 'active'))],
    [
      'the right answer of another genuine card',
      'aa.signature',
      () => examine({ ...only(good, 'active'), active: other.active! }),
    ],
    [
      'the right answer of another genuine card, its key beside it',
      'dg.hash',
      () =>
        examine({ ...only(good, 'active'), active: other.active!, files: { ...good.files, DG15: other.files.DG15! } }),
    ],
    [
      'an answer to an earlier challenge',
      'aa.signature',
      read({ fault: 'replayed-answer' }, (one) => only(one, 'active')),
    ],
    [
      'this answer held against the next challenge',
      'aa.signature',
      () => examine(only(good, 'active'), { challenge: randomBytes(8) }),
    ],
    ['evidence of another session', 'document.another', () => examine(good, { session: 'another-session' })],
    ['a DER signature', 'aa.format', read({ fault: 'der-signature' }, (one) => only(one, 'active'))],
    [
      'a bit turned',
      'aa.signature',
      () => examine({ ...only(good, 'active'), active: { response: flipped(good.active!.response, 5) } }),
    ],
    [
      'an answer too long',
      'aa.format',
      () => examine({ ...only(good, 'active'), active: { response: `${good.active!.response}AAAA` } }),
    ],
    [
      'a wrong answer beside a right proof of the other kind',
      'aa.signature',
      () => examine({ ...good, active: other.active! }),
    ],
    [
      'a wrong proof of the other kind beside a right answer',
      'ca.failed',
      () => examine({ ...good, chip: other.chip! }),
    ],
  ]);
});

const key = (modulusLength: number, publicExponent = 65_537) =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent });
const rsa = key(2048);
const cube = key(2048, 3);
const short = key(1536);
const dg15Of = (publicKey: KeyObject): Buffer => write.tlv(0x6f, publicKey.export({ type: 'spki', format: 'der' }));
/** F = 6A ‖ M1 ‖ H(M1 ‖ challenge) ‖ trailer, to the private exponent. */
function answer({
  header = 0x6a,
  trailer = '34cc',
  hash = 'sha256',
  over = challenge,
  by = rsa.privateKey,
  octets = 256,
} = {}) {
  const m1 = randomBytes(octets - 1 - createHash(hash).digest().length - trailer.length / 2);
  const digest = createHash(hash).update(m1).update(over).digest();
  const f = Buffer.concat([Buffer.from([header]), m1, digest, Buffer.from(trailer, 'hex')]);
  return privateDecrypt({ key: by, padding: constants.RSA_NO_PADDING }, f);
}
const verifyRsa =
  (response: Buffer, publicKey: KeyObject = rsa.publicKey) =>
  () =>
    verifyActiveAuthentication({ dg15: dg15Of(publicKey), challenge, response });
const evenExponent = write.tlv(
  0x6f,
  write.sequence(
    write.sequence(write.oid('1.2.840.113549.1.1.1'), write.nothing()),
    write.bitString(write.sequence(write.integer(Buffer.alloc(256, 0xff)), write.integer(65_536))),
  ),
);

describe('3. ISO/IEC 9796-2: header 6A, trailer BC or 33..38 CC, digest over M1 ‖ challenge; RSA exponent > 3 and odd, >= 2048 bits', () => {
  refuses([
    ['header 4A', 'aa.format', verifyRsa(answer({ header: 0x4a }))],
    ['header 6B', 'aa.format', verifyRsa(answer({ header: 0x6b }))],
    ['trailer of no kind', 'aa.format', verifyRsa(answer({ trailer: '3400' }))],
    ['trailer 37 CC, a hash that is not taken', 'aa.format', verifyRsa(answer({ trailer: '37cc' }))],
    ['trailer 39 CC', 'aa.format', verifyRsa(answer({ trailer: '39cc' }))],
    ['a digest over M1 alone', 'aa.signature', verifyRsa(answer({ over: Buffer.alloc(0) }))],
    ['a digest over another challenge', 'aa.signature', verifyRsa(answer({ over: randomBytes(8) }))],
    ['an answer one octet short', 'aa.format', verifyRsa(answer().subarray(1))],
    ['an answer above the modulus', 'aa.format', verifyRsa(Buffer.alloc(256, 0xff))],
    [
      'no room for a digest',
      'aa.format',
      () => checkRepresentative(Buffer.from(`6a${'00'.repeat(20)}34cc`, 'hex'), challenge),
    ],
    ['exponent 3, with a right answer', 'aa.key', verifyRsa(answer({ by: cube.privateKey }), cube.publicKey)],
    [
      'an even exponent',
      'aa.key',
      () => verifyActiveAuthentication({ dg15: evenExponent, challenge, response: answer() }),
    ],
    [
      '1,536 bits, with a right answer',
      'aa.key',
      verifyRsa(answer({ by: short.privateKey, octets: 192 }), short.publicKey),
    ],
  ]);
});

describe('4. AA hash from DG14 when present; else only the hashes ICAO allows; never SHA-1 for EC', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const info = (last: number) =>
    write.tlv(
      0x6e,
      write.setOf(
        write.sequence(write.oid('2.23.136.1.1.5'), write.integer(1), write.oid(`0.4.0.127.0.7.1.1.4.1.${last}`)),
      ),
    );
  const signed = (hash: string) => sign(hash, challenge, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
  const verify = (hash: string, dg14?: Buffer) => () =>
    verifyActiveAuthentication({
      dg15: dg15Of(pair.publicKey),
      challenge,
      response: signed(hash),
      ...(dg14 ? { dg14 } : {}),
    });
  refuses([
    ['SHA-1 named in DG14', 'aa.hash', verify('sha1', info(1))],
    ['RIPEMD-160 named in DG14', 'aa.hash', verify('ripemd160', info(6))],
    ['a hash that is none named in DG14', 'aa.hash', verify('sha256', info(9))],
    ['SHA-256 named and SHA-384 used', 'aa.signature', verify('sha384', info(3))],
    ['SHA-1 used, where nothing is named', 'aa.signature', verify('sha1')],
    ['a hash longer than the key, where nothing is named', 'aa.signature', verify('sha512')],
    ['SHA-1 with RSA', 'aa.hash', verifyRsa(answer({ trailer: 'bc', hash: 'sha1' }))],
    ['SHA-1 with RSA, trailer 33 CC', 'aa.hash', verifyRsa(answer({ trailer: '33cc', hash: 'sha1' }))],
  ]);
});

describe('5. challenge: 8 random bytes of the server, one use, TTL <= 120 s, bound to the session, never sent back by the client', () => {
  const token = CLIENT_EXAMPLES.hello.token;
  /** What a reader's connection ends with. The clock moves on before its last frame. */
  async function connection(frames: readonly object[], { seconds = 0, claims = 0 } = {}): Promise<void> {
    const clock = fixedClock();
    const driver = createDriver({
      claim: async () =>
        claims > 0
          ? undefined
          : {
              ...{ sid: 'b0xj2mZ1cQh3vK9wYx4T5A', mode: 'aa', aaChallenge: challenge, need: ['SOD', 'DG1', 'DG15'] },
              expiresAt: new Date(clock.now().getTime() + SESSION_LIFETIME * 1000),
            },
      settle: async () => true,
      ...{ send: () => {}, now: clock.now, random: randomBytes },
    });
    for (const [place, frame] of frames.entries()) {
      if (place === frames.length - 1 && seconds > 0) {
        await new Promise((resolve) => setImmediate(resolve));
        clock.advance(seconds);
        driver.tick();
      }
      driver.receive(JSON.stringify({ v: 1, seq: place + 1, ...frame }));
      // A stranger may say little: the token is looked at before more comes.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { code } = await driver.ended;
    if (code) throw new Refused(code);
  }
  const file = (ef: 'SOD' | 'DG1') => ({ t: 'file', ef, data: good.files[ef] });
  const whole = () => [
    ...[{ t: 'hello', token }, { t: 'chip', access: 'PACE-CAN' }, file('SOD'), file('DG1')],
    ...[{ t: 'aa', response: good.active!.response }, { t: 'end' }],
  ];
  const withAnswer = (more: object) => () =>
    connection(whole().map((frame) => (frame.t === 'aa' ? { ...frame, ...more } : frame)));
  refuses([
    ['a challenge sent along with the answer', 'reader.protocol', withAnswer({ challenge: 'AQIDBAUGBwg' })],
    [
      'a second answer',
      'reader.protocol',
      () => connection([...whole().slice(0, -1), { t: 'aa', response: 'AAAA' }, { t: 'end' }]),
    ],
    ['a session that was claimed before', 'reader.session', () => connection(whole(), { claims: 1 })],
    ['a reader that comes after its time', 'reader.late', () => connection(whole(), { seconds: SESSION_LIFETIME })],
  ]);
  test('an honest reader passes; a session lasts 120 seconds at most', async () => {
    expect(await refusalOf(() => connection(whole()))).toBe('none');
    expect(SESSION_LIFETIME).toBeLessThanOrEqual(120);
  });
  test('a challenge of another length is a fault of ours, never judged', async () => {
    const input = { dg15: Buffer.from(good.files.DG15!, 'base64url'), response: Buffer.alloc(64) };
    for (const length of [0, 7, 9, 16])
      await expect(verifyActiveAuthentication({ ...input, challenge: Buffer.alloc(length) })).rejects.toThrow(
        RangeError,
      );
  });
  test('each sign-in asks anew, eight octets for one answer', async () => {
    const register = { stands: async () => true, holdsPassport: async () => true };
    const adapter = createChipCardAdapter({ examineCard: examiner.examine, ...register });
    const asked = await Promise.all([1, 2].map(() => adapter.challenge([], randomBytes, 'vi')));
    const [one, two] = asked.map(({ expected }) => expected);
    expect(Buffer.from(one!.challenge, 'base64url')).toHaveLength(8);
    expect(one!.challenge).not.toBe(two!.challenge);
    expect(one!.session).not.toBe(two!.session);
    expect(adapter.answersPerChallenge).toBe(1);
  });
});

const P256 = CURVES['P-256'];
/** DG14 with a chip key whose point, version and key names are the caller's. */
function dg14Of({
  point = encodePoint(testKey('checklist').point),
  version = 1,
  keyId,
  named = keyId,
  curve = P256.oid,
  twice = false,
}: {
  point?: Buffer;
  version?: number;
  keyId?: number;
  named?: number;
  curve?: string;
  twice?: boolean;
} = {}): Buffer {
  const spki = write.sequence(write.sequence(write.oid('1.2.840.10045.2.1'), write.oid(curve)), write.bitString(point));
  const id = (value: number | undefined) => (value === undefined ? [] : [write.integer(value)]);
  const info = write.sequence(write.oid('0.4.0.127.0.7.2.2.1.2'), spki, ...id(keyId));
  return write.tlv(
    0x6e,
    write.setOf(
      write.sequence(write.oid('0.4.0.127.0.7.2.2.3.2.2'), write.integer(version), ...id(named)),
      info,
      ...(twice ? [info] : []),
    ),
  );
}
const scalar = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');

describe('6. CA: server-side ephemeral only; chip without the key, flipped bit, replayed response; point, keyId, version', () => {
  const again =
    (change: (chip: NonNullable<ChipEvidence['chip']>) => Partial<NonNullable<ChipEvidence['chip']>>) => () =>
      examine({ ...only(good, 'chip'), chip: { ...good.chip!, ...change(good.chip!) } });
  const verify =
    (dg14: Buffer, ephemeral = scalar(5n)) =>
    () =>
      verifyChipAuthentication({ dg14, ephemeral, response: Buffer.from(good.chip!.response, 'base64url') });
  const offCurve = Buffer.concat([Buffer.from([4]), Buffer.alloc(63, 1), Buffer.from([1])]);
  refuses([
    ['a chip without the private key', 'ca.failed', read({ fault: 'cloned-chip-key' })],
    ['a bit turned in the answer', 'ca.failed', again(({ response }) => ({ response: flipped(response, 6) }))],
    [
      'a bit turned in the code of the answer',
      'ca.failed',
      again(({ response }) => ({ response: flipped(response, Buffer.from(response, 'base64url').length - 4) })),
    ],
    [
      'the answer of another session',
      'ca.failed',
      () => examine({ ...only(good, 'chip'), chip: { ...good.chip!, response: other.chip!.response } }),
    ],
    ['another ephemeral key than ours', 'ca.failed', again(() => ({ ephemeral: text(scalar(5n)) }))],
    ['a status word alone', 'ca.failed', again(() => ({ response: text(Buffer.from('9000', 'hex')) }))],
    ['nothing', 'ca.failed', again(() => ({ response: '' }))],
    [
      'another object behind the code',
      'ca.failed',
      again(({ response }) => {
        const bytes = Buffer.from(response, 'base64url');
        return {
          response: text(Buffer.concat([bytes.subarray(0, -2), Buffer.from('99029000', 'hex'), bytes.subarray(-2)])),
        };
      }),
    ],
    [
      'another object before the code',
      'ca.failed',
      again(({ response }) => ({
        response: text(Buffer.concat([Buffer.from('81020000', 'hex'), Buffer.from(response, 'base64url')])),
      })),
    ],
    ['an ephemeral key of zero', 'ca.failed', verify(dg14Of(), scalar(0n))],
    ['an ephemeral key of the order', 'ca.failed', verify(dg14Of(), scalar(BigInt(`0x${P256.n}`)))],
    ['a public point off its curve', 'ca.key', verify(dg14Of({ point: offCurve }))],
    [
      'a public point off its curve, on a card',
      'ca.key',
      async () => {
        const chip = { ephemeral: text(scalar(5n)), response: good.chip!.response };
        const card = await filesOf('off-curve-key');
        return examine({ session: 'test-session', access: 'PACE-CAN', files: card, chip });
      },
    ],
    ['the point at infinity', 'ca.key', verify(dg14Of({ point: Buffer.from([0]) }))],
    ['a point of zeros', 'ca.key', verify(dg14Of({ point: Buffer.concat([Buffer.from([4]), Buffer.alloc(64)]) }))],
    [
      'a curve that is not on the list',
      'ca.key',
      verify(dg14Of({ curve: '1.3.132.0.10', point: encodePoint(testKey('checklist').point) })),
    ],
    ['a protocol that names a key that is not there', 'ca.key', verify(dg14Of({ keyId: 1, named: 2 }))],
    ['two keys of one name', 'ca.key', verify(dg14Of({ keyId: 1, twice: true }))],
    ['version 2', 'ca.unsupported', verify(dg14Of({ version: 2 }))],
    ['no chip authentication in DG14', 'ca.unsupported', verify(write.tlv(0x6e, write.setOf()))],
    [
      'a DG14 that nobody signed',
      'dg.hash',
      () => examine({ ...only(good, 'chip'), files: { ...good.files, DG14: text(dg14Of()) } }),
    ],
    [
      'a proof, and not the file with its key',
      'input.missing',
      () => examine({ ...only(good, 'chip'), files: { ...good.files, DG14: undefined as never } }),
    ],
  ]);
  test('no frame of a reader has a place for a proof of its own making: reader.protocol', () => {
    const proof = { ephemeral: 'AAAA', response: 'AAAA' };
    for (const frame of Object.values(CLIENT_EXAMPLES)) {
      expect(clientFrame.safeParse(frame).success, frame.t).toBe(true);
      for (const more of [{ chip: proof }, { ephemeral: 'AAAA' }, { evidence: proof }])
        expect(clientFrame.safeParse({ ...frame, ...more }).success, frame.t).toBe(false);
    }
  });
  test('the generator of the curve is on it: what is refused above is refused for its point', async () => {
    expect(await refusalOf(verify(dg14Of({ point: encodePoint(curveOf('P-256').points.BASE) })))).toBe('ca.failed');
  });
});

async function filesOf(fault: 'off-curve-key'): Promise<ChipEvidence['files']> {
  const card = virtualCard({ fault });
  const { transmit, cardAccess: _ } = await opened(card);
  const { readFile } = await import('../../../../../src/standards/icao9303/apdu/read-file.ts');
  const files: ChipEvidence['files'] = {};
  for (const name of ['SOD', 'DG1', 'DG14'] as const) files[name] = text(await readFile(transmit, name));
  return files;
}

describe('7. verdict order: PA first; CA success only after one MACed response', () => {
  const wrong = { active: { response: 'AAAA' }, chip: { ephemeral: 'AAAA', response: 'AAAA' } };
  const torn = async () => {
    const card = virtualCard();
    const chip = await opened(card);
    let count = 0;
    const transmit = async (command: Buffer) => (++count === 3 ? Buffer.from('9000', 'hex') : card.transmit(command));
    const dg14 = Buffer.from(good.files.DG14!, 'base64url');
    return performChipAuthentication(transmit, chip.messaging, { dg14, random: randomBytes });
  };
  refuses([
    [
      'forged files with wrong answers: the files',
      'dg.hash',
      () => examine({ ...good, ...wrong, files: { ...good.files, DG1: other.files.DG1! } }),
    ],
    ['a revoked signer with right answers: the signer', 'dsc.revoked', read({ fault: 'revoked-signer' })],
    [
      'an expired card in a copy: the copy',
      'ca.failed',
      async () => {
        const expired = await evidenceOf(virtualCard({ fault: 'expired-card' }), { challenge });
        return examine({ ...expired, chip: other.chip! });
      },
    ],
    ['status 9000 without a code after the last step', 'ca.failed', torn],
  ]);
});

describe('where a country publishes no certificates, its authority answers for the security object', () => {
  const vouched =
    (vouch: Vouch, evidence: () => ChipEvidence = () => good) =>
    async () => {
      const trust = await sandboxTrust(NOW);
      const { examine: judge } = createChipExaminer({
        ...{ anchors: async () => trust, profile: NATIONAL_PROFILE, vouch },
        askStatus: async () => ({ status: 'valid', from: 'authority' }),
      });
      const examined = await judge(evidence(), { session: 'test-session', challenge, now: NOW });
      if (!examined.genuine) throw new Refused(examined.refusal.code);
    };
  const silent = async () => {
    throw new EidError('document_authority.unavailable');
  };
  refuses([
    ['a security object that it did not make', 'document.not_issued', vouched(async () => ({ issued: false }))],
    ['its silence', 'document.status_unknown', vouched(silent)],
    [
      'a copy, though it made the security object',
      'aa.signature',
      vouched(
        async () => ({ issued: true }),
        () => ({ ...only(good, 'active'), active: other.active! }),
      ),
    ],
  ]);
  test('with its word the card is good', async () => {
    expect(await refusalOf(vouched(async () => ({ issued: true })))).toBe('none');
  });
});

describe('8. PACE: no silent fall back to BAC; PK_IC != PK_IFD; token', () => {
  const both: ChipOptions = { pace: { curve: 'P-256', cipher: 'AES-128' } };
  const opening =
    (fault: 'refused-pace' | 'echoed-key' | undefined, wish: { can?: string; policy?: 'pace-only' } = {}) =>
    async () => {
      const card = virtualCard(fault ? { fault } : {});
      const sent: number[] = [];
      const transmit = async (command: Buffer) => {
        sent.push(command[1]!);
        return card.transmit(command);
      };
      const cardAccess = await readCardAccess(transmit);
      const password = { kind: 'MRZ', secret: wish.can ?? card.mrzInformation } as const;
      try {
        return await openChip(
          transmit,
          { ...(cardAccess ? { cardAccess } : {}), password, policy: wish.policy ?? 'pace-or-bac' },
          randomBytes,
        );
      } finally {
        // GET CHALLENGE and EXTERNAL AUTHENTICATE would be BAC.
        expect(sent.filter((ins) => ins === 0x84 || ins === 0x82)).toEqual([]);
      }
    };
  const bacOnly = customCard({});
  refuses([
    ['a chip that refuses PACE is not asked for BAC', 'access.unsupported', opening('refused-pace')],
    ['a chip that sends our own key back', 'access.key', opening('echoed-key')],
    [
      'a chip of another secret: its token is wrong, and BAC is not tried',
      'access.failed',
      opening(undefined, { can: '0'.repeat(24) }),
    ],
    [
      'an answer with an object that is not due',
      'apdu.malformed',
      async () => {
        const card = virtualCard();
        const cardAccess = await readCardAccess(card.transmit);
        // 7C L 80 …: the same, and an empty object of another step behind it.
        const transmit = async (command: Buffer) => {
          const answered = await card.transmit(command);
          if (command[1] !== 0x86) return answered;
          const inner = answered.subarray(2, -2);
          return Buffer.concat([write.tlv(0x7c, inner, write.tlv(0x82)), answered.subarray(-2)]);
        };
        return openChip(
          transmit,
          { ...(cardAccess ? { cardAccess } : {}), password: { kind: 'CAN', secret: card.can }, policy: 'pace-or-bac' },
          randomBytes,
        );
      },
    ],
    [
      'protected data that do not say how they are padded, their code right',
      'messaging.malformed',
      () => {
        const state = {
          cipher: 'AES-128',
          encryption: Buffer.alloc(16, 1),
          mac: Buffer.alloc(16, 2),
          counter: Buffer.alloc(16),
        } as const;
        const reader = createMessaging(state);
        reader.protect(Buffer.from('00b0000004', 'hex'));
        const counter = Buffer.alloc(16);
        counter[15] = 2;
        const step = { cipher: state.cipher, encryption: state.encryption, counter, odd: false };
        // Rightly enciphered and padded: nothing but the first octet is wrong.
        const sealed = seal(step, Buffer.from('61', 'hex'));
        expect(sealed[2]).toBe(1);
        sealed[2] = 2;
        const objects = Buffer.concat([sealed, Buffer.from('99029000', 'hex')]);
        const code = authenticate('AES-128', state.mac, Buffer.concat([counter, pad(objects, 16)]));
        return reader.unprotect(Buffer.concat([objects, write.tlv(0x8e, code), Buffer.from('9000', 'hex')]));
      },
    ],
    [
      'a chip without PACE, under a profile that says PACE',
      'access.unsupported',
      () =>
        openChip(
          bacOnly.transmit,
          { password: { kind: 'MRZ', secret: bacOnly.mrzInformation }, policy: 'pace-only' },
          randomBytes,
        ),
    ],
  ]);
  test('the honest chip opens by PACE', async () => {
    expect((await opening(undefined)()).access).toBe('PACE-MRZ');
    expect((await opened(customCard(both))).access).toBe('PACE-CAN');
  });
});

describe('9. relay is not stopped by any of this: no card is ever called phishing resistant', () => {
  test('the adapter says so, of every card', () => {
    const register = { stands: async () => true, holdsPassport: async () => true };
    const adapter = createChipCardAdapter({ examineCard: examiner.examine, ...register });
    expect(adapter.phishingResistant).toBe(false);
    expect(adapter.factors).toEqual(['have']);
  });
  test('an answer that was relayed is right: another reader held the card, and the verdict is the same', async () => {
    const card = virtualCard();
    const far = {
      ...card,
      transmit: async (command: Buffer) =>
        Buffer.from(text(await card.transmit(Buffer.from(text(command), 'base64url'))), 'base64url'),
    };
    expect(await examine(await evidenceOf(far, { challenge }))).toBe('chip');
  });
  test('nothing that a card is proven with beside makes it so, but a passkey', () => {
    const beside = [proven.password(), proven.totp(), proven.sms(), proven.face()];
    expect(reach(proven.card(), ...beside)).toMatchObject({ phishingResistant: false });
    expect(reach(proven.card(), proven.passkey())).toMatchObject({ phishingResistant: true });
    const rows = ASSURANCE_POLICY.worth.filter(({ proof }) => proof.kind === 'chip-card');
    expect(rows.length).toBeGreaterThan(0);
    for (const { worth } of rows) expect(worth).not.toContain('phishing-resistance');
  });
});
