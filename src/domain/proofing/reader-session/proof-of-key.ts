import { type Messaging, throughMessaging } from '../../../standards/icao9303/access/messaging.ts';
import { completing } from '../../../standards/icao9303/apdu/completing.ts';
import type { Transmit } from '../../../standards/icao9303/apdu/response.ts';
import { beginChipAuthentication, FIRST_COMMAND } from '../../../standards/icao9303/chip/chip-authentication.ts';
import { Refused } from '../../../standards/icao9303/refusal.ts';

/** What chip authentication left behind. Without `messaging` the answer was wrong, and nothing more can be said to this chip. */
export interface ProofOfKey {
  readonly ephemeral: Buffer;
  /** The first protected answer, raw: the verifier decides from it, after it has seen what the country signed. */
  readonly response: Buffer;
  readonly messaging?: Messaging;
}

/**
 * Chip authentication as evidence (9303-11 §6.2): a wrong answer is kept as it came and judged later, so that a forged card is
 * refused for its forged files and not for what follows from them. Nothing, where the chip does not take part.
 */
export async function proofOfKey(
  transmit: Transmit,
  messaging: Messaging,
  { dg14, random }: { readonly dg14: Buffer; readonly random: (octets: number) => Buffer },
): Promise<ProofOfKey | undefined> {
  const begun = beginChipAuthentication({ dg14, random });
  const through = throughMessaging(completing(transmit), messaging);
  const answers: Buffer[] = [];
  for (const command of begun.commands) answers.push(await through(command));
  const next = unless(['ca.failed', 'apdu.status'], () => begun.complete(answers));
  if (!next) return undefined;
  const response = await completing(transmit)(next.protect(FIRST_COMMAND));
  const { ephemeral } = begun;
  const right = unless(['messaging.mac', 'messaging.malformed', 'apdu.status', 'apdu.malformed'], () =>
    next.unprotect(response),
  );
  return right ? { ephemeral, response, messaging: next } : { ephemeral, response };
}

function unless<T>(codes: readonly string[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refused && codes.includes(error.code)) return undefined;
    throw error;
  }
}
