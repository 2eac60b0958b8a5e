import type { Actor } from '../../domain/audit/index.ts';
import type { Consent, Consents, Told } from '../../domain/consents/index.ts';
import type { Deliveries, EventMessage } from '../../domain/deliveries/index.ts';
import { endOfTerm } from '../../domain/legal-terms/index.ts';
import type { RelyingParties } from '../../domain/relying-parties/index.ts';
import type { Algorithm } from '../../domain/signing-keys/index.ts';
import { type EndingParts, endingAt } from '../../oidc/logout/endings.ts';
import { type Confirmations, createConfirmations } from '../../oidc/security-events/confirmations.ts';
import type { EventListener } from '../../oidc/security-events/delivery.ts';
import { epochSeconds } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Domain } from '../domain.ts';
import type { Foundation } from '../foundation.ts';

/** The nouns between which something ends. */
export interface PartingNouns {
  readonly relyingParties: Pick<RelyingParties, 'find'>;
  readonly consents: Consents;
  readonly deliveries: Pick<Deliveries, 'queue' | 'queueEvent'>;
  readonly ending: EndingParts;
}

/** A registered client as somebody who wants to hear of security events. */
export async function eventListener(
  { relyingParties }: Pick<PartingNouns, 'relyingParties'>,
  clientId: string,
): Promise<EventListener | undefined> {
  const client = await relyingParties.find(clientId);
  return (
    client && {
      ...{ clientId: client.clientId, eventsUri: client.eventsUri },
      ...(client.disabledAt ? { disabledAt: client.disabledAt } : {}),
      algorithm: client.metadata.id_token_signed_response_alg as Algorithm | undefined,
    }
  );
}

/** Where relying parties say that they have stopped. */
export const confirmations = (
  { sealer, settings }: Foundation,
  { consents }: Pick<PartingNouns, 'consents'>,
): Confirmations =>
  createConfirmations({ consents, sealer: sealer('withdrawal-confirmations'), issuer: settings.issuer });

/** What is taken back of what was agreed to, each as the writes of one act. */
export function withdrawals(base: Foundation, parts: PartingNouns) {
  const { clock } = base;
  const { consents, deliveries, ending } = parts;
  const { uriOf } = confirmations(base, parts);

  /** Ends grants and sessions there, and says so by whatever way the relying party listens to. */
  async function told(
    about: { readonly subscriberId: string; readonly clientId: string; readonly event: EventMessage['event'] },
    withdrawn: Consent | undefined,
  ): Promise<{ readonly how: Told; readonly writes: Write[] }> {
    const { subscriberId, clientId, event } = about;
    const listener = await eventListener(parts, clientId);
    const hearsLogouts = Boolean((await ending.listener(clientId))?.backchannelLogoutUri);
    const how: Told = listener?.eventsUri ? 'event' : hearsLogouts ? 'logout' : 'by_hand';
    const signOut = newId();
    const withdrawal = withdrawn?.id;
    const writes = await endingAt(ending, {
      ...{ subscriberId, clientId, signOut },
      ...(how === 'logout' ? { withdrawal } : {}),
    });
    if (how !== 'event') return { how, writes };
    const now = clock.now();
    const message: EventMessage = {
      ...{ subscriberId, clientId, event },
      sub: await ending.subjectOf(subscriberId, { clientId }),
      detail: {
        event_timestamp: epochSeconds(now),
        ...(withdrawn
          ? {
              ...{ purpose: withdrawn.purpose, confirmation_uri: uriOf(withdrawn.id) },
              confirm_by: epochSeconds(endOfTerm('withdrawal.confirm', now)),
            }
          : {}),
      },
      ...(withdrawal === undefined ? {} : { withdrawal }),
    };
    return { how, writes: [...writes, ...deliveries.queueEvent(message, signOut)] };
  }

  /** A consent taken back: at once here, with a date until which the relying party confirms (Decree 356/2025). */
  async function withdrawing(consent: Consent, by: Actor): Promise<Write[]> {
    const { subscriberId, clientId } = consent;
    const { how, writes } = await told({ subscriberId, clientId, event: 'consent-withdrawn' }, consent);
    return [...consents.withdraw(consent, by, how), ...writes];
  }

  /** Everything that stands is taken back: whoever agreed to it may have been somebody else. `within`: of that time alone. */
  async function withdrawingAll(
    subscriberId: string,
    by: Actor,
    within?: { readonly from: Date; readonly until: Date },
  ): Promise<Write[]> {
    const standing = (await consents.history(subscriberId)).filter(
      ({ state, givenAt: at }) => state === 'given' && (!within || (at >= within.from && at <= within.until)),
    );
    return (await Promise.all(standing.map((consent) => withdrawing(consent, by)))).flat();
  }

  return { told, withdrawing, withdrawingAll };
}

/** What ends between a person and a relying party, each as the writes of one act. */
export function partings(base: Foundation, parts: Domain) {
  const { consents, accountLinks } = parts;
  const { told, withdrawing } = withdrawals(base, parts);

  /** A link taken away, and with it what was agreed to there. */
  async function unlinking(subscriberId: string, clientId: string): Promise<Write[]> {
    const consent = await consents.find(subscriberId, clientId);
    const { how, writes } = await told({ subscriberId, clientId, event: 'account-unlinked' }, consent);
    const actor = { kind: 'subscriber', id: subscriberId } as const;
    return [
      ...accountLinks.unlink(subscriberId, clientId),
      ...(consent ? consents.withdraw(consent, actor, how) : []),
      ...writes,
    ];
  }

  return { withdrawing, unlinking };
}
