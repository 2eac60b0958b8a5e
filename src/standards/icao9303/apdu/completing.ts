import { demand } from '../refusal.ts';
import { decodeCommand, encodeCommand } from './command.ts';
import { decodeResponse, encodeResponse, type Transmit } from './response.ts';

const GET_RESPONSE = 0xc0;
/** Protection and chaining say nothing about GET RESPONSE, which the transport asks for (ISO/IEC 7816-4 §5.4.1). */
const PLAIN_CLASS = 0x00;
const LARGEST_DATA = 65_536;

/**
 * A way to the chip that finishes what older transports leave open: `61xx`, more octets are waiting, is answered with GET
 * RESPONSE (ISO/IEC 7816-4 §11.7.1, §5.6), and `6Cxx`, the expected length was wrong, with the command once more. Stands
 * below secure messaging, which neither status belongs to. Refuses `apdu.malformed`.
 */
export const completing =
  (transmit: Transmit): Transmit =>
  async (bytes) => {
    let { data, status } = decodeResponse(await transmit(bytes));
    if (status >> 8 === 0x6c) {
      const { extended: _, ...command } = decodeCommand(bytes);
      const corrected = encodeCommand({ ...command, expected: status & 0xff || 256 });
      ({ data, status } = decodeResponse(await transmit(corrected)));
    }
    const parts = [data];
    let length = data.length;
    while (status >> 8 === 0x61) {
      const expected = status & 0xff || 256;
      const more = decodeResponse(
        await transmit(encodeCommand({ cla: PLAIN_CLASS, ins: GET_RESPONSE, p1: 0, p2: 0, expected })),
      );
      // A chip that promises octets and sends none would keep us here for ever.
      demand(more.data.length > 0 || more.status >> 8 !== 0x61, 'apdu.malformed', 'more octets that never come');
      length += more.data.length;
      demand(length <= LARGEST_DATA, 'apdu.malformed', 'an answer without end');
      parts.push(more.data);
      status = more.status;
    }
    return encodeResponse({ data: Buffer.concat(parts), status });
  };
