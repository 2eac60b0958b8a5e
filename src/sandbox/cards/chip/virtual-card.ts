import { type CardMessaging, createCardMessaging } from '../../../standards/icao9303/access/messaging.ts';
import { type Command, decodeCommand } from '../../../standards/icao9303/apdu/command.ts';
import { encodeResponse, type Transmit } from '../../../standards/icao9303/apdu/response.ts';
import { asRefusal } from '../../../standards/icao9303/refusal.ts';
import type { ChipOptions } from '../chip-options.ts';
import type { CardFiles } from '../issue.ts';
import { type Answer, type Part, SW, says } from './answer.ts';
import { createBasicAccess } from './basic-access.ts';
import { type ChallengeFault, createChallengeProof } from './challenge-proof.ts';
import { createChipKeyProof } from './chip-key-proof.ts';
import { createFileSystem } from './file-system.ts';
import { createPasswordAccess } from './password-access.ts';

/** What a chip, or somebody between it and the reader, does wrong. */
export type ChipFault = ChallengeFault | 'tampered-messaging' | 'torn-session' | 'refused-pace' | 'echoed-key';

export interface VirtualCardParts {
  readonly files: CardFiles;
  /** How it opens, and with which keys it shows that it is no copy. */
  readonly chip: ChipOptions;
  readonly can: string;
  readonly mrzInformation: string;
  /** So many random octets. */
  readonly random: (octets: number) => Buffer;
  readonly fault?: ChipFault | undefined;
  /** Takes extended length fields; true by default. */
  readonly extendedLength?: boolean;
  /**
   * After wrong passwords a chip takes its time (9303-11 §4.4.2): so many milliseconds before the next answer to one.
   * At once by default.
   */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

/** A card without plastic: commands go in, answers come out, as from a reader. */
export interface VirtualCard {
  /** One command, one answer. Rejects when the card has left the field. */
  readonly transmit: Transmit;
  /** Answer to reset, as a PC/SC reader makes it up for a contactless card (PC/SC part 3 §3.1.3.2.3). */
  readonly atr: Buffer;
  /** The card leaves the field: nothing is answered any more. */
  tear(): void;
  /** The card comes back into the field, or is reset: everything begins anew. */
  reset(): void;
  /** Wrong passwords in a row. */
  failures(): number;
}

const ATR = Buffer.from('3b80800101', 'hex');
/** Protected answers until a torn session breaks off: in the middle of the files. */
const TORN_AFTER = 5;
const LONGEST_DELAY = 5_000;

/** Creates the chip (9303-10, 9303-11; the national card's habits are in domain.md §4). */
export function createVirtualCard(parts: VirtualCardParts): VirtualCard {
  const { extendedLength = true, wait } = parts;
  let inField = true;
  let failures = 0;
  const onFailure = (): void => {
    failures += 1;
  };
  let session = createSession(parts, onFailure);

  const transmit = async (bytes: Buffer): Promise<Buffer> => {
    if (!inField) throw new Error('the card has left the field');
    const command = commandIn(bytes);
    if (!command || (command.extended && !extendedLength)) return encode(says(SW.wrongLength));
    const before = failures;
    const answer = session.answer(bytes, command);
    if (failures > before && wait) await wait(Math.min(LONGEST_DELAY, 100 * 2 ** failures));
    return answer;
  };

  return {
    transmit,
    atr: ATR,
    tear: () => {
      inField = false;
    },
    reset: () => {
      inField = true;
      session = createSession(parts, onFailure);
    },
    failures: () => failures,
  };
}

const encode = ({ status, data = Buffer.alloc(0) }: Answer): Buffer => encodeResponse({ data, status });

/** A command, or nothing when the bytes are none. */
function commandIn(bytes: Buffer): Command | undefined {
  try {
    return decodeCommand(bytes);
  } catch (error) {
    asRefusal(error);
    return undefined;
  }
}

/** What lasts from one reset to the next. */
function createSession(parts: VirtualCardParts, onFailure: () => void) {
  const { fault } = parts;
  let channel: CardMessaging | undefined;
  let protectedAnswers = 0;
  let waiting = Buffer.alloc(0);
  const chip = partsOf(parts, { isOpen: () => channel !== undefined, onFailure });

  const handle = (command: Command): Answer => {
    // Bit 5 chains commands (PACE, 9303-11 §4.4.4.2); every part keeps its own order.
    if ((command.cla & ~0x10) !== 0) return says(SW.unknownClass);
    for (const part of chip) {
      const answer = part(command);
      if (answer) return answer;
    }
    return says(SW.unknownInstruction);
  };

  const handleProtected = (bytes: Buffer, through: CardMessaging): Buffer => {
    protectedAnswers += 1;
    if (fault === 'torn-session' && protectedAnswers > TORN_AFTER) return encode(says(SW.dead));
    let command: Command | undefined;
    try {
      command = commandIn(through.open(bytes));
    } catch (error) {
      asRefusal(error);
    }
    if (!command) {
      // A bad message ends the session (9303-11 §9.8.7).
      channel = undefined;
      return encode(says(SW.messagingWrong));
    }
    const answer = handle(command);
    const sealed = through.seal(encode(answer));
    if (answer.channel) channel = createCardMessaging(answer.channel);
    return fault === 'tampered-messaging' && (answer.data?.length ?? 0) > 64 ? withTurnedBit(sealed) : sealed;
  };

  const answerTo = (bytes: Buffer, command: Command): Buffer => {
    if (channel && (command.cla & 0x0c) === 0x0c) return handleProtected(bytes, channel);
    // A plain command ends the channel, and with it the access.
    channel = undefined;
    const answer = handle(command);
    if (answer.channel) channel = createCardMessaging(answer.channel);
    return encode(answer);
  };

  return {
    answer(bytes: Buffer, command: Command): Buffer {
      if (command.ins === 0xc0 && waiting.length > 0) return inPieces(waiting);
      const answer = answerTo(bytes, command);
      return command.extended ? answer : inPieces(answer);
    },
  };

  /** What is longer than short length fields waits for GET RESPONSE (ISO/IEC 7816-4 §11.7.1). */
  function inPieces(answer: Buffer): Buffer {
    if (answer.length <= 258) {
      waiting = Buffer.alloc(0);
      return answer;
    }
    waiting = Buffer.from(answer.subarray(256));
    const left = waiting.length - 2;
    return Buffer.concat([answer.subarray(0, 256), Buffer.from([0x61, left > 255 ? 0 : left])]);
  }
}

/** Somebody between chip and reader turns one bit of what was enciphered. */
const withTurnedBit = (sealed: Buffer): Buffer => {
  const copy = Buffer.from(sealed);
  copy[20]! ^= 0x04;
  return copy;
};

/** The parts of the chip, in the order in which they are asked. */
function partsOf(
  { files, chip, can, mrzInformation, random, fault }: VirtualCardParts,
  session: { isOpen: () => boolean; onFailure: () => void },
): Part[] {
  const { pace, chipAuthentication, active } = chip;
  const paceFault = fault === 'refused-pace' || fault === 'echoed-key' ? fault : undefined;
  const challengeFault = fault && CHALLENGE_FAULTS.includes(fault) ? (fault as ChallengeFault) : undefined;
  return [
    createFileSystem({ files, isOpen: session.isOpen }),
    createBasicAccess({ mrzInformation, random, ...session }),
    ...(pace
      ? [
          createPasswordAccess({
            pace,
            secrets: { CAN: can, MRZ: mrzInformation },
            random,
            fault: paceFault,
            ...session,
          }),
        ]
      : []),
    ...(chipAuthentication ? [createChipKeyProof({ chipAuthentication, ...session })] : []),
    ...(active ? [createChallengeProof({ key: active, random, fault: challengeFault, ...session })] : []),
  ];
}

const CHALLENGE_FAULTS: readonly ChipFault[] = ['replayed-answer', 'der-signature', 'sha1-answer'];
