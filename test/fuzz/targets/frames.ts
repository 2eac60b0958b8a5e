import { chipEvidence } from '../../../src/domain/proofing/chip-evidence.ts';
import { statusAnswer, vouchAnswer } from '../../../src/domain/proofing/document-authority/authority.ts';
import { CLIENT_EXAMPLES, clientFrame, SERVER_EXAMPLES } from '../../../src/domain/proofing/index.ts';
import { createTalk } from '../../../src/domain/proofing/reader-session/talk.ts';
import { PcscFault } from '../../../src/pcsc/fault.ts';
import {
  answerLengthFrom,
  cardFrom,
  contextFrom,
  LENGTH,
  statesFrom,
  versionFrom,
} from '../../../src/pcsc/messages.ts';
import { EidError } from '../../../src/platform/errors.ts';
import { serverFrame } from '../../../src/reader/server-frames.ts';
import { Refused } from '../../../src/standards/icao9303/refusal.ts';
import { files, NOW } from '../issued.ts';
import type { Target } from '../target.ts';

const texts = (values: object): Buffer[] => Object.values(values).map((value) => Buffer.from(JSON.stringify(value)));

/** Text that is no JSON is refused before a schema sees it. */
function json(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new Refused('reader.protocol');
  }
}
/** A schema says no; that is its refusal. */
const accepted = ({ success }: { success: boolean }): void => {
  if (!success) throw new Refused('reader.protocol');
};
/** What another part of the server throws when it says no. */
function own<T>(isRefusal: (error: unknown) => boolean, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw isRefusal(error) ? new Refused('reader.protocol') : error;
  }
}
const unavailable = (error: unknown): boolean =>
  error instanceof EidError && error.code === 'document_authority.unavailable';

const text = (bytes: Buffer): string => bytes.toString('base64url');
const evidence = (): Buffer[] => [
  Buffer.from(
    JSON.stringify({
      ...{ session: 'b0xj2mZ1cQh3vK9wYx4T5A', access: 'PACE-CAN' },
      files: { SOD: text(files().SOD!), DG1: text(files().DG1!), DG14: text(files().DG14!) },
      active: { response: text(Buffer.alloc(64, 1)) },
      chip: { ephemeral: text(Buffer.alloc(32, 1)), response: text(Buffer.alloc(16, 1)) },
    }),
  ),
];

/** All of a reader's texts, a line each, through the talk that bounds, parses and counts them. */
async function talk(bytes: Buffer): Promise<void> {
  const spoken = createTalk({ send: () => {}, now: () => NOW });
  spoken.admit(new Date(NOW.getTime() + 60_000));
  for (const line of bytes.toString('utf8').split('\n')) spoken.receive(line);
  spoken.break('reader.lost');
  for (;;) await spoken.next(1, 'hello', 'chip', 'file', 'aa', 'handover', 'rapdu', 'end');
}

const pcscAnswer = (octets: number): Buffer => Buffer.alloc(octets, 0);

export const FRAME_TARGETS: readonly Target[] = [
  {
    name: 'frame of a reader',
    seeds: () => texts(CLIENT_EXAMPLES),
    parse: (bytes) => accepted(clientFrame.safeParse(json(bytes))),
    cost: 4,
  },
  {
    name: 'texts of a reader in a talk',
    seeds: () => [...texts(CLIENT_EXAMPLES), Buffer.from(texts(CLIENT_EXAMPLES).join('\n'))],
    parse: (bytes) =>
      talk(bytes).catch((error: unknown) => {
        // A talk ends so when all was right.
        if (!(error instanceof Refused && error.code === 'reader.lost')) throw error;
      }),
    cost: 6,
  },
  {
    name: 'frame of the server',
    seeds: () => texts(SERVER_EXAMPLES),
    parse: (bytes) => accepted(serverFrame.safeParse(json(bytes))),
    cost: 4,
  },
  {
    name: 'evidence of a card',
    seeds: evidence,
    parse: (bytes) => accepted(chipEvidence.safeParse(json(bytes))),
    cost: 6,
  },
  {
    name: 'document authority on a document',
    seeds: () =>
      texts([
        { status: 'valid', asOf: '2026-06-01T00:00:00Z' },
        { status: 'lost', asOf: '2026-06-01T09:00:00+07:00' },
      ]),
    parse: (bytes) => own(unavailable, () => statusAnswer(json(bytes), NOW)),
    cost: 4,
  },
  {
    name: 'document authority on a security object',
    seeds: () => texts([{ issued: true, asOf: '2026-06-01T00:00:00Z' }]),
    parse: (bytes) => own(unavailable, () => vouchAnswer(json(bytes), NOW)),
    cost: 4,
  },
  {
    name: 'answers of pcscd',
    // Every answer is read to its own length before: only its contents are from outside.
    seeds: () => [pcscAnswer(LENGTH.connect), Buffer.alloc(LENGTH.states, 'reader ')],
    parse: (bytes) => {
      const answer = (octets: number): Buffer => Buffer.concat([bytes, Buffer.alloc(octets)]).subarray(0, octets);
      return own(
        (error) => error instanceof PcscFault,
        () => [
          statesFrom(answer(LENGTH.states)),
          versionFrom(answer(LENGTH.version)),
          contextFrom(answer(LENGTH.establish)),
          cardFrom(answer(LENGTH.connect)),
          answerLengthFrom(answer(LENGTH.transmit)),
        ],
      );
    },
  },
];
