import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PCSC_FAULTS, PcscFault } from '../../../src/pcsc/fault.ts';
import * as message from '../../../src/pcsc/messages.ts';

const runs = Number(process.env.FUZZ_RUNS ?? 2_000);
const octets = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes));

/** What pcscd may send: any octets of the right length. */
const onlyFaults = (read: () => void): void => {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(PcscFault);
  }
};

describe('the structures of pcscd (pcsc-lite, winscard_msg.h)', () => {
  test('each question is as long as its structure', () => {
    const questions = {
      version: message.versionBody(4),
      establish: message.establishBody(),
      connect: message.connectBody(1, 'Reader'),
      disconnect: message.disconnectBody(1, { gone: false }),
      begin: message.beginBody(1),
      transmit: message.transmitBody(1, 2, 5),
    };
    for (const [name, body] of Object.entries(questions)) {
      expect([name, body.length]).toEqual([name, message.LENGTH[name as keyof typeof questions]]);
    }
  });

  test('a reader name longer than its field is cut, and ends', () => {
    const body = message.connectBody(1, 'R'.repeat(500));
    expect(body.length).toBe(message.LENGTH.connect);
    expect(body[4 + 126]).toBe(0x52);
    expect(body[4 + 127]).toBe(0);
  });

  test('readers: their names, whether a card lies there, its answer to reset', () => {
    const states = Buffer.alloc(message.LENGTH.states);
    states.write('Reader A', 184);
    states.writeUInt32LE(0x04 | 0x10, 184 + 132);
    states.write('3b80800101', 184 + 140, 'hex');
    states.writeUInt32LE(5, 184 + 176);
    states.write('Reader B', 3 * 184);
    states.writeUInt32LE(0x02, 3 * 184 + 132);
    expect(message.statesFrom(states)).toEqual([
      { name: 'Reader A', present: true, atr: Buffer.from('3b80800101', 'hex') },
      { name: 'Reader B', present: false, atr: Buffer.alloc(0) },
    ]);
  });

  test('whatever is sent instead of readers, nothing is read over the end of a place', () => {
    fc.assert(
      fc.property(octets(message.LENGTH.states), (states) => {
        const readers = message.statesFrom(states);
        expect(readers.length).toBeLessThanOrEqual(16);
        for (const { atr } of readers) expect(atr.length).toBeLessThanOrEqual(33);
      }),
      { numRuns: Math.min(runs, 2_000) },
    );
  });

  test('no answer is waited for that is longer than an APDU, and nothing but a fault is thrown', () => {
    fc.assert(
      fc.property(octets(message.LENGTH.transmit), fc.boolean(), (answer, succeeds) => {
        if (succeeds) answer.writeUInt32LE(0, answer.length - 4);
        onlyFaults(() => expect(message.answerLengthFrom(answer)).toBeLessThanOrEqual(message.MAX_APDU));
      }),
      { numRuns: runs },
    );
  });

  test('every error of pcscd is a sentence', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0xffffffff }), (code) => {
        const answer = Buffer.alloc(8);
        answer.writeUInt32LE(code, 4);
        expect(() => message.succeeded(answer)).toThrow(/\.( \(0x[0-9a-f]+\))$/);
      }),
      { numRuns: runs },
    );
    const removed = Buffer.from('0000000069001080', 'hex');
    expect(() => message.succeeded(removed)).toThrow(PCSC_FAULTS.removed);
  });
});
