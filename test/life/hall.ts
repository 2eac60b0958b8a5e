import { cards } from '../../src/app/cards.ts';
import { counter } from '../../src/app/counter.ts';
import type { Foundation } from '../../src/app/foundation.ts';
import type { Registers } from '../../src/app/registers.ts';
import type { App } from '../../src/app.ts';
import { createSimulatedFingerprintMatcher } from '../../src/domain/biometrics/index.ts';
import type { Counter, Knowing } from '../../src/domain/counter/index.ts';
import type { Acting } from '../../src/domain/operators/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { hire } from '../support/api-operators.ts';
import { sandboxAuthority } from '../support/virtual-card.ts';

/** A counter, and two officers who serve at it. */
export interface Hall {
  readonly counter: Counter;
  readonly officers: readonly [Acting, Acting];
  /** Puts in place the country's list of revoked signers as of today, as whoever looks after a server does. */
  renewed(): Promise<void>;
}

const WEEK = 7 * 86_400_000;

/** The server's own counter, with the registers of whoever lives now. */
export async function aHall(
  base: Foundation,
  parts: App['parts'],
  known: Omit<Knowing, 'fingerprints'>,
): Promise<Hall> {
  const { examiner, trustStore } = cards(base, parts.journal);
  const fingerprints = createSimulatedFingerprintMatcher({ clock: systemClock, timeout: 5 });
  const made = counter(base, { ...parts, examiner, reported: parts.registerEvents }, {
    ...known,
    fingerprints,
    used: parts.usedPictures,
  } as unknown as Registers);
  if (!made) throw new Error('there is no counter');
  const roles = ['intake', 'approver'] as const;
  const officers = [await hire(base, roles), await hire(base, roles)] as const;
  let renewed = Number.NEGATIVE_INFINITY;
  return {
    ...{ counter: made, officers },
    async renewed() {
      const national = sandboxAuthority();
      if (renewed === Number.NEGATIVE_INFINITY)
        for (const done of [
          await parts.trustStore.pinNational(national.certificate('national'), { by: 'sandbox' }),
          await parts.trustStore.importCertificate(national.certificate('foreign'), { by: 'sandbox' }),
        ])
          if (!done.done) throw new Error('nobody is trusted');
      if (Date.now() < renewed + WEEK) return;
      renewed = Date.now();
      await parts.trustStore.importRevocationList(national.revocationList('national', new Date()), { by: 'sandbox' });
      // It looks by itself every two seconds, in which a village can live for a season.
      trustStore.forget();
    },
  };
}
