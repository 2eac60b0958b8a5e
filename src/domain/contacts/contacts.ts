import { EidError } from '../../platform/errors.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Journal } from '../audit/index.ts';
import type { Authenticators, Authority, Ending } from '../authenticators/index.ts';
import { addressesOf, type Medium, maskedAddress, type NoticeKind, type Notices } from '../notices/index.ts';
import { type AddressCodes, CodeSpent, type RecoveryAddresses } from '../recovery/index.ts';
import type { TelephoneRegistry } from '../registry/index.ts';
import { ContactMoved, isTaken, type Subscriber, type Subscribers } from '../subscribers/index.ts';

/** Why an address was not taken, or not taken away. */
export type ContactRejection =
  | 'step_up_needed'
  | 'already_known'
  | 'throttled'
  | 'wrong'
  | 'expired'
  /** The number is another account's. */
  | 'taken'
  /** It stands in somebody else's name, or in nobody's. */
  | 'not_own'
  /** The register of telephones does not answer at the moment: the same code does later. */
  | 'silent'
  /** There is no such register here. */
  | 'at_office'
  | 'unknown'
  | 'last_address'
  /** Codes go to it. */
  | 'in_use';

/** Whoever changes an address. */
interface Changing {
  readonly subscriber: Subscriber;
  readonly authority: Authority;
  readonly medium: Medium;
}

/** The telephone and the mailbox of an account. */
export interface Contacts {
  /** Whether a telephone can be changed here, and not at an office alone. */
  readonly changesPhones: boolean;
  /** Sends a code to the address, in normal form; it counts once that was answered. `from`: whose browser asks, for the budgets. */
  begin(
    change: Changing & { readonly sessionKey: string; readonly address: string; readonly from: string },
  ): Promise<
    | { readonly begun: true; readonly challenge: string }
    | { readonly begun: false; readonly reason: ContactRejection; readonly retryAfter?: number }
  >;
  /** Puts it in the place of the former one; `ending` is asked for where codes move with it. */
  confirm(
    change: Changing & {
      readonly sessionKey: string;
      readonly challenge: string;
      readonly code: string;
      readonly ending: Ending;
    },
  ): Promise<{ readonly confirmed: true } | { readonly confirmed: false; readonly reason: ContactRejection }>;
  /** What tells of it in an act that takes it away itself, an erasure; refused where `remove` refuses. */
  leaving(
    change: Changing,
  ): Promise<
    | { readonly leaves: true; readonly writes: readonly Write[] }
    | { readonly leaves: false; readonly reason: ContactRejection }
  >;
  /** Takes it away, and tells it so. */
  remove(
    change: Changing,
  ): Promise<{ readonly removed: true } | { readonly removed: false; readonly reason: ContactRejection }>;
}

