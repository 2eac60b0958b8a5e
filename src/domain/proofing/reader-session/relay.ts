import { createHash } from 'node:crypto';
import { throughMessaging } from '../../../standards/icao9303/access/messaging.ts';
import { openChip } from '../../../standards/icao9303/access/open-chip.ts';
import { completing } from '../../../standards/icao9303/apdu/completing.ts';
import { readOptionalFile } from '../../../standards/icao9303/apdu/optional-file.ts';
import { readCardAccess } from '../../../standards/icao9303/apdu/read-file.ts';
import { parseSecurityInfos } from '../../../standards/icao9303/chip/security-infos.ts';
import { signChallenge } from '../../../standards/icao9303/chip/sign-challenge.ts';
import { demand } from '../../../standards/icao9303/refusal.ts';
import { type CardFile, type ChipEvidence, FILE_LIMITS } from '../chip-evidence.ts';
import { takesExtended, throughReader } from './card.ts';
import type { ClientFrame } from './frames.ts';
import { proofOfKey } from './proof-of-key.ts';
import type { ClaimedSession } from './sessions.ts';
import type { Talk } from './talk.ts';

/** Octets of one READ BINARY where extended length is taken. */
const LONG_CHUNK = 1024;

/**
 * The mode of a kiosk: the reader only passes commands on, and the server opens the chip with what the person typed, has it
 * prove itself, and reads the files through the channel that only it and the chip have keys of.
 */
export async function relay({
  talk,
  session,
  chip,
  random,
}: {
  readonly talk: Talk;
  readonly session: ClaimedSession;
  readonly chip: ClientFrame<'chip'>;
  readonly random: (octets: number) => Buffer;
}): Promise<ChipEvidence> {
  demand(session.access && chip.access === 'none', 'reader.protocol');
  const transmit = throughReader(talk);
  const extended = takesExtended(chip);
  const cardAccess = await readCardAccess(transmit);
  const opening = { password: session.access, policy: 'pace-or-bac', ...(cardAccess ? { cardAccess } : {}) } as const;
  const open = await openChip(transmit, opening, random);
  let send = open.transmit;
  const files: ChipEvidence['files'] = {};
  const read = async (file: CardFile): Promise<Buffer | undefined> => {
    const limits = { largest: FILE_LIMITS[file], ...(extended ? { chunk: LONG_CHUNK } : {}) };
    const bytes = await readOptionalFile(send, file, limits);
    if (bytes) files[file] = bytes.toString('base64url');
    return bytes;
  };
  if (cardAccess) files.CardAccess = cardAccess.toString('base64url');

  const asked = session.need.filter((file) => file !== 'CardAccess');
  const dg14 = asked.includes('DG14') ? await read('DG14') : undefined;
  let proven: ChipEvidence['chip'];
  if (dg14 && parseSecurityInfos(dg14).chipAuthentication.length > 0) {
    const proof = await proofOfKey(transmit, open.messaging, { dg14, random });
    // Without its new channel there is nothing more to read: the chip is no chip of this card.
    demand(proof?.messaging, 'ca.failed');
    proven = { ephemeral: proof.ephemeral.toString('base64url'), response: proof.response.toString('base64url') };
    send = throughMessaging(completing(transmit), proof.messaging);
  }
  for (const file of asked) if (file !== 'DG14') await read(file);
  demand(files.SOD !== undefined && files.DG1 !== undefined, 'input.missing');
  const signed = files.DG15 ? await signChallenge(send, session.aaChallenge, { extended }) : undefined;
  const { kind, secret } = session.access;
  return {
    ...{ session: session.sid, access: open.access, files },
    ...(kind === 'MRZ' ? { typed: createHash('sha256').update(secret).digest('hex') } : {}),
    ...(proven ? { chip: proven } : {}),
    ...(signed ? { active: { response: signed.toString('base64url') } } : {}),
  };
}
