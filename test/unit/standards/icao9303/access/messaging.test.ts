import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cipher } from '../../../../../src/standards/icao9303/access/ciphers.ts';
import { deriveChannelKeys } from '../../../../../src/standards/icao9303/access/key-derivation.ts';
import {
  createCardMessaging,
  createMessaging,
  type MessagingState,
} from '../../../../../src/standards/icao9303/access/messaging.ts';
import { decodeCommand, encodeCommand } from '../../../../../src/standards/icao9303/apdu/command.ts';
import { hex, refusal } from '../../../../support/refused.ts';
import bac from '../../../../vectors/icao9303/basic-access-control.json' with { type: 'json' };
import printed from '../../../../vectors/icao9303/secure-messaging.json' with { type: 'json' };

const worked = printed.messaging;
const numRuns = Number(process.env.FUZZ_RUNS ?? 2000);
const upper = (bytes: Buffer): string => bytes.toString('hex').toUpperCase();

const CIPHERS: readonly Cipher[] = ['3DES', 'AES-128', 'AES-192', 'AES-256'];
const channel = (cipher: Cipher, seed = 'seed'): MessagingState => ({
  cipher,
  ...deriveChannelKeys(Buffer.from(seed), cipher),
  counter: Buffer.alloc(cipher === '3DES' ? 8 : 16, 0xff),
});
const workedState: MessagingState = {
  cipher: '3DES',
  encryption: hex(bac.mutualAuthentication.KSEnc),
  mac: hex(bac.mutualAuthentication.KSMAC),
  counter: hex(worked.sscStart),
};

