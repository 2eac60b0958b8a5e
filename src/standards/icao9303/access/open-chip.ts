import { completing } from '../apdu/completing.ts';
import { selectApplication } from '../apdu/read-file.ts';
import type { Transmit } from '../apdu/response.ts';
import { refuse } from '../refusal.ts';
import { establishBac } from './bac.ts';
import type { Password } from './key-derivation.ts';
import { type Messaging, throughMessaging } from './messaging.ts';
import { establishPace, usablePace } from './pace.ts';
import type { Random } from './scalar.ts';

/** How a chip may be opened. */
export interface Opening {
  /** EF.CardAccess as read; absent when the chip has none, and so no PACE. */
  readonly cardAccess?: Buffer;
  readonly password: Password;
  /** `pace-or-bac` takes BAC from a chip that offers no PACE that is known here; it takes it in no other case. */
  readonly policy: 'pace-only' | 'pace-or-bac';
}

/** A chip with an open channel and the eMRTD application selected. */
export interface OpenChip {
  readonly access: 'BAC' | 'PACE-CAN' | 'PACE-MRZ';
  readonly messaging: Messaging;
  /** Plain commands in, plain answers out, through the channel. */
  readonly transmit: Transmit;
}

/**
 * Opens a chip (9303-11 §4.2). Where PACE is offered and fails, the chip stays closed: whoever can make PACE fail must not
 * get the weaker BAC for it. Refuses `access.*`, `apdu.*`, and an EF.CardAccess that cannot be read.
 */
export async function openChip(
  transmit: Transmit,
  { cardAccess, password, policy }: Opening,
  random: Random,
): Promise<OpenChip> {
  const bare = completing(transmit);
  if (cardAccess && usablePace(cardAccess)) {
    const messaging = await establishPace(bare, cardAccess, password, random);
    const through = throughMessaging(bare, messaging);
    await selectApplication(through);
    return { access: `PACE-${password.kind}`, messaging, transmit: through };
  }
  if (policy === 'pace-only') return refuse('access.unsupported', 'no PACE that is known here');
  if (password.kind !== 'MRZ') return refuse('access.unsupported', 'BAC takes the MRZ, not a card access number');
  await selectApplication(bare);
  const messaging = await establishBac(bare, password.secret, random);
  return { access: 'BAC', messaging, transmit: throughMessaging(bare, messaging) };
}
