import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cipher } from '../../../../../src/standards/icao9303/access/ciphers.ts';
import { openChip } from '../../../../../src/standards/icao9303/access/open-chip.ts';
import { establishPace, usablePace } from '../../../../../src/standards/icao9303/access/pace.ts';
import type { Random } from '../../../../../src/standards/icao9303/access/scalar.ts';
import { drawScalar } from '../../../../../src/standards/icao9303/access/scalar.ts';
import type { Transmit } from '../../../../../src/standards/icao9303/apdu/response.ts';
import { STANDARD_CURVES } from '../../../../../src/standards/icao9303/chip/protocols.ts';
import { CURVES, type CurveName } from '../../../../../src/standards/icao9303/pki/algorithms/curve-parameters.ts';
import { hex, refusal } from '../../../../support/refused.ts';
import bac from '../../../../vectors/icao9303/basic-access-control.json' with { type: 'json' };
import printed from '../../../../vectors/icao9303/pace-ecdh-gm.json' with { type: 'json' };
import { aPaceChip, cardAccessOf, paceInfo } from './pace-chip.ts';

const numRuns = Number(process.env.FUZZ_RUNS ?? 2000);
const { pace: worked } = printed;
const MRZ = { kind: 'MRZ', secret: 'T22000129364081251010318' } as const;
const CAN = { kind: 'CAN', secret: '123456' } as const;

/** Our keys of App. G.1, one after another. */
const workedKeys = (): Random => {
  const keys = [worked.SKmap_IFD, worked.SKdh_IFD];
  return () => hex(keys.shift() ?? '');
};
/** The chip of App. G.1: its answers, one after another; `change` turns one of them. */
const replay = (
  change: (at: number, answer: Buffer) => Buffer = (_, answer) => answer,
  sent: string[] = [],
): Transmit => {
  let at = 0;
  return async (command) => {
    sent.push(command.toString('hex').toUpperCase());
    const answer = hex(worked.apdus[at]?.[1] ?? '6f00');
    return change(at++, answer);
  };
};

describe('PACE with generic mapping over elliptic curves (9303-11 §4.4)', () => {
  test('the session of App. G.1 comes out byte by byte', async () => {
    const sent: string[] = [];
    const messaging = await establishPace(replay(undefined, sent), hex(worked.cardAccess), MRZ, workedKeys());
    expect(sent).toEqual(worked.apdus.map(([command]) => command));
    expect(messaging.state()).toEqual({
      cipher: 'AES-128',
      encryption: hex(worked.KSEnc),
      mac: hex(worked.KSMAC),
      counter: Buffer.alloc(16),
    });
  });

  const curves = Object.entries(STANDARD_CURVES).map(([id, curve]) => [Number(id), curve] as const);
  const ciphers: Cipher[] = ['3DES', 'AES-128', 'AES-192', 'AES-256'];
  test.each(
    curves.flatMap(([id, curve], at) => [
      [id, curve, ciphers[at % 4]!] as const,
      [id, curve, ciphers[(at + 1) % 4]!] as const,
    ]),
  )(
    'parameters %i, %s, with %s: the chip opens, and the channel carries commands',
    async (parameterId, curve, cipher) => {
      const { transmit, cardAccess } = aPaceChip({ curve, parameterId, cipher, password: CAN, random: randomBytes });
      const open = await openChip(transmit, { cardAccess, password: CAN, policy: 'pace-only' }, randomBytes);
      expect(open.access).toBe('PACE-CAN');
      expect(open.messaging.state().cipher).toBe(cipher);
      expect(await open.transmit(hex('00A4020C02010100'))).toEqual(hex('9000'));
    },
  );

  test('the strongest that is known here is taken', () => {
    const offered = cardAccessOf(paceInfo('2.1', 12), paceInfo('2.4', 16), paceInfo('2.2', 13), paceInfo('4.4', 18));
    expect(usablePace(offered)).toMatchObject({ curve: 'brainpoolP384r1', info: { cipher: 'AES-256', mapping: 'GM' } });
  });

  test.each([
    ['integrated mapping', paceInfo('4.2', 13)],
    ['chip authentication mapping', paceInfo('6.2', 13)],
    ['classic Diffie-Hellman', paceInfo('1.2', 2)],
    ['version 1', paceInfo('2.2', 13, 1)],
    ['parameters of integers', paceInfo('2.2', 0)],
    ['parameters that nobody standardised', paceInfo('2.2', 31)],
    ['parameters of its own', paceInfo('2.2', undefined)],
  ])('%s alone is refused', async (_, info) => {
    const cardAccess = cardAccessOf(info);
    expect(await refusal(establishPace(replay(), cardAccess, MRZ, workedKeys()))).toBe('access.unsupported');
    expect(usablePace(cardAccess)).toBeUndefined();
  });
});

