import { encodeCommand } from '../../../standards/icao9303/apdu/command.ts';
import { dataOf, type Transmit } from '../../../standards/icao9303/apdu/response.ts';
import { refuse } from '../../../standards/icao9303/refusal.ts';
import type { ClientFrame } from './frames.ts';
import { IDLE } from './limits.ts';
import type { Talk } from './talk.ts';

/** The card at the far end: each command is a frame, and its answer another. */
export const throughReader =
  (talk: Talk): Transmit =>
  async (command) => {
    const seq = talk.say({ t: 'apdu', cmds: [command.toString('base64url')], stopOn: 'sw!=9000' });
    const { re, rsps } = await talk.next(IDLE.answer, 'rapdu');
    // An answer to another command, or answers to commands that nobody gave.
    const [answer, ...more] = rsps;
    if (re !== seq || more.length > 0 || answer === undefined) return refuse('reader.protocol');
    return Buffer.from(answer, 'base64url');
  };

/**
 * INTERNAL AUTHENTICATE (9303-11 §6.1.2). A signature of RSA does not fit a short protected answer: `extended` where chip and
 * reader take it.
 */
export async function signChallenge(transmit: Transmit, challenge: Buffer, extended: boolean): Promise<Buffer> {
  const expected = extended ? 65_536 : 256;
  return dataOf(await transmit(encodeCommand({ cla: 0, ins: 0x88, p1: 0, p2: 0, data: challenge, expected })));
}

/** Whether reader and chip say that they take extended length. It is hearsay, and decides how to ask and nothing else. */
export const takesExtended = ({ extLen, maxRsp = 65_538 }: ClientFrame<'chip'>): boolean =>
  extLen === true && maxRsp > 1024;
