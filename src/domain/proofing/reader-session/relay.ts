import { refuse } from '../../../standards/icao9303/refusal.ts';
import type { ChipEvidence } from '../chip-evidence.ts';
import type { ClaimedSession } from './sessions.ts';
import type { Talk } from './talk.ts';

export async function relay(_: {
  talk: Talk;
  session: ClaimedSession;
  random: (octets: number) => Buffer;
}): Promise<ChipEvidence> {
  return refuse('access.unsupported');
}
