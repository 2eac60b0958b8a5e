import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCommand, encodeCommand } from '../../../../../src/standards/icao9303/apdu/command.ts';
import { dataOf, decodeResponse, encodeResponse } from '../../../../../src/standards/icao9303/apdu/response.ts';
import type { Refused } from '../../../../../src/standards/icao9303/refusal.ts';
import { hex, refusal } from '../../../../support/refused.ts';

const numRuns = Number(process.env.FUZZ_RUNS ?? 2000);

describe('commands (ISO/IEC 7816-4 §5.2)', () => {
  const header = { cla: 0x00, ins: 0xb0, p1: 0x01, p2: 0x02 };
  const data = Buffer.alloc(2, 0xaa);
  const long = Buffer.alloc(256, 0xaa);
  test.each([
    ['1', header, '00b00102'],
    ['2 short', { ...header, expected: 256 }, '00b0010200'],
    ['2 extended', { ...header, expected: 65_536, extended: true }, '00b00102000000'],
    ['2 extended, 257', { ...header, expected: 257, extended: true }, '00b00102000101'],
    ['3 short', { ...header, data }, '00b0010202aaaa'],
    ['3 extended', { ...header, data: long, extended: true }, `00b00102000100${'aa'.repeat(256)}`],
    ['4 short', { ...header, data, expected: 4 }, '00b0010202aaaa04'],
    ['4 extended', { ...header, data, expected: 4, extended: true }, '00b00102000002aaaa0004'],
    [
      '4 extended, all',
      { ...header, data: long, expected: 65_536, extended: true },
      `00b00102000100${'aa'.repeat(256)}0000`,
    ],
  ] as const)('case %s is written and read', (_, command, bytes) => {
    expect(encodeCommand(command).toString('hex')).toBe(bytes);
    expect(decodeCommand(hex(bytes))).toEqual(command);
  });

  test.each([
    '',
    '00b000',
    '00b0000005aaaa',
    '00b0000001aaaaaaaa',
    '00b00000000000aa',
    '00b000000000',
    '00b00000000001aa00',
  ])('%s is no command', (bytes) => {
    expect(refusal(() => decodeCommand(hex(bytes)))).toBe('apdu.malformed');
  });

  test('any bytes are a command that is written as it was read, or are refused', () => {
    const shaped = fc
      .tuple(
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        fc.constantFrom('', '00', '04', '0002', '000002', '000000'),
        fc.uint8Array({ maxLength: 8 }),
      )
      .map(([header, lengths, rest]) => Buffer.concat([header, hex(lengths), rest]));
    fc.assert(
      fc.property(
        fc.oneof(
          shaped,
          fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
        ),
        (bytes) => {
          let command: ReturnType<typeof decodeCommand>;
          try {
            command = decodeCommand(bytes);
          } catch (error) {
            expect((error as Refused).code).toBe('apdu.malformed');
            return;
          }
          expect(encodeCommand(command).equals(bytes)).toBe(true);
        },
      ),
      { numRuns },
    );
  });
});

describe('answers (ISO/IEC 7816-4 §5.1)', () => {
  test('an answer is its data and its status', () => {
    expect(decodeResponse(hex('0102039000'))).toEqual({ data: hex('010203'), status: 0x9000 });
    expect(dataOf(hex('0102039000'))).toEqual(hex('010203'));
    expect(refusal(() => dataOf(hex('6a82')))).toBe('apdu.status');
  });

  test.each(['', '90', '0102', 'ffff', '010203'])('%s is no answer', (bytes) => {
    expect(refusal(() => decodeResponse(hex(bytes)))).toBe('apdu.malformed');
  });

  test('an answer of more than 65,536 octets is refused', () => {
    expect(refusal(() => decodeResponse(Buffer.alloc(65_539, 0x90)))).toBe('apdu.malformed');
  });

  test('any bytes are an answer that is written as it was read, or are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom('', '9000', '6100', '6a82', '5000'), (data, sw) => {
        const bytes = Buffer.concat([data, hex(sw)]);
        const code = refusal(() => expect(encodeResponse(decodeResponse(bytes)).equals(bytes)).toBe(true));
        expect(['accepted', 'apdu.malformed']).toContain(code);
      }),
      { numRuns },
    );
  });
});
