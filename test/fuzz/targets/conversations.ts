import { createHash } from 'node:crypto';
import { establishBac } from '../../../src/standards/icao9303/access/bac.ts';
import { createCardMessaging, createMessaging } from '../../../src/standards/icao9303/access/messaging.ts';
import { establishPace } from '../../../src/standards/icao9303/access/pace.ts';
import type { Random } from '../../../src/standards/icao9303/access/scalar.ts';
import { CARD_FILES, type CardFileName } from '../../../src/standards/icao9303/apdu/files.ts';
import { readCardAccess, readFile, selectApplication } from '../../../src/standards/icao9303/apdu/read-file.ts';
import type { Transmit } from '../../../src/standards/icao9303/apdu/response.ts';
import { tlv } from '../../../src/standards/icao9303/asn1/write.ts';
import {
  beginChipAuthentication,
  performChipAuthentication,
} from '../../../src/standards/icao9303/chip/chip-authentication.ts';
import { files, GENUINE, openCard } from '../issued.ts';
import type { Target } from '../target.ts';
import { placesOf } from '../tree.ts';

/** The same octets every time. */
function randomOf(label: string): Random {
  let turn = 0;
  return (octets) => {
    turn += 1;
    return createHash('shake256', { outputLength: octets }).update(`${label} ${turn}`).digest();
  };
}

/**
 * What a chip answered, one answer after another: data as an OCTET STRING, status word as a NULL with contents, so that answers
 * are left out, doubled and changed as the parts of a file are.
 */
function recording(transmit: Transmit): { transmit: Transmit; tape(): Buffer } {
  const parts: Buffer[] = [];
  return {
    async transmit(command) {
      const answer = await transmit(command);
      parts.push(tlv(0x04, answer.subarray(0, -2)), tlv(0x05, answer.subarray(-2)));
      return answer;
    },
    tape: () => Buffer.concat(parts),
  };
}
/** What a chip that goes on says at the end of the tape: its last answer, again and again. */
const REPEATS = 20_000;
/** Answers without data, one after another, after which who still asks would ask for ever. */
const PATIENCE = 1_000;
/** The tape is over, and its last answer was good. */
class Over extends Error {}

function playing(tape: Buffer, { goesOn = true }: { goesOn?: boolean } = {}): Transmit {
  const parts = placesOf(tape)
    .filter(({ parent }) => parent < 0)
    .map(({ contents, end }) => tape.subarray(contents, end));
  let at = 0;
  let empty = 0;
  return async () => {
    const over = at >= parts.length;
    if (over && !goesOn) throw new Over();
    const last = parts.length - 2 + (parts.length % 2);
    const place = over && at < 2 * REPEATS ? last : at;
    at += 2;
    const [data = Buffer.alloc(0), status = Buffer.alloc(0)] = [parts[place], parts[place + 1]];
    const answer = Buffer.concat([data, status]);
    empty = answer.length <= 2 ? empty + 1 : 0;
    if (over && empty > PATIENCE) throw new Error('asks without end');
    return answer;
  };
}

type Talk = (transmit: Transmit, random: Random) => Promise<unknown>;
const card = () => openCard(GENUINE, { random: randomOf('chip') })!;
const taped = async (talk: Talk, transmit: Transmit = card().transmit): Promise<Buffer> => {
  const recorder = recording(transmit);
  await talk(recorder.transmit, randomOf('terminal'));
  return recorder.tape();
};
const played = (talk: Talk) => (tape: Buffer) => talk(playing(tape), randomOf('terminal'));

const pace: Talk = (transmit, random) =>
  establishPace(transmit, files().CardAccess!, { kind: 'CAN', secret: card().can }, random);
const basicAccess: Talk = async (transmit, random) => {
  await selectApplication(transmit);
  return establishBac(transmit, card().mrzInformation, random);
};
const FILES: readonly CardFileName[] = ['COM', 'DG1', 'SOD', 'DG14'];
const readAllFiles: Talk = async (transmit) => {
  for (const name of FILES) await readFile(transmit, name);
};
/** A chip without any protection, whose files are read plainly. */
function openChip(): Transmit {
  let current = Buffer.alloc(0);
  return async (command) => {
    const [, ins, p1 = 0, p2 = 0] = command;
    if (ins === 0xb0) {
      const at = p1 * 256 + p2;
      return Buffer.concat([current.subarray(at, at + (command[4] || 256)), Buffer.from('9000', 'hex')]);
    }
    const wanted = command.readUInt16BE(5);
    const name = (Object.keys(CARD_FILES) as CardFileName[]).find((each) => CARD_FILES[each].identifier === wanted);
    current = Buffer.from((name && files()[name as keyof ReturnType<typeof files>]) ?? []);
    return Buffer.from('9000', 'hex');
  };
}
const KEYS = {
  cipher: 'AES-128',
  encryption: Buffer.alloc(16, 1),
  mac: Buffer.alloc(16, 2),
  counter: Buffer.alloc(16),
} as const;
const chipAuthentication: Talk = (transmit, random) =>
  performChipAuthentication(transmit, createMessaging(KEYS), { dg14: files().DG14!, random });

/** Answers 9000, at first under the present keys and then under those that were agreed on. */
function protectedChip(): Transmit {
  const begun = beginChipAuthentication({ dg14: files().DG14!, random: randomOf('terminal') });
  const ok = Buffer.from('9000', 'hex');
  const channels = [
    createCardMessaging(KEYS),
    createCardMessaging(begun.complete(begun.commands.map(() => ok)).state()),
  ];
  let left = begun.commands.length;
  return async (command) => {
    const channel = channels[left > 0 ? 0 : 1]!;
    left -= 1;
    channel.open(command);
    return channel.seal(ok);
  };
}

export const CONVERSATION_TARGETS: readonly Target[] = [
  { name: 'answers in PACE', seeds: async () => [await taped(pace)], parse: played(pace), cost: 100 },
  {
    name: 'first answers in PACE',
    seeds: async () => {
      const tape = await taped(pace);
      return [tape.subarray(0, placesOf(tape).filter(({ parent }) => parent < 0)[3]!.end)];
    },
    parse: (tape) =>
      pace(playing(tape, { goesOn: false }), randomOf('terminal')).catch((error: unknown) => {
        if (!(error instanceof Over)) throw error;
      }),
    cost: 10,
  },
  { name: 'answers in BAC', seeds: async () => [await taped(basicAccess)], parse: played(basicAccess), cost: 4 },
  {
    name: 'answers while files are read',
    seeds: async () => [await taped(readAllFiles, openChip())],
    parse: played(readAllFiles),
    cost: 3,
  },
  {
    name: 'answers while EF.CardAccess is read',
    seeds: async () => [await taped((transmit) => readCardAccess(transmit))],
    parse: played((transmit) => readCardAccess(transmit)),
  },
  {
    name: 'answers in chip authentication',
    seeds: async () => [await taped(chipAuthentication, protectedChip())],
    parse: played(chipAuthentication),
    cost: 15,
  },
];
