import { createLockCodes, createUnlocks } from '../domain/locks/index.ts';
import type { CardDesk } from '../journeys/card-reading.ts';
import type { LockingParts } from '../journeys/locking/visit.ts';
import type { Domain } from './domain.ts';
import type { Foundation } from './foundation.ts';

/** What locking and unlocking without a session work with. */
export function locking(base: Foundation, parts: Domain, cards: CardDesk): LockingParts {
  const { views, csrf, clock, cookieSigner, database, settings } = base;
  const { subscribers, authenticators, recoveries, policies } = parts;
  return {
    ...{ views, csrf, clock, cookieSigner, cards, authenticators },
    lockCodes: createLockCodes({
      database,
      clock,
      subscribers,
      codes: recoveries.codes,
      addresses: recoveries.addresses,
    }),
    unlocks: createUnlocks({ clock, subscribers, authenticators, policy: policies.inForce }),
    sealer: base.sealer('unlocking'),
    secure: settings.issuer.startsWith('https:'),
  };
}
