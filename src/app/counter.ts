import { padRequired } from '../config/profiles.ts';
import { createPictureIntake } from '../domain/applications/index.ts';
import type { AssurancePolicies } from '../domain/assurance-policies/index.ts';
import type { Journal } from '../domain/audit/index.ts';
import type { Authenticators } from '../domain/authenticators/index.ts';
import { createSimulatedFaceMatcher, createSimulatedFingerprintMatcher } from '../domain/biometrics/index.ts';
import { type Counter, createCounter, type Knowing } from '../domain/counter/index.ts';
import type { Guardianships } from '../domain/guardianships/index.ts';
import type { Notices } from '../domain/notices/index.ts';
import type { Operators, OwnCase } from '../domain/operators/index.ts';
import type { ChipExaminer, TrustStore } from '../domain/proofing/index.ts';
import type { Recoveries } from '../domain/recovery/index.ts';
import { documentKey, type RegisterEvents } from '../domain/register-events/index.ts';
import { createSimulatedPopulationRegistry, createSimulatedTelephoneRegistry } from '../domain/registry/index.ts';
import { clientsKnowing } from '../domain/relying-parties/index.ts';
import type { Subscribers } from '../domain/subscribers/index.ts';
import { type Repetition, repeat } from '../jobs/repeat.ts';
import { queueLogout } from '../oidc/logout/backchannel-logout.ts';
import { epochSeconds } from '../platform/clock.ts';
import { newId } from '../platform/ids.ts';
import { createPortraitDecoder } from '../platform/portrait-decoder/portrait-decoder.ts';
import type { Write } from '../platform/unit-of-work.ts';
import { look, sandboxRegister, sandboxTelephones } from '../sandbox/index.ts';
import type { Foundation } from './foundation.ts';
import { type PartingNouns, withdrawals } from './my-account/partings.ts';
import type { Registers } from './registers.ts';

/** The nouns that a counter works with. */
interface Nouns extends PartingNouns {
  readonly journal: Journal;
  readonly notices: Notices;
  readonly subscribers: Subscribers;
  readonly authenticators: Authenticators;
  readonly operators: Operators;
  readonly isOwnCase: OwnCase;
  readonly guardianships: Guardianships;
  readonly recoveries: Recoveries;
  readonly policies: AssurancePolicies;
  readonly trustStore: TrustStore;
  readonly examiner: ChipExaminer;
  /** What the register has reported of a card, and of a passport. */
  readonly reported: Pick<RegisterEvents, 'stands' | 'passportStands' | 'passportUntil'>;
}

/** Level 2 at counters, where those who are asked about a person are all there; nothing otherwise. */
export function counter(base: Foundation, nouns: Nouns, registers: Registers): Counter | undefined {
  const { settings, database, clock, sealer, sandbox } = base;
  const { population, telephone, face, fingerprints } = registers;
  if (!population || !telephone || !face || !fingerprints) return undefined;
  const { journal, notices, subscribers, authenticators, operators, isOwnCase, guardianships } = nouns;
  const { recoveries, policies, trustStore, examiner } = nouns;
  return createCounter({
    ...{ database, clock, sandbox, journal, notices, subscribers, authenticators, operators },
    ...{ isOwnCase, guardianships },
    sealer: sealer('counter'),
    examineCard: examiner.examine,
    examineAny: examiner.ofAnyState,
    stands: nouns.reported.stands,
    passportStands: nouns.reported.passportStands,
    passportUntil: nouns.reported.passportUntil,
    documentKey: (documentNumber) => documentKey(sealer('register-events'), documentNumber),
    pictures: createPictureIntake(createPortraitDecoder({ timeoutMs: 10_000 })),
    used: registers.used,
    real: { population, telephone, face, fingerprints },
    training: invented(base),
    padRequired: async () => (sandbox ? padRequired(settings) : (await trustStore.rules()).inForce.FACE_PAD_REQUIRED),
    assurance: policies.inForce,
    forgettingAddresses: recoveries.forgettingAddresses,
    reachable: recoveries.addresses.reachable,
    purged: (subscriberId) => purged(base, nouns, subscriberId),
    withdrawingAll: withdrawals(base, nouns).withdrawingAll,
  });
}

/** In a training office everybody is invented, and whoever is asked about them knows nobody else. */
function invented({ clock }: Foundation): Knowing {
  return {
    population: createSimulatedPopulationRegistry({ clock, ...sandboxRegister() }),
    telephone: createSimulatedTelephoneRegistry({ clock, holders: sandboxTelephones() }),
    face: createSimulatedFaceMatcher({ look }),
    fingerprints: createSimulatedFingerprintMatcher({ clock }),
  };
}

/**
 * A retired account: every relying party that knows it by a `sub` is told that this one is nobody's any more, or, where it hears no
 * events, logged out by it. Whatever was agreed to is taken back besides, and told where no message arrives by hand.
 */
async function purged(
  { database, clock }: Foundation,
  { deliveries, ending, consents }: Nouns,
  subscriberId: string,
): Promise<Write[]> {
  const signOut = newId();
  const detail = { event_timestamp: epochSeconds(clock.now()) };
  const agreed = new Set(
    (await consents.history(subscriberId)).flatMap(({ state, clientId }) => (state === 'given' ? [clientId] : [])),
  );
  const writes = (await clientsKnowing(database, subscriberId)).map(async ({ clientId, sub, hearsEvents }) => {
    if (hearsEvents)
      return deliveries.queueEvent({ subscriberId, clientId, event: 'account-purged', sub, detail }, signOut);
    const client = agreed.has(clientId) ? undefined : await ending.listener(clientId);
    return client ? queueLogout(ending, { client, subscriberId, signOut }) : [];
  });
  return (await Promise.all(writes)).flat();
}

/** Deadlines that passed unanswered, and what is kept no longer. */
export const counterJobs = (at: Counter | undefined, failed: (error: unknown) => void): Repetition[] =>
  at
    ? [
        repeat(
          async () => {
            while (await at.settleNext());
          },
          60_000,
          failed,
        ),
        repeat(() => at.sweep(), 60_000, failed),
      ]
    : [];
