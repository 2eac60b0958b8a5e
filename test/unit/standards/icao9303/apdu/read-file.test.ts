import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createCardMessaging,
  createMessaging,
  throughMessaging,
} from '../../../../../src/standards/icao9303/access/messaging.ts';
import { type Command, decodeCommand } from '../../../../../src/standards/icao9303/apdu/command.ts';
import { CARD_FILES, type CardFileName } from '../../../../../src/standards/icao9303/apdu/files.ts';
import { readOptionalFile } from '../../../../../src/standards/icao9303/apdu/optional-file.ts';
import { readCardAccess, readFile, selectApplication } from '../../../../../src/standards/icao9303/apdu/read-file.ts';
import type { Transmit } from '../../../../../src/standards/icao9303/apdu/response.ts';
import { tlv } from '../../../../../src/standards/icao9303/asn1/write.ts';
import { hex, refusal } from '../../../../support/refused.ts';

const numRuns = Number(process.env.FUZZ_RUNS ?? 2000);
const sw = (status: number, data: Buffer = Buffer.alloc(0)): Buffer =>
  Buffer.concat([data, Buffer.from([status >> 8, status & 0xff])]);

/** A chip that knows files and nothing else (ISO/IEC 7816-4 §11.2.2, §11.3.3). */
function fileSystem(files: Partial<Record<CardFileName, Buffer>>, before?: (command: Command) => Buffer | undefined) {
  const commands: Command[] = [];
  let current: Buffer | undefined;
  const find = (key: 'identifier' | 'short', value: number): Buffer | undefined =>
    Object.entries(files).find(([name]) => CARD_FILES[name as CardFileName][key] === value)?.[1];
  const transmit: Transmit = async (bytes) => {
    const command = decodeCommand(bytes);
    commands.push(command);
    const special = before?.(command);
    if (special) return special;
    const { ins, p1, p2, data = Buffer.alloc(0), expected = 0 } = command;
    if (ins === 0xa4 && p1 === 0x04) return sw(data.toString('hex') === 'a0000002471001' ? 0x9000 : 0x6a82);
    if (ins === 0xa4 && p1 === 0x00) return sw(0x6d00);
    if (ins === 0xa4) {
      current = find('identifier', data.readUInt16BE(0));
      return sw(current ? 0x9000 : 0x6a82);
    }
    let at = p1 * 256 + p2;
    if (ins === 0xb0 && p1 & 0x80) {
      current = find('short', p1 & 0x1f);
      at = p2;
    }
    if (!current) return sw(0x6986);
    if (ins === 0xb0) return sw(at + expected > current.length ? 0x6282 : 0x9000, current.subarray(at, at + expected));
    if (ins !== 0xb1 || data[0] !== 0x54) return sw(0x6d00);
    const far = data.readUIntBE(2, data[1]!);
    const head = expected < 0x82 ? 2 : expected < 0x103 ? 3 : 4;
    return sw(0x9000, tlv(0x53, current.subarray(far, far + expected - head)));
  };
  return { transmit, commands };
}

const fileOf = (name: CardFileName, length: number): Buffer =>
  tlv(CARD_FILES[name].tag, Buffer.from(Array.from({ length }, (_, at) => (at * 7) & 0xff)));

