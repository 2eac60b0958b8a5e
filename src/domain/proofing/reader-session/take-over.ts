import {
  createMessaging,
  type MessagingState,
  throughMessaging,
} from '../../../standards/icao9303/access/messaging.ts';
import { completing } from '../../../standards/icao9303/apdu/completing.ts';
import { signChallenge } from '../../../standards/icao9303/chip/sign-challenge.ts';
import { demand } from '../../../standards/icao9303/refusal.ts';
import { type ChipEvidence, fileOf } from '../chip-evidence.ts';
import { takesExtended, throughReader } from './card.ts';
import type { ClientFrame } from './frames.ts';
import { proofOfKey } from './proof-of-key.ts';
import type { ClaimedSession } from './sessions.ts';
import type { Talk } from './talk.ts';

/**
 * Goes on with the channel that the reader opened: chip authentication with an ephemeral key that never leaves this function
 * but sealed, and one answer under the new keys, which only the genuine chip can give (9303-11 §6.2). A key that the reader
 * knew would prove nothing. Where the chip has a key to sign with as well, it signs within the new channel.
 */
export async function takeOver({
  talk,
  session,
  chip,
  evidence,
  state,
  random,
}: {
  readonly talk: Talk;
  readonly session: ClaimedSession;
  readonly chip: ClientFrame<'chip'>;
  readonly evidence: ChipEvidence;
  readonly state: MessagingState;
  readonly random: (octets: number) => Buffer;
}): Promise<ChipEvidence> {
  const dg14 = fileOf(evidence, 'DG14');
  demand(dg14, 'input.missing', 'DG14');
  const transmit = throughReader(talk);
  const proof = await proofOfKey(transmit, createMessaging(state), { dg14, random });
  if (!proof) return evidence;
  const { messaging, ephemeral, response } = proof;
  const proven: ChipEvidence = {
    ...evidence,
    chip: { ephemeral: ephemeral.toString('base64url'), response: response.toString('base64url') },
  };
  if (!messaging || evidence.active || !evidence.files.DG15) return proven;
  const inside = throughMessaging(completing(transmit), messaging);
  const signed = await signChallenge(inside, session.aaChallenge, { extended: takesExtended(chip) });
  return { ...proven, active: { response: signed.toString('base64url') } };
}
