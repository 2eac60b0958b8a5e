import { completing } from '../apdu/completing.ts';
import { readCardAccess, selectApplication } from '../apdu/read-file.ts';
import type { Transmit } from '../apdu/response.ts';
import { parseSecurityInfos } from '../chip/security-infos.ts';
import { demand } from '../refusal.ts';
import { establishBac } from './bac.ts';
import { type Messaging, throughMessaging } from './messaging.ts';
import { establishPace } from './pace.ts';
import type { Random } from './scalar.ts';

/** What a chip opens with: the six figures on the card, or the MRZ information of its document number and dates. */
export interface ChipPassword {
  readonly kind: 'CAN' | 'MRZ';
  readonly secret: string;
}

/** A chip that is open, with its application selected. */
export interface OpenChip {
  readonly access: 'BAC' | 'PACE-CAN' | 'PACE-MRZ';
  /** EF.CardAccess as read, where the chip has one. */
  readonly cardAccess?: Buffer;
  readonly messaging: Messaging;
  /** Commands through the channel. */
  readonly send: Transmit;
}

/**
 * Opens a chip: PACE where it has PACE, and BAC only where it has none (9303-11 §4.2). A PACE that fails is a chip that stays
 * shut: a fall back to BAC would let whoever stands between choose the weaker one. Refuses `access.*`, `apdu.*`,
 * `messaging.*`, and what `parseSecurityInfos` refuses.
 */
export async function openChip(
  transmit: Transmit,
  password: ChipPassword,
  { random, allowBac = true }: { readonly random: Random; readonly allowBac?: boolean },
): Promise<OpenChip> {
  const bare = completing(transmit);
  const cardAccess = await readCardAccess(bare);
  if (cardAccess && parseSecurityInfos(cardAccess).pace.length > 0) {
    const messaging = await establishPace(bare, cardAccess, password, random);
    const send = throughMessaging(bare, messaging);
    await selectApplication(send);
    return { access: `PACE-${password.kind}`, cardAccess, messaging, send };
  }
  demand(allowBac, 'access.unsupported', 'BAC');
  demand(password.kind === 'MRZ', 'access.unsupported', 'BAC opens with the machine readable zone');
  await selectApplication(bare);
  const messaging = await establishBac(bare, password.secret, random);
  const send = throughMessaging(bare, messaging);
  return { access: 'BAC', ...(cardAccess ? { cardAccess } : {}), messaging, send };
}
