import type { MessagingState } from '../../../standards/icao9303/access/messaging.ts';
import { CARD_FILES } from '../../../standards/icao9303/apdu/files.ts';
import { demand } from '../../../standards/icao9303/refusal.ts';
import { type CardFile, type ChipEvidence, FILE_LIMITS } from '../chip-evidence.ts';
import type { ClientFrame, SessionMode } from './frames.ts';
import { IDLE } from './limits.ts';
import type { ClaimedSession } from './sessions.ts';
import { takeOver } from './take-over.ts';
import type { Talk } from './talk.ts';

/** What a reader sent is a file of this kind by its size and first octet; more is for the verifier. */
export function received(file: CardFile, text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  demand(bytes.length <= FILE_LIMITS[file], 'input.too_large', file);
  demand(bytes[0] === CARD_FILES[file].tag, 'dg.malformed', file);
  return bytes;
}

/**
 * The modes in which the reader opens the chip and reads it. Files and the answer of active authentication come in any order,
 * each once; then `end`, or the server takes the channel over.
 */
export async function collect({
  talk,
  session,
  mode,
  chip,
  random,
}: {
  readonly talk: Talk;
  readonly session: ClaimedSession;
  readonly mode: SessionMode;
  readonly chip: ClientFrame<'chip'>;
  readonly random: (octets: number) => Buffer;
}): Promise<ChipEvidence> {
  const files: ChipEvidence['files'] = {};
  const add = (file: CardFile, text: string): void => {
    demand(files[file] === undefined, 'reader.protocol');
    files[file] = received(file, text).toString('base64url');
  };
  if (chip.cardAccess !== undefined) add('CardAccess', chip.cardAccess);
  let active: ChipEvidence['active'];
  const last =
    mode === 'aa' ? (['end'] as const) : mode === 'handover' ? (['handover'] as const) : (['end', 'handover'] as const);
  for (;;) {
    const frame = await talk.next(IDLE.file, 'file', 'aa', ...last);
    if (frame.t === 'file') {
      // What nobody asked for is not taken: a portrait least of all.
      demand(session.need.includes(frame.ef), 'reader.protocol');
      add(frame.ef, frame.data);
    } else if (frame.t === 'aa') {
      demand(active === undefined, 'reader.protocol');
      active = { response: frame.response };
    } else {
      demand(files.SOD !== undefined && files.DG1 !== undefined, 'input.missing');
      const evidence = { session: session.sid, access: chip.access, files, ...(active ? { active } : {}) };
      if (frame.t === 'end') return evidence;
      demand(chip.access !== 'none', 'reader.protocol');
      return await takeOver({ talk, session, chip, evidence, state: stateOf(frame.sm), random });
    }
  }
}

const stateOf = (sm: ClientFrame<'handover'>['sm']): MessagingState => ({
  cipher: sm.alg,
  encryption: Buffer.from(sm.ksEnc, 'base64url'),
  mac: Buffer.from(sm.ksMac, 'base64url'),
  counter: Buffer.from(sm.ssc, 'base64url'),
});
