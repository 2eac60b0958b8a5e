import { encodeCommand } from '../apdu/command.ts';
import { dataOf, type Transmit } from '../apdu/response.ts';

/**
 * INTERNAL AUTHENTICATE over a challenge of 8 octets (9303-11 §6.1.2); the answer's data. A signature of RSA does not fit a
 * short protected answer: `extended` where chip and reader take it. Refuses `apdu.*`.
 */
export async function signChallenge(
  transmit: Transmit,
  challenge: Buffer,
  { extended = false }: { readonly extended?: boolean } = {},
): Promise<Buffer> {
  const expected = extended ? 65_536 : 256;
  return dataOf(await transmit(encodeCommand({ cla: 0, ins: 0x88, p1: 0, p2: 0, data: challenge, expected })));
}
