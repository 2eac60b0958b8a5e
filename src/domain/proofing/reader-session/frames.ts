import { z } from 'zod';
import { coarse, REFUSALS, type RefusalCode } from '../../../standards/icao9303/refusal.ts';
import { CARD_FILES, FILE_LIMITS } from '../chip-evidence.ts';
import { LIMITS } from './limits.ts';

/**
 * The frames of the reader protocol, version 1: JSON texts, octets as base64url without padding. `seq` rises with every frame
 * of a direction. The AsyncAPI document is generated from what stands here, descriptions included.
 */

/** What a session allows: see the modes in README.md. `any` is `aa` or `handover`, as the chip has it. */
export const MODES = ['aa', 'handover', 'relay', 'any'] as const;
export type SessionMode = (typeof MODES)[number];

const octets = (most: number, about: string) =>
  z
    .string()
    .min(1)
    .max(Math.ceil((most * 4) / 3))
    .regex(/^[A-Za-z0-9_-]+$/)
    .describe(about);

const frame = <Type extends string, Shape extends z.ZodRawShape>(t: Type, about: string, shape: Shape) =>
  z
    .strictObject({
      v: z.literal(1).describe('Version of the protocol.'),
      t: z.literal(t),
      seq: z.int().min(1).max(1_000_000).describe('Rises with every frame of its direction.'),
      ...shape,
    })
    .describe(about);

/** How a chip opened. */
const access = z.enum(['none', 'BAC', 'PACE-CAN', 'PACE-MRZ']);

/** What a reader may say when it gives up. */
export const FAILURES = {
  access: 'access.failed',
  key: 'access.key',
  unsupported: 'access.unsupported',
  changed: 'messaging.mac',
  garbled: 'messaging.malformed',
  lost: 'reader.lost',
  cancelled: 'reader.cancelled',
} as const satisfies Record<string, RefusalCode>;

export const CLIENT_FRAMES = {
  hello: frame('hello', 'The first frame: the one-time token of the session.', {
    token: z
      .string()
      .regex(/^[A-Za-z0-9_-]{43}$/)
      .describe('As the page of the sign-in gave it. A second connection with it is refused.'),
    mode: z.enum(MODES).optional().describe('What the reader can do; `any` unless given.'),
  }),
  chip: frame(
    'chip',
    'The chip is there; except in relay mode it has been opened. All of this is hearsay to the server.',
    {
      access: access.describe('How the reader opened the chip; `none` in relay mode.'),
      cardAccess: octets(FILE_LIMITS.CardAccess, 'EF.CardAccess as read, if the chip has it.').optional(),
      atr: octets(64, 'Answer to reset, or historical bytes.').optional(),
      extLen: z.boolean().optional().describe('Whether reader and chip take extended length.'),
      maxCmd: z.int().min(5).max(LIMITS.apdu).optional().describe('The longest command, octets.'),
      maxRsp: z.int().min(2).max(65_538).optional().describe('The longest answer, octets.'),
      app: z
        .strictObject({
          platform: z.enum(['android', 'ios', 'kiosk', 'other']),
          attest: octets(8192, "The platform's attestation of the app.").optional(),
        })
        .optional(),
    },
  ),
  file: frame('file', 'A file of the chip, whole and exactly as read; each at most once, and only those asked for.', {
    ef: z.enum(CARD_FILES),
    data: octets(
      Math.max(...Object.values(FILE_LIMITS)),
      `The file. At most, in octets: ${Object.entries(FILE_LIMITS)
        .map(([file, most]) => `${file} ${most}`)
        .join(', ')}.`,
    ),
  }),
  aa: frame(
    'aa',
    "The chip's answer to INTERNAL AUTHENTICATE over `aaChallenge`; the challenge itself is not sent back.",
    {
      response: octets(1024, 'The answer without its status word.'),
    },
  ),
  handover: frame(
    'handover',
    'The server goes on with the secure channel. The reader forgets its keys and only relays.',
    {
      sm: z
        .strictObject({
          alg: z.enum(['3DES', 'AES-128', 'AES-192', 'AES-256']),
          ksEnc: octets(32, 'Key for encryption.'),
          ksMac: octets(32, 'Key for the message authentication code.'),
          ssc: octets(16, 'Send sequence counter of the last message.'),
        })
        .describe('The channel of BAC or PACE.'),
    },
  ),
  rapdu: frame('rapdu', 'The answers to the commands of one `apdu` frame, in their order.', {
    re: z.int().min(1).describe('`seq` of the `apdu` frame.'),
    rsps: z.array(octets(65_538, 'An answer with its status word.')).min(1).max(LIMITS.commands),
  }),
  end: frame('end', 'Nothing more comes; in the modes `aa` and `any`.', {}),
  fail: frame('fail', 'The reader gives up; the session ends.', {
    reason: z.enum(Object.keys(FAILURES) as [keyof typeof FAILURES, ...(keyof typeof FAILURES)[]]),
  }),
} as const;

/** All that is ever said of a refusal to a reader. */
export const COARSE_CODES = [...new Set((Object.keys(REFUSALS) as RefusalCode[]).map(coarse))];

export const SERVER_FRAMES = {
  begin: frame('begin', 'The token was good: this is asked.', {
    sid: z.string().describe('The session.'),
    mode: z.enum(MODES).describe('What the session and the reader both allow.'),
    expiresAt: z.iso.datetime().describe("The end of the session by the server's clock."),
    aaChallenge: octets(8, 'What active authentication has to sign; good for this session only.'),
    need: z.array(z.enum(CARD_FILES)).describe('The files to send, as far as the chip has them.'),
    maxFile: z.int().describe('The largest file that is taken, octets.'),
    access: z.array(access).describe('How the chip may be opened, best first; BAC only where the chip has no PACE.'),
  }),
  apdu: frame('apdu', 'Commands for the chip, to be sent one after another without change.', {
    cmds: z.array(octets(LIMITS.apdu, 'A command.')).min(1).max(LIMITS.commands),
    stopOn: z
      .literal('sw!=9000')
      .describe('After an answer with another status the rest is not sent, and that answer is the last one.'),
  }),
  done: frame(
    'done',
    'The last frame of every session. `accepted` says that the data came, not that they are genuine.',
    {
      status: z.enum(['accepted', 'refused']),
      code: z
        .enum(COARSE_CODES as [string, ...string[]])
        .optional()
        .describe('Why it was refused, coarsely.'),
    },
  ),
} as const;

export type ClientFrameType = keyof typeof CLIENT_FRAMES;
export type ClientFrame<Type extends ClientFrameType = ClientFrameType> = {
  [T in Type]: z.infer<(typeof CLIENT_FRAMES)[T]>;
}[Type];
export type ServerFrameType = keyof typeof SERVER_FRAMES;
export type ServerFrame<Type extends ServerFrameType = ServerFrameType> = {
  [T in Type]: z.infer<(typeof SERVER_FRAMES)[T]>;
}[Type];

/** A frame without what every frame has. */
export type Bare<Frame> = Frame extends unknown ? Omit<Frame, 'v' | 'seq'> : never;

/** Any frame of a reader. */
export const clientFrame = z.discriminatedUnion('t', [
  CLIENT_FRAMES.hello,
  CLIENT_FRAMES.chip,
  CLIENT_FRAMES.file,
  CLIENT_FRAMES.aa,
  CLIENT_FRAMES.handover,
  CLIENT_FRAMES.rapdu,
  CLIENT_FRAMES.end,
  CLIENT_FRAMES.fail,
]);
