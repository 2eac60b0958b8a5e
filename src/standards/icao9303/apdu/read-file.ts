import { demand, refuse } from '../refusal.ts';
import { type Command, encodeCommand } from './command.ts';
import { completing } from './completing.ts';
import { CARD_FILES, type CardFile, type CardFileName, EMRTD_APPLICATION } from './files.ts';
import { chunkAt, readBinary, readByShort, tlvHeader } from './read-binary.ts';
import { decodeResponse, STATUS, statusText, type Transmit } from './response.ts';

/** How a file is read. */
export interface ReadLimits {
  /**
   * The most octets of one READ BINARY: 223 by default, so that the protected answer fits short length fields under
   * every cipher. Chips and readers with extended length take more.
   */
  readonly chunk?: number;
  /** The largest file that is read, octets; never more than the cap of its kind. */
  readonly largest?: number;
}

const CHUNK = 223;
/** Enough for a tag of one octet and every length that is read. */
const HEADER = 6;

/** Selects the eMRTD application (9303-11 §4.2). Refuses `apdu.status`. */
export async function selectApplication(transmit: Transmit): Promise<void> {
  const command = { cla: 0x00, ins: 0xa4, p1: 0x04, p2: 0x0c, data: EMRTD_APPLICATION };
  const { status } = decodeResponse(await completing(transmit)(encodeCommand(command)));
  demand(status === STATUS.ok, 'apdu.status', `application: ${statusText(status)}`);
}

/**
 * Reads one file of the selected application, through secure messaging when `transmit` goes through it: selects it, learns
 * its length from its own header, then reads no more than that (9303-10 §3.6). Refuses `apdu.status` (no such file, access
 * denied), `apdu.malformed` (a torn session, another file), and `input.too_large` before more than the header was read.
 */
export async function readFile(transmit: Transmit, name: CardFileName, limits: ReadLimits = {}): Promise<Buffer> {
  const send = completing(transmit);
  const status = await select(send, name);
  if (status === STATUS.ok) return readSelected(send, name, limits);
  // A chip that cannot select by identifier is read by the short one.
  if (!UNSELECTABLE.has(status)) refuse('apdu.status', `${name}: ${statusText(status)}`);
  return readOn(send, name, await readByShort(send, CARD_FILES[name].short, HEADER, name), limits);
}

/**
 * Reads EF.CardAccess, which stands in the master file and is read before the chip opens (9303-11 §4.2). Undefined when the
 * chip has none: then it has no PACE. Refuses like `readFile`.
 */
export async function readCardAccess(transmit: Transmit, limits: ReadLimits = {}): Promise<Buffer | undefined> {
  const send = completing(transmit);
  // Vietnamese cards do not know this command (6D00) and are in the master file anyhow: its answer decides nothing.
  decodeResponse(await send(encodeCommand({ cla: 0x00, ins: 0xa4, p1: 0x00, p2: 0x0c, data: MASTER_FILE })));
  const status = await select(send, 'CardAccess');
  if (status === STATUS.fileNotFound) return undefined;
  demand(status === STATUS.ok, 'apdu.status', `CardAccess: ${statusText(status)}`);
  return readSelected(send, 'CardAccess', limits);
}

const MASTER_FILE = Buffer.from([0x3f, 0x00]);
const UNSELECTABLE: ReadonlySet<number> = new Set([
  STATUS.functionUnsupported,
  STATUS.wrongParameters,
  STATUS.unknownInstruction,
]);

async function select(send: Transmit, name: CardFileName): Promise<number> {
  const { identifier } = CARD_FILES[name];
  const data = Buffer.from([identifier >> 8, identifier & 0xff]);
  const command: Command = { cla: 0x00, ins: 0xa4, p1: 0x02, p2: 0x0c, data };
  return decodeResponse(await send(encodeCommand(command))).status;
}

const readSelected = async (send: Transmit, name: CardFileName, limits: ReadLimits): Promise<Buffer> =>
  readOn(send, name, await readBinary(send, 0, HEADER, name), limits);

/** Reads what follows the first octets, until the length that they tell. */
async function readOn(send: Transmit, name: CardFileName, first: Buffer, limits: ReadLimits): Promise<Buffer> {
  const file: CardFile = CARD_FILES[name];
  const { chunk = CHUNK, largest = file.largest } = limits;
  const header = tlvHeader(first);
  demand(header?.tag === file.tag, 'apdu.malformed', `${name} does not begin as this file does`);
  const length = header.start + header.length;
  demand(length <= Math.min(largest, file.largest), 'input.too_large', name);

  const parts = [first.subarray(0, length)];
  for (let at = parts[0]!.length; at < length; ) {
    const octets = await readBinary(send, at, Math.min(chunkAt(at, chunk), length - at), name);
    demand(octets.length > 0, 'apdu.malformed', `${name} ends before its length`);
    parts.push(octets);
    at += octets.length;
  }
  return Buffer.concat(parts);
}
