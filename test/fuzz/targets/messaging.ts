import { authenticate, type Cipher, pad, SUITES } from '../../../src/standards/icao9303/access/ciphers.ts';
import {
  createCardMessaging,
  createMessaging,
  type MessagingState,
} from '../../../src/standards/icao9303/access/messaging.ts';
import { decodeCommand, encodeCommand } from '../../../src/standards/icao9303/apdu/command.ts';
import { encodeResponse } from '../../../src/standards/icao9303/apdu/response.ts';
import { tlv } from '../../../src/standards/icao9303/asn1/write.ts';
import type { Target } from '../target.ts';

const stateOf = (cipher: Cipher): MessagingState => ({
  cipher,
  encryption: Buffer.alloc(SUITES[cipher].key, 0x31),
  mac: Buffer.alloc(SUITES[cipher].key, 0x57),
  counter: Buffer.alloc(SUITES[cipher].block, 0x09),
});
/** READ BINARY, and the same with an odd instruction: its cryptogram has another tag. */
const COMMANDS = [
  encodeCommand({ cla: 0, ins: 0xb0, p1: 0, p2: 0, expected: 223 }),
  encodeCommand({ cla: 0, ins: 0xb1, p1: 0, p2: 0, data: Buffer.from('54020080', 'hex'), expected: 223 }),
  encodeCommand({ cla: 0, ins: 0xb0, p1: 0, p2: 0, expected: 4_096, extended: true }),
] as const;
const ANSWERS = [
  encodeResponse({ data: Buffer.from('the data of a file'), status: 0x9000 }),
  encodeResponse({ data: Buffer.alloc(0), status: 0x6a82 }),
];
const OBJECTS = /^(8e08.{16})$/;

/** The counter, so many messages later. */
function later({ counter, cipher }: MessagingState, messages: number): Buffer {
  const copy = Buffer.from(counter);
  copy[SUITES[cipher].block - 1]! += messages;
  return copy;
}
/** Ends objects with the code that belongs to them: what a chip, or a reader, with the keys can send. */
function coded(state: MessagingState, messages: number, header: Buffer, objects: Buffer): Buffer {
  const { block } = SUITES[state.cipher];
  const padded = [header, objects].map((part) => (part.length > 0 ? pad(part, block) : part));
  const code = authenticate(state.cipher, state.mac, Buffer.concat([later(state, messages), ...padded]));
  return Buffer.concat([objects, tlv(0x8e, code)]);
}
/** Objects without their code, which stands last. */
const uncoded = (objects: Buffer): Buffer => {
  const end = objects.length - 10;
  return OBJECTS.test(objects.toString('hex', end)) ? objects.subarray(0, end) : objects;
};

/** An answer to the command that its first octet chooses. */
const chosen = (bytes: Buffer): Buffer => COMMANDS[(bytes[0] ?? 0) % COMMANDS.length]!;
const answers = (cipher: Cipher): Buffer[] =>
  COMMANDS.flatMap((command, which) =>
    ANSWERS.map((answer) => {
      const card = createCardMessaging(stateOf(cipher));
      card.open(createMessaging(stateOf(cipher)).protect(command));
      return Buffer.concat([Buffer.from([which]), card.seal(answer)]);
    }),
  );
const commands = (cipher: Cipher): Buffer[] =>
  COMMANDS.map((command) => createMessaging(stateOf(cipher)).protect(command));
const receive = (cipher: Cipher, command: Buffer, answer: Buffer): Buffer => {
  const messaging = createMessaging(stateOf(cipher));
  messaging.protect(command);
  return messaging.unprotect(answer);
};

const targetsOf = (cipher: Cipher): Target[] => [
  {
    name: `answer under ${cipher}`,
    seeds: () => answers(cipher),
    parse: (bytes) => receive(cipher, chosen(bytes), bytes.subarray(1)),
    cost: 2,
  },
  {
    name: `answer under ${cipher}, code put right`,
    seeds: () =>
      answers(cipher).map((bytes) =>
        Buffer.concat([bytes.subarray(0, 1), bytes.subarray(-2), uncoded(bytes.subarray(1, -2))]),
      ),
    // First octet: the command; then the bare status word; then the objects.
    parse: (bytes) => {
      const objects = coded(stateOf(cipher), 2, Buffer.alloc(0), bytes.subarray(3));
      return receive(cipher, chosen(bytes), Buffer.concat([objects, bytes.subarray(1, 3)]));
    },
    cost: 2,
  },
  {
    name: `command under ${cipher}`,
    seeds: () => commands(cipher),
    parse: (bytes) => createCardMessaging(stateOf(cipher)).open(bytes),
  },
  {
    name: `command under ${cipher}, code put right`,
    seeds: () =>
      commands(cipher).map((bytes) => Buffer.concat([bytes.subarray(0, 4), uncoded(decodeCommand(bytes).data!)])),
    parse: (bytes) => {
      const header = Buffer.concat([bytes.subarray(0, 4), Buffer.alloc(4)]).subarray(0, 4);
      header[0]! |= 0x0c;
      const data = coded(stateOf(cipher), 1, header, bytes.subarray(4, 60_000));
      const [cla, ins, p1, p2] = header as unknown as [number, number, number, number];
      return createCardMessaging(stateOf(cipher)).open(encodeCommand({ cla, ins, p1, p2, data, expected: 256 }));
    },
  },
];

export const MESSAGING_TARGETS: readonly Target[] = (Object.keys(SUITES) as Cipher[]).flatMap(targetsOf);
