import type { Journal } from '../../domain/audit/index.ts';
import type { Consents } from '../../domain/consents/index.ts';
import type { Deliveries, DeliveryKind, EventMessage, LogoutMessage } from '../../domain/deliveries/index.ts';
import type { SigningKeys } from '../../domain/signing-keys/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Egress } from '../../platform/egress.ts';
import { EidError } from '../../platform/errors.ts';
import type { Delivery, DeliveryHandler } from '../../platform/outbox.ts';

/** What telling a relying party takes, whatever it is told. */
export interface TellingParts {
  readonly egress: Egress;
  readonly signingKeys: Pick<SigningKeys, 'current'>;
  readonly deliveries: Pick<Deliveries, 'arrived' | 'failed'>;
  readonly journal: Pick<Journal, 'append'>;
  /** A relying party that has taken what tells it of a withdrawal was told; it has confirmed nothing by that. */
  readonly consents: Pick<Consents, 'toldOf'>;
  readonly issuer: string;
  readonly clock: Clock;
  /** Told of what is our own fault; the message is tried again all the same. */
  readonly fault: (error: unknown) => void;
}

/** What stands in the way of every later attempt too, unless somebody changes something: then it is replayed. */
const FINAL = new Set(['client_gone', 'client_disabled', 'no_address', 'egress.refused']);

/**
 * The outbox handler of one kind of message. `send` makes the attempt, and answers `arrived` or a code that says why not; what it
 * came to goes to the ledger and the journal, and to the withdrawal that the message tells of.
 */
export function createAttempts<Message extends LogoutMessage | EventMessage>(
  kind: DeliveryKind,
  parts: TellingParts,
  send: (message: Message, id: string) => Promise<string>,
): DeliveryHandler {
  const { deliveries, journal, consents } = parts;
  return async (payload, number, id): Promise<Delivery> => {
    const message = payload as Message;
    const { clientId, subscriberId, withdrawal } = message;
    const ofWithdrawal = (became: 'arrived' | 'given_up') =>
      withdrawal === undefined ? [] : consents.toldOf({ consentId: withdrawal, clientId, subscriberId }, became);
    const event = { actor: { kind: 'system' as const }, subscriberId, clientId };
    const detail = { delivery: id, attempt: number };
    const outcome = await send(message, id).catch((error: unknown) => {
      if (error instanceof EidError) return error.code;
      parts.fault(error);
      return 'fault';
    });
    if (outcome === 'arrived') {
      return {
        delivered: true,
        writes: [
          deliveries.arrived(id, number),
          journal.append({ ...event, type: `${kind}.delivered`, detail }),
          ...ofWithdrawal('arrived'),
        ],
      };
    }
    return {
      delivered: false,
      reason: outcome,
      final: FINAL.has(outcome),
      writes: (retryIn) => [
        deliveries.failed(id, { number, reason: outcome, retryIn }),
        ...(retryIn === null
          ? [
              journal.append({ ...event, type: `${kind}.failed`, detail: { ...detail, reason: outcome } }),
              ...ofWithdrawal('given_up'),
            ]
          : []),
      ],
    };
  };
}
