import type { Transmit } from '../../../standards/icao9303/apdu/response.ts';
import { demand } from '../../../standards/icao9303/refusal.ts';
import type { ClientFrame } from './frames.ts';
import { IDLE } from './limits.ts';
import type { Talk } from './talk.ts';

/** The card at the far end: each command is a frame, and its answer another. */
export const throughReader =
  (talk: Talk): Transmit =>
  async (command) => {
    const seq = talk.say({ t: 'apdu', cmds: [command.toString('base64url')], stopOn: 'sw!=9000' });
    const { re, rsps } = await talk.next(IDLE.answer, 'rapdu');
    const [answer, ...more] = rsps;
    // An answer to another command, or answers to commands that nobody gave.
    demand(re === seq && more.length === 0 && answer !== undefined, 'reader.protocol');
    return Buffer.from(answer, 'base64url');
  };

/** Whether reader and chip say that they take extended length. It is hearsay, and decides how to ask and nothing else. */
export const takesExtended = ({ extLen = false, maxRsp = 65_538 }: ClientFrame<'chip'>): boolean =>
  extLen && maxRsp > 1024;