describe('secure messaging', () => {
  test('the commands and answers of 9303-11 App. D.4 come out byte by byte, from both ends', () => {
    const terminal = createMessaging(workedState);
    const card = createCardMessaging(workedState);
    for (const { plain, protected: sent, response, data, sw } of worked.exchanges) {
      expect(upper(terminal.protect(hex(plain)))).toBe(sent);
      // App. D prints the SELECT without an expected length, and protects it so.
      expect(upper(card.open(hex(sent)))).toBe(plain);
      expect(upper(card.seal(hex(data + sw)))).toBe(response);
      expect(upper(terminal.unprotect(hex(response)))).toBe(data + sw);
    }
    expect(terminal.state()).toEqual(card.state());
  });

  const byte = fc.integer({ min: 0, max: 255 });
  const commands = fc.record({
    cla: fc.constantFrom(0x00, 0x10),
    ins: byte,
    p1: byte,
    p2: byte,
    data: fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 20_000, size: 'max' })),
    expected: fc.option(fc.integer({ min: 1, max: 65_536 }), { nil: undefined }),
  });

  test.each(CIPHERS)('what goes through a %s channel comes out as it went in', (cipher) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(commands, fc.uint8Array({ maxLength: 5000 })), { maxLength: 4 }), (exchanges) => {
        const terminal = createMessaging(channel(cipher));
        const card = createCardMessaging(channel(cipher));
        for (const [{ data, expected, ...header }, answered] of exchanges) {
          const command = {
            ...header,
            ...(data.length > 0 ? { data: Buffer.from(data) } : {}),
            ...(expected === undefined ? {} : { expected }),
          };
          const plain = encodeCommand(command);
          const opened = decodeCommand(card.open(terminal.protect(plain)));
          expect({ ...opened, extended: undefined }).toEqual({ ...command, extended: undefined });
          const answer = Buffer.concat([answered, hex('9000')]);
          expect(terminal.unprotect(card.seal(answer)).equals(answer)).toBe(true);
        }
        expect(terminal.state()).toEqual(card.state());
      }),
      { numRuns: Math.ceil(numRuns / 20) },
    );
  });

  const READ = hex('00B0000020');
  const exchange = (cipher: Cipher) => {
    const terminal = createMessaging(channel(cipher));
    const card = createCardMessaging(channel(cipher));
    const command = terminal.protect(READ);
    const answer = (): Buffer => {
      card.open(command);
      return card.seal(hex('00112233445566779000'));
    };
    return { terminal, card, command, answer };
  };

  test.each(CIPHERS)('no bit of a %s answer or command can be turned', (cipher) => {
    const { command, answer } = exchange(cipher);
    const response = answer();
    for (let bit = 0; bit < response.length * 8; bit += 1) {
      const turned = Buffer.from(response);
      turned[bit >> 3]! ^= 1 << (bit & 7);
      const { terminal } = exchange(cipher);
      expect(refusal(() => terminal.unprotect(turned))).toMatch(/^messaging\.(mac|malformed)$/);
    }
    for (let bit = 0; bit < command.length * 8; bit += 1) {
      const turned = Buffer.from(command);
      turned[bit >> 3]! ^= 1 << (bit & 7);
      const { card } = exchange(cipher);
      const code = refusal(() => card.open(turned));
      // The expected length of the protected command itself is not authenticated, nor is it used.
      if (bit >> 3 !== command.length - 1) expect(code).toMatch(/^(messaging\.(mac|malformed)|apdu\.malformed)$/);
    }
  });

  test.each(CIPHERS)('a %s answer of another moment, another session or another instruction dies', (cipher) => {
    const { answer, terminal } = exchange(cipher);
    const response = answer();
    terminal.unprotect(response);
    terminal.protect(READ);
    expect(refusal(() => terminal.unprotect(response))).toBe('messaging.mac');

    const other = createMessaging({ ...channel(cipher, 'another') });
    other.protect(READ);
    expect(refusal(() => other.unprotect(response))).toBe('messaging.mac');

    const odd = createMessaging(channel(cipher));
    odd.protect(hex('00B10000045402001000'));
    expect(refusal(() => odd.unprotect(response))).toBe('messaging.malformed');
  });

  test('a channel that saw one bad message is over', () => {
    const { answer, terminal, card } = exchange('AES-128');
    const response = answer();
    const turned = Buffer.from(response);
    turned[5]! ^= 1;
    expect(refusal(() => terminal.unprotect(turned))).toBe('messaging.mac');
    expect(refusal(() => terminal.unprotect(response))).toBe('messaging.malformed');
    expect(refusal(() => terminal.protect(READ))).toBe('messaging.malformed');
    expect(refusal(() => card.open(READ))).toBe('messaging.malformed');
  });

  test('an answer without its protection is refused, whatever its status', () => {
    for (const plain of ['9000', '6988', '6982', '990290009000', '8709019FF0EC34F99226519000', '', '90']) {
      const { terminal } = exchange('3DES');
      expect(refusal(() => terminal.unprotect(hex(plain)))).toBe('messaging.malformed');
    }
  });

  test('objects doubled, unknown, out of order or behind the checksum are refused', () => {
    const [status, checksum] = ['99029000', `8E08${'00'.repeat(8)}`];
    for (const objects of [
      `${status}${status}${checksum}`,
      `${status}8709019FF0EC34F9922651${checksum}`,
      `8103000000${status}${checksum}`,
      `${status}${checksum}${checksum}`,
      `${status}8E07${'00'.repeat(7)}`,
      `${status}8E80${'00'.repeat(8)}`,
    ]) {
      const { terminal } = exchange('3DES');
      expect(refusal(() => terminal.unprotect(hex(`${objects}9000`)))).toBe('messaging.malformed');
    }
  });

  test('keys of another length than the cipher has are refused', () => {
    const state = channel('AES-128');
    expect(refusal(() => createMessaging({ ...state, mac: Buffer.alloc(24) }))).toBe('messaging.malformed');
    expect(refusal(() => createMessaging({ ...state, counter: Buffer.alloc(8) }))).toBe('messaging.malformed');
    expect(refusal(() => createMessaging({ ...state, cipher: 'DES' as Cipher }))).toBe('messaging.malformed');
  });

  test('no bytes make either end throw anything but its own refusal', () => {
    const objects = fc
      .array(fc.tuple(fc.constantFrom(0x85, 0x87, 0x97, 0x99, 0x8e, 0x30), fc.uint8Array({ maxLength: 40 })), {
        maxLength: 4,
      })
      .map((parts) => Buffer.concat(parts.flatMap(([tag, value]) => [Buffer.from([tag, value.length]), value])));
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes)),
      objects.map((bytes) => Buffer.concat([bytes, hex('9000')])),
      objects.map((bytes) => Buffer.concat([hex('0CB00000'), Buffer.from([bytes.length]), bytes, hex('00')])),
    );
    fc.assert(
      fc.property(fc.constantFrom(...CIPHERS), any, (cipher, bytes) => {
        const { terminal, card } = exchange(cipher);
        expect(refusal(() => terminal.unprotect(bytes))).toMatch(/^messaging\./);
        expect(refusal(() => card.open(bytes))).toMatch(/^(messaging|apdu)\./);
      }),
      { numRuns },
    );
  });
});
