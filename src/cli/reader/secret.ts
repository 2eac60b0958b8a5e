import type { Password } from '../../standards/icao9303/access/key-derivation.ts';
import { mrzInformation, parseMrz } from '../../standards/icao9303/lds/index.ts';
import { asRefusal } from '../../standards/icao9303/refusal.ts';
import { bytesOf } from '../chip/dump.ts';
import { CommandFault } from '../command-fault.ts';
import type { Input } from './input.ts';

const MAX_MRZ_FILE = 1_024;

/**
 * What opens the chip: an option, or the next line of the input. Throws `CommandFault` 64 (2 for a file that is not there);
 * neither number nor zone is ever repeated.
 */
export async function passwordFrom(
  { can, mrzFile }: { readonly can?: string | undefined; readonly mrzFile?: string | undefined },
  { input, now }: { readonly input: Input; readonly now: Date },
): Promise<Password> {
  if (can !== undefined && mrzFile !== undefined) throw new CommandFault(64, 'One of --can and --mrz-file is enough.');
  if (mrzFile !== undefined) return { kind: 'MRZ', secret: informationIn(mrzFile, now) };
  const secret = can ?? (await input.line('Card access number, the six digits on the front of the card:'));
  if (secret === undefined || !/^\d{6}$/.test(secret)) {
    throw new CommandFault(64, 'The card access number has six digits; --mrz-file FILE opens a card without one.');
  }
  return { kind: 'CAN', secret };
}

function informationIn(path: string, now: Date): string {
  const text = bytesOf(path, MAX_MRZ_FILE).toString('latin1');
  try {
    return mrzInformation(parseMrz(text, now));
  } catch (error) {
    throw new CommandFault(64, `${path} holds no machine readable zone: ${asRefusal(error).code}.`);
  }
}
