import { EidError } from '../../platform/errors.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { EnterpriseAnswer } from '../registry/index.ts';
import type { Subscriber } from '../subscribers/index.ts';
import type { ActingFor, EndReason, Organisation, Representation } from './organisation.ts';
import { type OrganisationsParts, standsWithLevel2 } from './parts.ts';
import { organisationPolicyAt } from './policy.ts';
import * as store from './store.ts';

const MINUTE = 60_000;

/** Who acts for which organisation, asked at each use. */
export interface Acting {
  /**
   * Whether somebody acts for an organisation at this moment, and as what: their account stands and has level 2, the organisation
   * stands, and the register lists them, by a word of its that is fresh. Nothing otherwise.
   */
  actsFor(subscriberId: string, enterpriseCode: string): Promise<ActingFor | undefined>;
  /** All of them, for whoever has to choose. */
  choices(subscriberId: string): Promise<ActingFor[]>;
  /** What somebody acts and has acted for. Nobody is asked. */
  representationsOf(subscriberId: string, limit?: number): Promise<Representation[]>;
  /** Acts for it no longer, by their own wish. False where there is nothing to end: another's, over, unknown. */
  leave(person: Subscriber, representationId: string): Promise<boolean>;
  /** Asks the register anew about one organisation that was not asked about for the longest; answers whether there was one. */
  askNext(): Promise<boolean>;
}

export function createActing(parts: OrganisationsParts): Acting {
  const { database, clock, journal, subscribers } = parts;
  const rules = () => organisationPolicyAt(clock.now(), parts.policies);
  const ago = (minutes: number): Date => new Date(clock.now().getTime() - minutes * MINUTE);

  /** The end of one, told to whoever it was and to the relying parties that know of it. */
  async function ending(one: Representation, reason: EndReason, by?: string): Promise<Write[]> {
    const { enterpriseCode, name } = one.organisation;
    return [
      store.end(one, reason, clock.now()),
      journal.append({
        ...({ type: 'organisation.ended', subscriberId: one.subscriberId } as const),
        actor: by === undefined ? { kind: 'system' } : { kind: 'subscriber', id: by },
        detail: { organisation: enterpriseCode, representation: one.id, reason },
      }),
      ...(await parts.told(one.subscriberId, 'organisation_ended', { organisation: name })),
      ...(await parts.parted({ subscriberId: one.subscriberId, enterpriseCode, since: one.beganAt })),
    ];
  }

  /** What the register's word does to those who act: whoever is listed no more ends, and so does everybody where it is dissolved. */
  async function following(organisation: Organisation, answer: EnterpriseAnswer): Promise<Write[]> {
    if (!answer.found) return [];
    const { status, representatives } = answer.enterprise;
    const acting = await store.actingFor(database, organisation.id);
    const writes = await Promise.all(
      acting.map(async (one): Promise<Write[]> => {
        if (status === 'dissolved') return ending(one, 'dissolved');
        const number = await subscribers.identityNumber(one.subscriberId);
        const listed = representatives.find(({ identityNumber }) => identityNumber === number);
        if (!listed) return ending(one, 'left_the_list');
        return listed.role === one.role ? [] : [store.changeRole(one.id, listed.role)];
      }),
    );
    return writes.flat();
  }

  /** Asks the register and writes down what it says; its silence is no answer. */
  async function ask(organisation: Organisation): Promise<'answered' | 'silent'> {
    let answer: EnterpriseAnswer;
    try {
      answer = await parts.registry.find(organisation.enterpriseCode);
    } catch (error) {
      if (error instanceof EidError && error.code === 'enterprise_registry.unavailable') return 'silent';
      throw error;
    }
    const askedAt = clock.now();
    // One that the register does not know any more acts for nothing until it does again.
    const { name, status } = answer.found
      ? answer.enterprise
      : { name: organisation.name, status: 'suspended' as const };
    const changed = status !== organisation.status;
    try {
      await writeTogether(database, [
        store.told(organisation, { name, status, asOf: answer.asOf, askedAt }),
        ...(changed
          ? [
              journal.append({
                ...({ type: 'organisation.changed', actor: { kind: 'system' } } as const),
                detail: { organisation: organisation.enterpriseCode, from: organisation.status, to: status },
              }),
            ]
          : []),
        ...(await following(organisation, answer)),
      ]);
    } catch (error) {
      // Another request has asked in the same moment: what it wrote is read.
      if (!(error instanceof store.AlreadyDone)) throw error;
    }
    return 'answered';
  }

  /** Whether this one carries at this moment. What is not known freshly is asked first. */
  async function judged(found: Representation, person: Subscriber | undefined): Promise<ActingFor | undefined> {
    if (!standsWithLevel2(person)) return undefined;
    const { freshMinutes, silentHours } = rules();
    let one: Representation | undefined = found;
    if (found.organisation.askedAt < ago(freshMinutes)) {
      if ((await ask(found.organisation)) === 'answered')
        one = await store.live(database, found.subscriberId, found.organisation.enterpriseCode);
      else if (found.organisation.askedAt < ago(silentHours * 60)) return undefined;
    }
    if (one?.organisation.status !== 'active') return undefined;
    const { enterpriseCode, name } = one.organisation;
    return { enterpriseCode, name, role: one.role };
  }

  return {
    async actsFor(subscriberId, enterpriseCode) {
      const found = await store.live(database, subscriberId, enterpriseCode);
      return found && judged(found, await subscribers.find(subscriberId));
    },

    async choices(subscriberId) {
      const live = (await store.ofPerson(database, subscriberId)).filter(({ endedAt }) => !endedAt);
      if (live.length === 0) return [];
      const person = await subscribers.find(subscriberId);
      const judgements = await Promise.all(live.map((one) => judged(one, person)));
      return judgements.filter((one) => one !== undefined);
    },

    representationsOf: (subscriberId, limit) => store.ofPerson(database, subscriberId, limit),

    async leave(person, representationId) {
      const mine = await store.ofPerson(database, person.id);
      const one = mine.find(({ id, endedAt }) => id === representationId && !endedAt);
      if (!one) return false;
      try {
        await writeTogether(database, await ending(one, 'own_wish', person.id));
        return true;
      } catch (error) {
        if (error instanceof store.AlreadyDone) return false;
        throw error;
      }
    },

    async askNext() {
      const due = await store.longestUnasked(database, ago(rules().freshMinutes * 4));
      return due !== undefined && (await ask(due)) === 'answered';
    },
  };
}
