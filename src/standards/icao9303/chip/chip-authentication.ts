import { deriveChannelKeys } from '../access/key-derivation.ts';
import { createMessaging, type Messaging, type MessagingState, throughMessaging } from '../access/messaging.ts';
import { drawScalar, type Random } from '../access/scalar.ts';
import { encodeCommand } from '../apdu/command.ts';
import { completing } from '../apdu/completing.ts';
import { decodeResponse, STATUS, statusText, type Transmit } from '../apdu/response.ts';
import { oid, tlv } from '../asn1/write.ts';
import { asRefusal, demand, refuse } from '../refusal.ts';
import { agree, type ChipKey, chipKeyFrom } from './chip-key.ts';

/** What was agreed with which chip: for reports. */
export interface AgreedWith {
  /** `CA-ECDH-AES-128` */
  readonly algorithm: string;
  readonly curve: string;
}

/** A chip authentication under way (9303-11 §6.2.1). */
export interface ChipAuthentication extends AgreedWith {
  /** Plain commands, to be sent through the present channel one after another. */
  readonly commands: readonly Buffer[];
  /**
   * Our ephemeral private key. It must never leave the server before the session is over: whoever has it can answer for
   * the chip.
   */
  readonly ephemeral: Buffer;
  /**
   * Takes the plain answers (data ‖ status word) and gives the channel under the new keys. Nothing is proven before one
   * answer came through it. Refuses `ca.failed`.
   */
  complete(answers: readonly Buffer[]): Messaging;
}

/**
 * Begins chip authentication, version 1, over an elliptic curve, with a fresh key of ours (9303-11 §6.2). Refuses
 * `ca.unsupported`, `ca.key`, and what `parseSecurityInfos` refuses.
 */
export function beginChipAuthentication({ dg14, random }: { dg14: Buffer; random: Random }): ChipAuthentication {
  const key = chipKeyFrom(dg14);
  const ephemeral = drawScalar(key.curve, random);
  const { ours, secret } = agree(key, ephemeral);
  const commands = commandsFor(key, ours);
  return {
    ...agreedWith(key),
    commands,
    ephemeral,
    complete(answers) {
      demand(answers.length === commands.length, 'ca.failed', 'answers are missing');
      for (const answer of answers) {
        const { status } = decodeResponse(answer);
        demand(status === STATUS.ok, 'ca.failed', statusText(status));
      }
      return createMessaging(newState(key, secret));
    },
  };
}

/**
 * The first command under the new keys, whose answer is the evidence: SELECT of the very file that named the key. Any other
 * with an even instruction does as well.
 */
export const FIRST_COMMAND = encodeCommand({
  ...{ cla: 0x00, ins: 0xa4, p1: 0x02, p2: 0x0c },
  data: Buffer.from([0x01, 0x0e]),
});

/**
 * Runs chip authentication through an open channel: the commands, then one command under the new keys. `transmit` is the
 * bare way to the chip. Gives the new channel and the evidence. Refuses `ca.*`, `messaging.*` and `apdu.*`.
 */
export async function performChipAuthentication(
  transmit: Transmit,
  messaging: Messaging,
  { dg14, random }: { readonly dg14: Buffer; readonly random: Random },
): Promise<AgreedWith & { messaging: Messaging; ephemeral: Buffer; response: Buffer }> {
  const begun = beginChipAuthentication({ dg14, random });
  const through = throughMessaging(completing(transmit), messaging);
  const answers: Buffer[] = [];
  for (const command of begun.commands) answers.push(await through(command));
  const next = begun.complete(answers);
  const response = await completing(transmit)(next.protect(FIRST_COMMAND));
  failing(() => next.unprotect(response));
  const { algorithm, curve, ephemeral } = begun;
  return { algorithm, curve, messaging: next, ephemeral, response };
}

/**
 * Checks the evidence of a chip authentication once more, from nothing but DG14 (covered by passive authentication), our
 * ephemeral private key and the first protected answer as the chip sent it: the answer carries a code that only the holder
 * of the chip's private key, or we, could compute. Our command counted 1, the answer counts 2 (9303-11 §9.8.6). Refuses
 * `ca.failed`, `ca.unsupported`, `ca.key`, and what `parseSecurityInfos` refuses.
 */
export async function verifyChipAuthentication(evidence: {
  readonly dg14: Buffer;
  readonly ephemeral: Buffer;
  readonly response: Buffer;
}): Promise<AgreedWith> {
  const key = chipKeyFrom(evidence.dg14);
  const { secret } = agree(key, evidence.ephemeral);
  const messaging = createMessaging(newState(key, secret));
  messaging.protect(FIRST_COMMAND);
  failing(() => messaging.unprotect(evidence.response));
  return agreedWith(key);
}

const agreedWith = ({ info, curve }: ChipKey): AgreedWith => ({ algorithm: `CA-ECDH-${info.cipher}`, curve });

/** New keys, and a counter that begins again (9303-11 §6.2.2, §9.8.6.3). */
function newState({ info: { cipher } }: ChipKey, secret: Buffer): MessagingState {
  return { cipher, ...deriveChannelKeys(secret, cipher), counter: Buffer.alloc(cipher === '3DES' ? 8 : 16) };
}

/** An answer that does not pass means one thing here: the chip has not the key. */
function failing(act: () => void): void {
  try {
    act();
  } catch (error) {
    refuse('ca.failed', asRefusal(error).code);
  }
}

/** MSE:Set KAT for 3DES; MSE:Set AT and GENERAL AUTHENTICATE for AES (9303-11 §6.2.4). */
function commandsFor({ info: { cipher, oid: protocol, keyId } }: ChipKey, ours: Buffer): Buffer[] {
  const keyReference = keyId === undefined ? Buffer.alloc(0) : tlv(0x84, unsigned(keyId));
  const mse = { cla: 0x00, ins: 0x22, p1: 0x41 };
  if (cipher === '3DES') {
    return [encodeCommand({ ...mse, p2: 0xa6, data: Buffer.concat([tlv(0x91, ours), keyReference]) })];
  }
  const protocolReference = tlv(0x80, oid(protocol).subarray(2));
  const data = tlv(0x7c, tlv(0x80, ours));
  return [
    encodeCommand({ ...mse, p2: 0xa4, data: Buffer.concat([protocolReference, keyReference]) }),
    encodeCommand({ cla: 0x00, ins: 0x86, p1: 0x00, p2: 0x00, data, expected: 256 }),
  ];
}

function unsigned(number: number): Buffer {
  demand(number >= 0, 'ca.unsupported', 'key identifier below zero');
  const hex = number.toString(16);
  return Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
}