/** Contacts on a database. */
export function createContacts(parts: {
  readonly journal: Pick<Journal, 'append'>;
  readonly notices: Pick<Notices, 'queueToAll'>;
  readonly subscribers: Pick<Subscribers, 'changingContact' | 'identityNumber'>;
  readonly authenticators: Pick<Authenticators, 'isSteppedUp' | 'writeSteppedUp' | 'codesTo' | 'rerouting'>;
  readonly addresses: Pick<RecoveryAddresses, 'of' | 'reachable'>;
  readonly codes: AddressCodes;
  readonly telephone?: TelephoneRegistry | undefined;
}): Contacts {
  const { subscribers, authenticators, codes, telephone } = parts;
  const currentOf = ({ subscriber, medium }: Changing): string | undefined =>
    medium === 'sms' ? subscriber.phone : subscriber.email;

  /** The event, and word to every address there was and to the one that it is about (abuse case 45). */
  async function told(
    { subscriber, medium }: Changing,
    { what, about, kind }: { what: string; about: string; kind: NoticeKind & `contact_${'changed' | 'removed'}` },
  ): Promise<Write[]> {
    const person = await parts.addresses.reachable(subscriber);
    const one = { medium, address: about };
    return [
      parts.journal.append({
        ...{ type: 'contact.changed', actor: { kind: 'subscriber', id: subscriber.id }, subscriberId: subscriber.id },
        detail: { what, medium },
      }),
      ...parts.notices.queueToAll(
        kind,
        { ...person, recoveryAddresses: [...person.recoveryAddresses, one] },
        { address: maskedAddress(one) },
      ),
    ];
  }

  /** Own-name (chính chủ), as at sign-up; asked once control of the number is proven, so that nobody can ask about any. */
  async function ownership({ subscriber }: Changing, phone: string): Promise<ContactRejection | undefined> {
    const identityNumber = await subscribers.identityNumber(subscriber.id);
    if (!telephone || identityNumber === undefined) return 'at_office';
    try {
      return (await telephone.ownership({ phone, identityNumber })).ownership === 'holder' ? undefined : 'not_own';
    } catch (error) {
      if (error instanceof EidError && error.code === 'telephone_registry.unavailable') return 'silent';
      throw error;
    }
  }

  /**
   * An act, if whoever does it may still: while the networks answered the account may have been locked, or a proof frozen, and
   * nothing of what is kept of the person has changed with that. False where they may not, and nothing is done.
   */
  const act = ({ subscriber, authority }: Changing, writes: readonly Write[]): Promise<boolean> =>
    authenticators.writeSteppedUp(subscriber.id, authority, writes);

  async function leaving(change: Changing): ReturnType<Contacts['leaving']> {
    const { subscriber, authority, medium } = change;
    const no = (reason: ContactRejection) => ({ leaves: false, reason }) as const;
    if (!(await authenticators.isSteppedUp(subscriber.id, authority))) return no('step_up_needed');
    const about = currentOf(change);
    if (about === undefined) return no('unknown');
    const reached = addressesOf(await parts.addresses.reachable(subscriber));
    if (reached.every(({ address }) => address === about)) return no('last_address');
    if (medium === 'sms' && (await authenticators.codesTo(subscriber.id, about))) return no('in_use');
    return { leaves: true, writes: await told(change, { what: 'removed', about, kind: 'contact_removed' }) };
  }

  return {
    changesPhones: telephone !== undefined,
    leaving,

    async begin(change) {
      const { subscriber, authority, medium, address, sessionKey, from } = change;
      if (!(await authenticators.isSteppedUp(subscriber.id, authority)))
        return { begun: false, reason: 'step_up_needed' };
      if (medium === 'sms' && !telephone) return { begun: false, reason: 'at_office' };
      const added = await parts.addresses.of(subscriber.id);
      // The second telephone is there for the day on which the first is lost: the same one twice is none.
      if ([subscriber.phone, subscriber.email, ...added.map((one) => one.address)].includes(address))
        return { begun: false, reason: 'already_known' };
      const sent = await codes.send({
        ...{ purpose: 'contact', medium, to: address, instead: subscriber.id, sessionKey, from, person: subscriber },
      });
      return sent.sent
        ? { begun: true, challenge: sent.challenge }
        : { begun: false, reason: 'throttled', retryAfter: sent.retryAfter };
    },

    async confirm(change) {
      const { subscriber, authority, medium, sessionKey, challenge, code } = change;
      const no = (reason: ContactRejection) => ({ confirmed: false, reason }) as const;
      if (!(await authenticators.isSteppedUp(subscriber.id, authority))) return no('step_up_needed');
      const answer = { purpose: 'contact', medium, sessionKey, challenge, code, subscriberId: subscriber.id } as const;
      const verdict = await codes.check(answer);
      if (!verdict.right) return no(verdict.reason);
      const address = verdict.to;
      const refused = medium === 'sms' ? await ownership(change, address) : undefined;
      if (refused) return no(refused);
      const former = currentOf(change);
      const moved =
        medium === 'sms' && former !== undefined
          ? await authenticators.rerouting(subscriber.id, { from: former, to: address }, authority)
          : [];
      const what = former === undefined ? 'added' : 'replaced';
      const writes = [
        ...verdict.writes,
        ...subscribers.changingContact(subscriber, { medium, address }),
        ...(await told(change, { what, about: address, kind: 'contact_changed' })),
        ...moved,
        // A factor has moved with it (abuse case 35).
        ...(moved.length > 0 ? await change.ending() : []),
      ];
      try {
        if (!(await act(change, writes))) return no('step_up_needed');
      } catch (error) {
        if (error instanceof CodeSpent || error instanceof ContactMoved) return no('expired');
        if (isTaken(error)) return no('taken');
        throw error;
      }
      return { confirmed: true };
    },

    async remove(change) {
      const { subscriber, medium } = change;
      const verdict = await leaving(change);
      if (!verdict.leaves) return { removed: false, reason: verdict.reason };
      try {
        const writes = [...subscribers.changingContact(subscriber, { medium }), ...verdict.writes];
        if (!(await act(change, writes))) return { removed: false, reason: 'step_up_needed' };
      } catch (error) {
        if (error instanceof ContactMoved) return { removed: false, reason: 'unknown' };
        throw error;
      }
      return { removed: true };
    },
  };
}
