import { randomBytes } from 'node:crypto';
import type { Password } from '../standards/icao9303/access/key-derivation.ts';
import { type OpenChip, openChip } from '../standards/icao9303/access/open-chip.ts';
import { CARD_FILES, type CardFileName } from '../standards/icao9303/apdu/files.ts';
import { readOptionalFile } from '../standards/icao9303/apdu/optional-file.ts';
import { readCardAccess } from '../standards/icao9303/apdu/read-file.ts';
import { STATUS, type Transmit } from '../standards/icao9303/apdu/response.ts';
import { parseSecurityInfos } from '../standards/icao9303/chip/security-infos.ts';
import { signChallenge } from '../standards/icao9303/chip/sign-challenge.ts';
import { type RefusalCode, Refused } from '../standards/icao9303/refusal.ts';
import { createLine, type Line, type LineEnd } from './line.ts';

export type { LineEnd } from './line.ts';

import type { Begin } from './server-frames.ts';

/** What the person is told while the card lies on the reader. */
export type ReadingStep = 'connected' | 'opening' | 'reading' | 'proving' | 'sent';

/** How a card is read for a session. */
export interface ReadCardOptions {
  /** `wss://…/chip/v1/session/{sid}`, as the page of the sign-in gives it. */
  readonly url: string;
  /** The one-time token of the session. */
  readonly token: string;
  /** The way to the card. What it throws means that the card is gone. */
  readonly transmit: Transmit;
  /** What the chip opens with; not in relay mode, where the server knows it. */
  readonly password?: Password;
  /** What this reader can do; `any` unless given. */
  readonly mode?: Begin['mode'];
  readonly policy?: {
    /** Whether a chip without PACE may be opened by BAC; yes unless given. */
    readonly allowBac?: boolean;
    /** Whether reader and card take extended length; no unless given. */
    readonly extended?: boolean;
  };
  readonly platform?: 'android' | 'ios' | 'kiosk' | 'other';
  readonly onProgress?: (step: ReadingStep, file?: string) => void;
  /** Ends the session: the person has given up. */
  readonly signal?: AbortSignal;
  /** For tests. */
  readonly random?: (octets: number) => Buffer;
}

const LONG_CHUNK = 1024;

/** The reference reader: reads a card for a session of the server (reader protocol, version 1). */
export async function readCard(options: ReadCardOptions): Promise<LineEnd> {
  const line = createLine(options.url);
  const cancel = (): void => line.send({ t: 'fail', reason: 'cancelled' });
  options.signal?.addEventListener('abort', cancel, { once: true });
  try {
    if (options.signal?.aborted) cancel();
    else void serve(line, options).catch((error) => line.send({ t: 'fail', reason: reasonOf(error) }));
    return await line.done;
  } finally {
    options.signal?.removeEventListener('abort', cancel);
    line.close();
  }
}

/** What the server is told of a failure: one of a few words, which all refuse. */
const REASONS: Partial<Record<RefusalCode, string>> = {
  'access.unsupported': 'unsupported',
  'access.key': 'key',
  'messaging.mac': 'changed',
  'messaging.malformed': 'garbled',
};
function reasonOf(error: unknown): string {
  if (!(error instanceof Refused)) return 'lost';
  return REASONS[error.code] ?? (error.code.startsWith('access.') ? 'access' : 'lost');
}

async function serve(line: Line, options: ReadCardOptions): Promise<void> {
  const { token, mode = 'any', onProgress = () => {}, platform = 'other' } = options;
  const transmit: Transmit = (command) =>
    line.over ? Promise.reject(new Error('the session is over')) : options.transmit(command);
  line.send({ t: 'hello', token, mode });
  const begin = await line.next();
  if (begin.t !== 'begin') throw new Error('a session begins with begin');
  onProgress('connected');
  const chip = { t: 'chip', extLen: options.policy?.extended ?? false, app: { platform } };
  if (begin.mode === 'relay') {
    line.send({ ...chip, access: 'none' });
    return pass(line, transmit);
  }
  onProgress('opening');
  const { password, random = randomBytes } = options;
  if (!password) throw new Refused('access.failed');
  const cardAccess = await readCardAccess(transmit);
  const policy = options.policy?.allowBac === false ? 'pace-only' : 'pace-or-bac';
  const open = await openChip(transmit, { password, policy, ...(cardAccess ? { cardAccess } : {}) }, random);
  line.send({
    ...{ ...chip, access: open.access },
    ...(cardAccess ? { cardAccess: cardAccess.toString('base64url') } : {}),
  });
  const offered = await sendFiles(line, open, begin, options);
  if (begin.mode === 'handover' || (begin.mode === 'any' && offered.chipAuthentication)) {
    onProgress('proving');
    const { cipher, encryption, mac, counter } = open.messaging.state();
    const [ksEnc, ksMac, ssc] = [encryption, mac, counter].map((octets) => octets.toString('base64url'));
    // From here on the channel is the server's, and what it becomes is never known here.
    line.send({ t: 'handover', sm: { alg: cipher, ksEnc, ksMac, ssc } });
    return pass(line, transmit);
  }
  if (offered.activeAuthentication) {
    onProgress('proving');
    const challenge = Buffer.from(begin.aaChallenge, 'base64url');
    const response = await signChallenge(open.transmit, challenge, { extended: options.policy?.extended ?? false });
    line.send({ t: 'aa', response: response.toString('base64url') });
  }
  line.send({ t: 'end' });
  onProgress('sent');
}

/** Reads and sends the files that are needed, as far as the chip has them; says what the chip can prove itself by. */
async function sendFiles(
  line: Line,
  { transmit }: OpenChip,
  { need }: Begin,
  { policy, onProgress = () => {} }: ReadCardOptions,
): Promise<{ chipAuthentication: boolean; activeAuthentication: boolean }> {
  const offered = { chipAuthentication: false, activeAuthentication: false };
  for (const ef of need) {
    if (!isCardFile(ef)) continue;
    onProgress('reading', ef);
    const bytes = await readOptionalFile(transmit, ef, policy?.extended ? { chunk: LONG_CHUNK } : {});
    if (!bytes) continue;
    if (ef === 'DG14') offered.chipAuthentication = parseSecurityInfos(bytes).chipAuthentication.length > 0;
    if (ef === 'DG15') offered.activeAuthentication = true;
    line.send({ t: 'file', ef, data: bytes.toString('base64url') });
  }
  return offered;
}

/** EF.CardAccess has gone with `chip`; a file that a later server names is not known here. */
const isCardFile = (name: string): name is CardFileName => Object.hasOwn(CARD_FILES, name) && name !== 'CardAccess';

/** Passes commands on until the server says that it is done. */
async function pass(line: Line, transmit: Transmit): Promise<void> {
  for (;;) {
    const frame = await line.next();
    if (frame.t !== 'apdu') throw new Error('a session begins once');
    const rsps: string[] = [];
    for (const command of frame.cmds) {
      const answer = await transmit(Buffer.from(command, 'base64url'));
      rsps.push(answer.toString('base64url'));
      if (answer.length < 2 || answer.readUInt16BE(answer.length - 2) !== STATUS.ok) break;
    }
    line.send({ t: 'rapdu', re: frame.seq, rsps });
  }
}
