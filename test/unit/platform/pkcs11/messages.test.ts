import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pkcs11Fault } from '../../../../src/platform/pkcs11/fault.ts';
import * as message from '../../../../src/platform/pkcs11/messages.ts';
import { CALL } from '../../../../src/platform/pkcs11/messages.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('what goes to p11-kit server', () => {
  test('is a header, the call and the types of its parts, then the parts, all in network order', () => {
    expect(message.request(CALL.openSession, 16, [message.ulong(17), message.ulong(6)])).toEqual(
      hex('00000010 00000000 0000001a 0000000a 00000002 7575 0000000000000011 0000000000000006'),
    );
  });

  test('names attributes by type, length and value in the form of each', () => {
    const written = message.attributes({ token: true, modulusBits: 2048, id: Buffer.from('kid') });
    expect(written).toEqual(
      hex(
        '00000003 00000001 01 00000001 01 00000121 01 00000008 0000000000000800 00000102 01 00000003 00000003 6b6964',
      ),
    );
  });

  test('has a mechanism without a parameter as nothing, and with one as its numbers', () => {
    expect(message.mechanism(0x1041)).toEqual(hex('00001041 ffffffff'));
    expect(message.mechanism(0x0d, [0x250, 2, 32])).toEqual(
      hex('0000000d 0000000000000250 0000000000000002 0000000000000020'),
    );
  });
});

describe('what comes from it', () => {
  test('is whole or not there yet, and never longer than an answer can be', () => {
    const whole = hex('00000001 00000000 0000000a 0000000a 00000001 75 00');
    expect(message.received(whole.subarray(0, 11))).toBeUndefined();
    expect(message.received(whole.subarray(0, 21))).toBeUndefined();
    expect(message.received(whole)?.length).toBe(22);
    expect(() => message.received(hex('00000001 00000000 7fffffff'))).toThrow(Pkcs11Fault);
  });

  test('is refused with what the module said', () => {
    const error = hex('00000000 00000001 75 00000000000000a0');
    expect(() => message.answered(CALL.login, error)).toThrow(
      expect.objectContaining({ code: 'failed', answer: 0xa0 }),
    );
  });

  test('tells attributes in the order asked; what the object does not tell is missing', () => {
    const body = hex('00000018 00000003 614175 00000002 00000103 01 00000001 01 00000011 00 0000000000000011');
    const parts = message.answered(CALL.attributes, body);
    expect(parts.attributes(['sensitive', 'value'])).toEqual({ sensitive: true });
    expect(parts.ulong()).toBe(0x11n);
  });

  test('is an answer or a fault, whatever the octets are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.constantFrom(...Object.values(CALL)), (octets, call) => {
        const head = Buffer.alloc(8);
        head.writeUInt32BE(call.id, 0);
        head.writeUInt32BE(call.response.length, 4);
        const body = Buffer.concat([head, Buffer.from(call.response), octets]);
        try {
          const parts = message.answered(call, body);
          if (call.response.startsWith('au')) parts.ulongs();
          else if (call.response.startsWith('aA')) parts.attributes(['ecPoint', 'sensitive', 'class']);
          else if (call.response === 'ay') parts.octets();
          else if (call.response.startsWith('u')) parts.ulong();
        } catch (error) {
          if (!(error instanceof Pkcs11Fault)) throw error;
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