const aChip = (more: Partial<Parameters<typeof aPaceChip>[0]> = {}) =>
  aPaceChip({ curve: 'P-256', parameterId: 12, cipher: 'AES-128', password: CAN, random: randomBytes, ...more });
const establish = ({ transmit, cardAccess }: ReturnType<typeof aPaceChip>, password: typeof CAN | typeof MRZ = CAN) =>
  refusal(establishPace(transmit, cardAccess, password, randomBytes));

describe('what PACE refuses', () => {
  test('another card access number or MRZ than that of the card', async () => {
    expect(await establish(aChip())).toBe('accepted');
    expect(
      await refusal(
        establishPace(aChip().transmit, aChip().cardAccess, { kind: 'CAN', secret: '123457' }, randomBytes),
      ),
    ).toBe('access.failed');
    expect(await establish(aChip({ password: CAN }), MRZ)).toBe('access.failed');
  });

  const prime = CURVES['P-256'].p;
  const notKeys: [string, (value: Buffer, sent: Buffer) => Buffer][] = [
    ['our own key, sent back', (_, sent) => sent],
    [
      'a point that is not on the curve',
      (value) => Buffer.concat([value.subarray(0, -1), Buffer.from([value.at(-1)! ^ 1])]),
    ],
    ['infinity', () => Buffer.from([0])],
    ['infinity as zeros', () => Buffer.concat([Buffer.from([4]), Buffer.alloc(64)])],
    ['a compressed point', (value) => Buffer.concat([Buffer.from([2 + (value.at(-1)! & 1)]), value.subarray(1, 33)])],
    ['a hybrid point', (value) => Buffer.concat([Buffer.from([6 + (value.at(-1)! & 1)]), value.subarray(1)])],
    ['coordinates above the prime', () => hex(`04${prime}${prime}`)],
    ['a point of another curve', () => hex(`04${CURVES['P-224'].x}${CURVES['P-224'].y}`)],
    ['nothing', () => Buffer.alloc(0)],
  ];
  test.each(notKeys)('%s instead of a key of the chip, in both steps', async (_, make) => {
    for (const step of [0x82, 0x84]) {
      const chip = aChip({ change: (tag, value, sent) => (tag === step ? make(value, sent) : value) });
      expect(await establish(chip)).toBe('access.key');
      // It did not go on.
      expect(chip.seen.filter((ins) => ins === 0x86)).toHaveLength(step === 0x82 ? 2 : 3);
    }
  });

  test('a token of the chip that is wrong, cut short, or ours', async () => {
    for (const turn of [
      (token: Buffer) => Buffer.from(token.map((octet, at) => (at === 7 ? octet ^ 1 : octet))),
      (token: Buffer) => token.subarray(1),
      (_: Buffer, sent: Buffer) => sent,
      () => Buffer.alloc(0),
    ]) {
      const chip = aChip({ change: (tag, value, sent) => (tag === 0x86 ? turn(value, sent) : value) });
      expect(await establish(chip)).toBe('access.failed');
    }
  });

  test('nonces of odd lengths, answers with another object, chips that do not go on', async () => {
    for (const length of [0, 15, 17, 80]) {
      const chip = aChip({ change: (tag, value) => (tag === 0x80 ? Buffer.alloc(length) : value) });
      expect(await establish(chip)).toBe('apdu.malformed');
    }
    const at = (step: number, answer: string) =>
      refusal(
        establishPace(
          replay((now, right) => (now === step ? hex(answer) : right)),
          hex(worked.cardAccess),
          MRZ,
          workedKeys(),
        ),
      );
    for (const step of [1, 2, 3, 4]) {
      expect(await at(step, '7C0281009000')).toBe('apdu.malformed');
      expect(await at(step, '9000')).toBe('apdu.malformed');
      expect(await at(step, '7C009000')).toBe('apdu.malformed');
      expect(await at(step, '6300')).toBe('access.failed');
      expect(await at(step, '')).toBe('apdu.malformed');
    }
    expect(await at(0, '6A80')).toBe('access.unsupported');
  });

  test('no bit of an answer of App. G.1 can be turned', async () => {
    for (const step of [1, 2, 3, 4]) {
      const length = hex(worked.apdus[step]![1]!).length - 2;
      for (let octet = 0; octet < length; octet += step === 2 || step === 3 ? 5 : 1) {
        const turned = replay((at, answer) => {
          if (at === step) answer[octet]! ^= 1 << (octet & 7);
          return answer;
        });
        const code = await refusal(establishPace(turned, hex(worked.cardAccess), MRZ, workedKeys()));
        expect(code).toMatch(/^(access\.(key|failed)|apdu\.malformed)$/);
      }
    }
  });

  test('no answers and no EF.CardAccess make it throw anything but its own refusal', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 80 }).map((octets) => Buffer.from(octets)),
      fc
        .tuple(fc.constantFrom(0x80, 0x82, 0x84, 0x86), fc.uint8Array({ maxLength: 70 }))
        .map(([tag, octets]) =>
          Buffer.concat([hex('7c'), Buffer.from([octets.length + 2, tag, octets.length]), octets, hex('9000')]),
        ),
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(4), bytes, fc.option(bytes), async (step, answer, file) => {
        const transmit = replay((at, right) => (at === step ? answer : right));
        const cardAccess = file ?? hex(worked.cardAccess);
        expect(await refusal(establishPace(transmit, cardAccess, MRZ, workedKeys()))).toMatch(
          /^(access|apdu|asn1|dg|input)\.|^accepted$/,
        );
      }),
      // Each run is up to four multiplications of points.
      { numRuns: Math.ceil(numRuns / 10) },
    );
  });
});