describe('reading the files of a chip', () => {
  test('the eMRTD application is selected by its name', async () => {
    const { transmit, commands } = fileSystem({});
    await selectApplication(transmit);
    expect(commands).toEqual([{ cla: 0, ins: 0xa4, p1: 4, p2: 0x0c, data: hex('a0000002471001') }]);
    expect(await refusal(selectApplication(async () => sw(0x6a82)))).toBe('apdu.status');
  });

  test.each([
    ['COM', 20, 223],
    ['DG15', 300, 223],
    ['SOD', 2000, 256],
    ['DG2', 32_760, 223],
    ['DG2', 33_000, 223],
    ['DG2', 100_000, 223],
    ['DG2', 36_000, 20],
    ['DG2', 100_000, 65_536],
  ] as const)('%s of %i octets comes out whole, also beyond 32 kB, in pieces of %i', async (name, length, chunk) => {
    const file = fileOf(name, length);
    const { transmit } = fileSystem({ [name]: file });
    expect((await readFile(transmit, name, { chunk })).equals(file)).toBe(true);
  });

  test.each(['3DES', 'AES-128', 'AES-256'] as const)(
    'a file of 40 kB is read with short lengths through %s',
    async (cipher) => {
      const length = { '3DES': 16, 'AES-128': 16, 'AES-256': 32 }[cipher];
      const state = {
        cipher,
        encryption: Buffer.alloc(length, 1),
        mac: Buffer.alloc(length, 2),
        counter: Buffer.alloc(cipher === '3DES' ? 8 : 16),
      };
      const [terminal, card] = [createMessaging(state), createCardMessaging(state)];
      const file = fileOf('DG2', 40_000);
      const { transmit } = fileSystem({ DG2: file });
      const lengths: number[] = [];
      const through = throughMessaging(async (command) => {
        const answer = card.seal(await transmit(card.open(command)));
        lengths.push(command.length, answer.length);
        return answer;
      }, terminal);
      expect((await readFile(through, 'DG2')).equals(file)).toBe(true);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(258);
    },
  );

  test('what follows the structure on the chip is not read', async () => {
    const file = fileOf('DG15', 150);
    const { transmit } = fileSystem({ DG15: Buffer.concat([file, Buffer.alloc(500)]) });
    expect((await readFile(transmit, 'DG15')).equals(file)).toBe(true);
  });

  test('a chip that does not select by identifier is read by short identifier', async () => {
    const { transmit } = fileSystem({ DG1: fileOf('DG1', 93) }, ({ ins }) => (ins === 0xa4 ? sw(0x6a86) : undefined));
    expect((await readFile(transmit, 'DG1')).equals(fileOf('DG1', 93))).toBe(true);
  });

  test('older transports: octets that wait are fetched, a wrong expected length is corrected', async () => {
    const file = fileOf('DG15', 200);
    let waiting: Buffer = Buffer.alloc(0);
    const inner = fileSystem({ DG15: file }).transmit;
    const transmit: Transmit = async (bytes) => {
      const { ins, expected = 0 } = decodeCommand(bytes);
      if (ins === 0xc0) {
        const octets = waiting.subarray(0, expected);
        waiting = waiting.subarray(expected);
        return sw(waiting.length > 0 ? 0x6100 + Math.min(waiting.length, 255) : 0x9000, octets);
      }
      if (ins === 0xb0 && expected > 100) return sw(0x6c64);
      const answer = await inner(bytes);
      if (answer.length <= 2) return answer;
      waiting = answer.subarray(0, -2);
      return sw(0x6100 + Math.min(waiting.length, 30));
    };
    expect((await readFile(transmit, 'DG15')).equals(file)).toBe(true);
  });

  test('EF.CardAccess is read although the chip does not know SELECT MF; a chip without it has none', async () => {
    const file = hex('31143012060a04007f0007020204020202010202010d');
    expect(await readCardAccess(fileSystem({ CardAccess: file }).transmit)).toEqual(file);
    expect(await readCardAccess(fileSystem({}).transmit)).toBeUndefined();
    expect(await refusal(readCardAccess(async () => sw(0x6982)))).toBe('apdu.status');
  });
});

