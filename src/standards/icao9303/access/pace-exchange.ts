import { encodeCommand } from '../apdu/command.ts';
import { completing } from '../apdu/completing.ts';
import { decodeResponse, STATUS, statusText, type Transmit } from '../apdu/response.ts';
import { read } from '../asn1/read.ts';
import { oid, tlv } from '../asn1/write.ts';
import { asRefusal, demand, refuse } from '../refusal.ts';
import { authenticate, type Cipher, pad } from './ciphers.ts';
import type { Password } from './key-derivation.ts';

/** The steps of GENERAL AUTHENTICATE, ours and the chip's tags (9303-11 §4.4.4.2, Table). */
export const STEPS = {
  nonce: { ours: undefined, theirs: 0x80, last: false },
  map: { ours: 0x81, theirs: 0x82, last: false },
  agree: { ours: 0x83, theirs: 0x84, last: false },
  confirm: { ours: 0x85, theirs: 0x86, last: true },
} as const;
type StepOfPace = (typeof STEPS)[keyof typeof STEPS];

const PASSWORDS = { MRZ: 1, CAN: 2 } as const;
const DYNAMIC = 0x7c;

/** MSE:Set AT (9303-11 §4.4.4.1). Refuses `access.unsupported` when the chip does not take its own protocol. */
export async function chooseProtocol(
  transmit: Transmit,
  { protocol, parameterId, password }: { protocol: string; parameterId: number; password: Password['kind'] },
): Promise<void> {
  const data = Buffer.concat([
    tlv(0x80, oid(protocol).subarray(2)),
    tlv(0x83, Buffer.from([PASSWORDS[password]])),
    tlv(0x84, Buffer.from([parameterId])),
  ]);
  const answer = await completing(transmit)(encodeCommand({ cla: 0x00, ins: 0x22, p1: 0xc1, p2: 0xa4, data }));
  const { status } = decodeResponse(answer);
  demand(status === STATUS.ok, 'access.unsupported', `MSE:Set AT: ${statusText(status)}`);
}

/**
 * One GENERAL AUTHENTICATE, chained until the last. Refuses `access.failed` when the chip does not go on (6300: it knows
 * another password), `apdu.malformed` when its answer has not the one object that is due.
 */
export async function authenticateStep(transmit: Transmit, step: StepOfPace, value?: Buffer): Promise<Buffer> {
  const data = tlv(DYNAMIC, ...(step.ours !== undefined && value ? [tlv(step.ours, value)] : []));
  const command = { cla: step.last ? 0x00 : 0x10, ins: 0x86, p1: 0, p2: 0, data, expected: 256 };
  const { data: answer, status } = decodeResponse(await completing(transmit)(encodeCommand(command)));
  demand(status === STATUS.ok, 'access.failed', statusText(status));
  try {
    const { tag, children } = read(answer, { encoding: 'ber', maxDepth: 2, maxNodes: 10 });
    // Only the last answer may carry more: names of certificates for terminal authentication.
    const first = children[0];
    const whole = tag === DYNAMIC && first?.tag === step.theirs && (children.length === 1 || step.last);
    return whole && first ? first.value : refuse('apdu.malformed', 'GENERAL AUTHENTICATE');
  } catch (error) {
    asRefusal(error);
    return refuse('apdu.malformed', 'GENERAL AUTHENTICATE');
  }
}

/** The authentication token over the public key of the other side (9303-11 §4.4.3.4). */
export function tokenOver(cipher: Cipher, mac: Buffer, protocol: string, publicKey: Buffer): Buffer {
  const template = tlv(0x7f49, oid(protocol), tlv(0x86, publicKey));
  return authenticate(cipher, mac, cipher === '3DES' ? pad(template, 8) : template);
}