describe('which way a chip is opened (9303-11 §4.2)', () => {
  const seen: number[] = [];
  const bacChip: Transmit = async (command) => {
    seen.push(command[1]!);
    if (command[1] === 0x84) return hex(`${bac.mutualAuthentication.RND_IC}9000`);
    if (command[1] !== 0x82) return hex('9000');
    return hex(`${bac.mutualAuthentication.E_IC}${bac.mutualAuthentication.M_IC}9000`);
  };
  const random: Random = (octets) =>
    hex(octets === 8 ? bac.mutualAuthentication.RND_IFD : bac.mutualAuthentication.K_IFD);
  const password = { kind: 'MRZ', secret: bac.keys.mrzInformation } as const;

  test('BAC opens a chip that has no PACE that is known here, where the policy takes it', async () => {
    const integrated = cardAccessOf(paceInfo('4.2', 13));
    for (const offered of [{}, { cardAccess: integrated }, { cardAccess: cardAccessOf() }]) {
      const open = await openChip(bacChip, { ...offered, password, policy: 'pace-or-bac' }, random);
      expect(open.access).toBe('BAC');
      expect(await refusal(openChip(bacChip, { ...offered, password, policy: 'pace-only' }, random))).toBe(
        'access.unsupported',
      );
    }
  });

  test('a card access number opens no BAC', async () => {
    expect(await refusal(openChip(bacChip, { password: CAN, policy: 'pace-or-bac' }, random))).toBe(
      'access.unsupported',
    );
  });

  test('BAC is never tried after PACE failed, whatever made it fail', async () => {
    const faults: Transmit[] = [
      async () => hex('6300'),
      async () => hex('6A80'),
      async () => hex('6D00'),
      async () => hex(''),
      replay((at, answer) => (at === 4 ? hex('6300') : answer)),
      replay((at, answer) => (at === 2 ? hex('7C0282009000') : answer)),
    ];
    for (const fault of faults) {
      const instructions: number[] = [];
      const transmit: Transmit = (command) => {
        instructions.push(command[1]!);
        return fault(command);
      };
      const opening = { cardAccess: hex(worked.cardAccess), password: MRZ, policy: 'pace-or-bac' as const };
      expect(await refusal(openChip(transmit, opening, workedKeys()))).toMatch(/^(access|apdu)\./);
      expect(instructions.filter((ins) => ins === 0x84 || ins === 0x82)).toEqual([]);
    }
  });

  test('an EF.CardAccess that cannot be read opens nothing', async () => {
    seen.length = 0;
    for (const file of ['', '3003020101', '31FF', `${worked.cardAccess}00`]) {
      const opening = { cardAccess: hex(file), password, policy: 'pace-or-bac' as const };
      expect(await refusal(openChip(bacChip, opening, random))).toMatch(/^(asn1|dg)\./);
    }
    expect(seen).toEqual([]);
  });
});

describe('private keys (FIPS 186-5 §A.2.2)', () => {
  test('what is zero or not below the order is drawn again, on every curve', () => {
    for (const [name, { n, bits }] of Object.entries(CURVES) as [CurveName, (typeof CURVES)[CurveName]][]) {
      const draws = [Buffer.alloc(n.length / 2), hex(n), hex(n)];
      draws[2]![n.length / 2 - 1]! -= 1;
      const scalar = drawScalar(name, () => draws.shift()!);
      expect(BigInt(`0x${scalar.toString('hex')}`)).toBe(BigInt(`0x${n}`) - 1n);
      expect(scalar).toHaveLength(Math.ceil(bits / 8));
    }
  });

  test('a source that never gives one is our own fault', () => {
    expect(() => drawScalar('P-256', () => Buffer.alloc(32))).toThrow('random source');
    expect(() => drawScalar('P-256', () => Buffer.alloc(4, 1))).toThrow('random source');
  });
});
