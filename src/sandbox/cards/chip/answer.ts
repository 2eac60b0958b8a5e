import type { MessagingState } from '../../../standards/icao9303/access/messaging.ts';
import type { Command } from '../../../standards/icao9303/apdu/command.ts';
import { type Node, readAll } from '../../../standards/icao9303/asn1/read.ts';
import { asRefusal } from '../../../standards/icao9303/refusal.ts';

/** What the chip says to one command. */
export interface Answer {
  readonly status: number;
  readonly data?: Buffer;
  /** Keys of a new channel: they count from the next command on. */
  readonly channel?: MessagingState;
}

/** One part of the chip: it answers what it knows, and leaves everything else to the others. */
export type Part = (command: Command) => Answer | undefined;

/** Status words of the chip (ISO/IEC 7816-4 §5.6). */
export const SW = {
  ok: 0x9000,
  endOfFile: 0x6282,
  /** Nothing more is said about a wrong password or cryptogram. */
  failed: 0x6300,
  wrongLength: 0x6700,
  securityStatus: 0x6982,
  conditions: 0x6985,
  messagingWrong: 0x6988,
  wrongData: 0x6a80,
  fileNotFound: 0x6a82,
  wrongParameters: 0x6a86,
  notFound: 0x6a88,
  wrongOffset: 0x6b00,
  unknownInstruction: 0x6d00,
  unknownClass: 0x6e00,
  dead: 0x6f00,
} as const;

export const says = (status: number): Answer => ({ status });
export const gives = (data: Buffer): Answer => ({ status: SW.ok, data });

/** The data objects of a command by their tags; none when they are no objects at all. */
export function objectsIn(bytes: Buffer | undefined): ReadonlyMap<number, Node> {
  try {
    return new Map(readAll(bytes ?? Buffer.alloc(0), { encoding: 'ber' }).map((node) => [node.tag, node]));
  } catch (error) {
    asRefusal(error);
    return new Map();
  }
}
