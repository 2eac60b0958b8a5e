import { EVENT_MESSAGE, LOGOUT_MESSAGE } from '../domain/deliveries/index.ts';
import { createMessageDelivery } from '../jobs/deliver-messages.ts';
import { LOGOUT_PACE, startDelivery } from '../jobs/deliver-outbox.ts';
import { createExpire } from '../jobs/expire.ts';
import { type Repetition, repeat } from '../jobs/repeat.ts';
import { startKeyRotation } from '../jobs/rotate-keys.ts';
import { startSealing } from '../jobs/seal-journal.ts';
import { startCredentialWatch } from '../jobs/watch-credentials.ts';
import { startDeliveryWatch } from '../jobs/watch-deliveries.ts';
import { startTrustWatch } from '../jobs/watch-trust.ts';
import { createLogoutDelivery } from '../oidc/logout/delivery.ts';
import { INTERACTION_LIFETIME } from '../oidc/provider.ts';
import { createEventDelivery } from '../oidc/security-events/delivery.ts';
import { protocolTables } from '../oidc/storage/expiring.ts';
import { sweepOutbox } from '../platform/outbox.ts';
import { applicationJobs } from './applications.ts';
import { counterJobs } from './counter.ts';
import type { Domain } from './domain.ts';
import type { Foundation } from './foundation.ts';
import { eventListener } from './my-account/partings.ts';
import { visitEnding } from './my-account/shared-machines.ts';
import { organisationJobs } from './registers/organisations.ts';
import { registerJobs } from './registers/register-events.ts';

/** What happens without a request. */
export async function startJobs(base: Foundation, parts: Domain): Promise<Repetition[]> {
  const { database, clock, outbox, fault: failed } = base;
  const expire = createExpire({ database, clock, tables: protocolTables(INTERACTION_LIFETIME) });
  await parts.trustStore.recordRules();
  const stopWatching = await parts.relyingParties.watch();
  const stopFollowing = await parts.policies.watch();
  const { egress, settings } = base;
  const { signingKeys, deliveries, journal, consents } = parts;
  const leaving = {
    ...{ egress, signingKeys, deliveries, journal, consents },
    ...{ issuer: settings.issuer, clock, fault: failed },
  };
  const delivery = await startDelivery({
    ...{ database, outbox, failed },
    handlers: {
      message: createMessageDelivery(parts),
      [LOGOUT_MESSAGE]: createLogoutDelivery({ ...leaving, listener: parts.ending.listener }),
      [EVENT_MESSAGE]: createEventDelivery({ ...leaving, listener: (clientId) => eventListener(parts, clientId) }),
    },
    paces: { [LOGOUT_MESSAGE]: LOGOUT_PACE, [EVENT_MESSAGE]: LOGOUT_PACE },
  });
  return [
    { stop: () => delivery.stop() },
    { stop: stopWatching },
    { stop: stopFollowing },
    startKeyRotation({ signingKeys: parts.signingKeys, failed }),
    repeat(() => expire.run(), 15_000, failed),
    repeat(
      async () =>
        Promise.all([
          parts.authenticators.sweep(),
          parts.notices.sweep(),
          parts.readerSessions.sweep(),
          parts.inPerson.sweep(),
          parts.usedPictures.sweep(),
          parts.recoveries.sweep(),
          parts.remoteProofings.sweep(),
          parts.askedValues.sweep(),
          parts.deliveries.sweep(),
          parts.documentStatuses.forget(clock.now()),
          parts.operators.sweep(),
          parts.keptAnswers.sweep(),
          sweepOutbox(database),
        ]),
      60_000,
      failed,
    ),
    // Whoever has left a shared machine is signed out everywhere within a minute, whether anybody comes back to the page or not.
    repeat(() => base.kioskVisits.endSilent(visitEnding(parts, 'silence')), 15_000, failed),
    // What two people agreed on is made at its time, give or take these seconds.
    repeat(() => parts.approvals.activateDue(), 5_000, failed),
    repeat(() => parts.approvals.expireDrafts(), 60_000, failed),
    // A waiting time of a recovery ends at its minute; opening its page does not wait for this.
    repeat(() => parts.recoveries.due(), 5_000, failed),
    repeat(() => parts.verifications.makeNext(), 5_000, failed),
    // Corrections that the register was silent about when they were asked for.
    repeat(() => parts.dataRequests.handOver(), 60_000, failed),
    ...applicationJobs(parts.applications, failed),
    ...counterJobs(parts.counter, failed),
    repeat(
      async () => {
        while (await parts.guardianships.endNext());
      },
      60_000,
      failed,
    ),
    ...organisationJobs(parts.organisations, failed),
    ...registerJobs(parts, failed),
    startSealing({ journal: parts.journal, failed }),
    startDeliveryWatch({ deliveries: parts.deliveries, metrics: base.metrics, failed }),
    startTrustWatch({ trustStore: parts.trustStore, clock, log: base.log, metrics: base.metrics, failed }),
    startCredentialWatch({ relyingParties: parts.relyingParties, clock, log: base.log, metrics: base.metrics, failed }),
  ];
}