describe('what is refused while reading', () => {
  const caps: [CardFileName, number][] = [
    ['SOD', 65_536],
    ['DG1', 200],
    ['DG2', 131_072],
    ['DG13', 16_384],
    ['DG14', 4096],
    ['DG15', 4096],
    ['COM', 200],
    ['CardAccess', 4096],
  ];
  test.each(caps)('%s of more than %i octets, before it is read', async (name, cap) => {
    const over = cap - (cap > 65_536 ? 5 : cap > 255 ? 4 : cap > 127 ? 3 : 2);
    const tooLong = fileSystem({ [name]: fileOf(name, over + 1) });
    expect(await refusal(readFile(tooLong.transmit, name))).toBe('input.too_large');
    expect(tooLong.commands).toHaveLength(2);
    const header = cap > 65_536 ? 5 : cap > 255 ? 4 : cap > 127 ? 3 : 2;
    const just = fileOf(name, cap - header);
    expect(just).toHaveLength(cap);
    expect(await readFile(fileSystem({ [name]: just }).transmit, name, { chunk: 60_000 })).toHaveLength(cap);
  });

  test('a smaller limit of the caller counts', async () => {
    const { transmit } = fileSystem({ DG2: fileOf('DG2', 1000) });
    expect(await refusal(readFile(transmit, 'DG2', { largest: 1000 }))).toBe('input.too_large');
  });

  test('a missing file, a file that may not be read', async () => {
    expect(await refusal(readFile(fileSystem({}).transmit, 'DG14'))).toBe('apdu.status');
    expect(await refusal(readFile(async (c) => sw(c[1] === 0xa4 ? 0x9000 : 0x6982), 'DG1'))).toBe('apdu.status');
  });

  test('another file than was asked for, one without a length, an empty one', async () => {
    for (const file of ['61036162', '77', '77846162', '7780000000', '']) {
      const transmit: Transmit = async (c) => (c[1] === 0xa4 ? sw(0x9000) : sw(0x9000, hex(file)));
      expect(await refusal(readFile(transmit, 'SOD'))).toBe('apdu.malformed');
    }
  });

  test('a session that is torn in the middle of a file', async () => {
    for (const [torn, code] of [
      [sw(0x6282), 'apdu.malformed'],
      [sw(0x9000), 'apdu.malformed'],
      [Buffer.alloc(0), 'apdu.malformed'],
      [hex('90'), 'apdu.malformed'],
      [sw(0x6f00), 'apdu.status'],
      [sw(0x6988), 'apdu.status'],
    ] as const) {
      let reads = 0;
      const { transmit } = fileSystem({ DG2: fileOf('DG2', 1000) }, ({ ins }) => {
        if (ins === 0xb0) reads += 1;
        return reads > 2 ? torn : undefined;
      });
      expect(await refusal(readFile(transmit, 'DG2'))).toBe(code);
    }
  });

  test('more octets than were asked for, near and far', async () => {
    const file = fileOf('DG2', 40_000);
    for (const odd of [false, true]) {
      const { transmit } = fileSystem({ DG2: file }, ({ ins, p2, expected = 0 }) => {
        const octets = Buffer.alloc(expected + 1);
        if (ins === 0xb0 && p2 !== 0 && !odd) return sw(0x9000, octets);
        return ins === 0xb1 ? sw(0x9000, tlv(0x53, octets)) : undefined;
      });
      expect(await refusal(readFile(transmit, 'DG2'))).toBe('apdu.malformed');
    }
  });

  test('an answer beyond 32 kB without its one object', async () => {
    const octets = Buffer.alloc(100);
    for (const answer of [
      octets,
      tlv(0x73, octets),
      Buffer.concat([tlv(0x53, octets), hex('00')]),
      hex('5382'),
      hex('53'),
    ]) {
      const { transmit } = fileSystem({ DG2: fileOf('DG2', 40_000) }, ({ ins }) =>
        ins === 0xb1 ? sw(0x9000, answer) : undefined,
      );
      expect(await refusal(readFile(transmit, 'DG2'))).toBe('apdu.malformed');
    }
  });

  test('a file that may be missing is undefined when it is, and refused for every other reason', async () => {
    const file = fileOf('DG13', 50);
    expect(await readOptionalFile(fileSystem({ DG13: file }).transmit, 'DG13')).toEqual(file);
    expect(await readOptionalFile(fileSystem({}).transmit, 'DG13')).toBeUndefined();
    const torn = fileSystem({ DG13: file }, ({ ins }) => (ins === 0xb0 ? sw(0x6f00) : undefined));
    expect(await refusal(readOptionalFile(torn.transmit, 'DG13'))).toBe('apdu.status');
    expect(await refusal(readOptionalFile(async () => sw(0x6982), 'DG13'))).toBe('apdu.status');
  });

  test('promises of more octets without end', async () => {
    expect(await refusal(readFile(async () => sw(0x6110), 'DG1'))).toBe('apdu.malformed');
    expect(await refusal(readFile(async () => sw(0x6100, Buffer.alloc(256)), 'DG1'))).toBe('apdu.malformed');
    expect(await refusal(readFile(async () => sw(0x6c10), 'DG1'))).toBe('apdu.status');
  });

  test('no chip makes the reader throw anything but its own refusal, or read more than the cap', async () => {
    const answer = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc
        .tuple(fc.uint8Array({ maxLength: 240 }), fc.constantFrom(0x9000, 0x9000, 0x6282, 0x6105, 0x6c05, 0x6a82))
        .map(([data, status]) => sw(status, Buffer.from(data))),
      fc
        .tuple(fc.constantFrom('6f', '6f81', '6f82', '530a', '6f8190'), fc.uint8Array({ maxLength: 240 }))
        .map(([head, data]) => sw(0x9000, Buffer.concat([hex(head), data]))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 12 }), async (answers) => {
        let place = 0;
        const transmit: Transmit = async () => answers[place++ % answers.length]!;
        let length = 0;
        const code = await refusal(
          readFile(transmit, 'DG15').then((file) => {
            length = file.length;
          }),
        );
        expect(code).toMatch(/^(accepted|apdu\.(malformed|status)|input\.too_large)$/);
        expect(length).toBeLessThanOrEqual(4096);
      }),
      { numRuns },
    );
  });
});
