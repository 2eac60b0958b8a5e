import { newId, newToken } from '../../platform/ids.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { EventDetail } from '../audit/index.ts';
import { type Evidence, originOf, type Proofing } from '../proofing/index.ts';
import { ageOn, Moved, type Subscriber } from '../subscribers/index.ts';
import { type CardQuestion, type HeldCard, isReported, judgeCard, judgeFace } from './judging.ts';
import {
  type Hindrance,
  happened,
  Overtaken,
  overtaken,
  type ReadEnd,
  type Refused,
  type RemoteParts,
  type Step,
  type Visit,
} from './parts.ts';
import { createQualifying, documentContext, type HeldDocument } from './qualifying.ts';
import { insertRemote } from './record-store.ts';
import { CARD_CHECKS, createStanding } from './standing.ts';
import * as store from './store.ts';

/** What a page asks with; `token` comes back with the answer, which is taken once. */
type Asked<More> = ({ readonly asked: true; readonly token: string } & More) | ({ readonly asked: false } & Refused);
type Taken = { readonly taken: true } | ({ readonly taken: false } & Refused);

/** Whose step, and in which session. */
export type Sitting = Pick<Visit, 'subscriber' | 'sessionKey'>;

/**
 * Proofings over the network: consent, then the card by a reader, then the face beside the chip's and the register's portrait. What
 * comes of one is a record of level 1 with a trust framework of its own, and never level 2 (decisions, "Level 2").
 */
export interface RemoteProofings {
  /** Whether there is such a thing here: the deployment has it, somebody can be asked, and the assurance policy in force knows it. */
  offered(): Promise<boolean>;
  /** Why somebody cannot begin; nothing where they can. */
  hindrance(visit: Visit): Promise<{ readonly reason: Hindrance; readonly retryAfter?: number } | undefined>;
  /** The consent: begins a sitting, in the place of any other of this person. */
  begin(visit: Visit): Promise<{ readonly begun: true } | ({ readonly begun: false } & Refused)>;
  /** The step at which this session is. */
  step(sitting: Sitting): Promise<Step | undefined>;
  askCard(sitting: Sitting): Promise<Asked<CardQuestion>>;
  takeCard(sitting: Sitting, answer: { readonly token: string; readonly read: ReadEnd }): Promise<Taken>;
  askFace(sitting: Sitting): Promise<Asked<object>>;
  /** The last step: what comes of it is written whole, or not at all. */
  takeFace(sitting: Sitting, answer: { readonly token: string; readonly picture: Buffer }): Promise<Taken>;
  /** The record that counts now, looked at anew each time. */
  current(subscriber: Subscriber): Promise<Proofing | undefined>;
  /** What ends with a recovery, as writes of it. */
  ending(subscriberId: string): ReturnType<ReturnType<typeof createQualifying>['ending']>;
  sweep(): Promise<number>;
}

const DAY = 86_400_000;
const cardContext = (subscriberId: string): string => `card ${subscriberId}`;

/** Proofings over the network on a database. */
export function createRemoteProofings(parts: RemoteParts): RemoteProofings {
  const { database, clock, sealer } = parts;
  const standing = createStanding(parts);
  const { rules, weigh, offered, hindranceOf, weakness } = standing;
  const qualifying = createQualifying(parts, standing);

  const at = ({ subscriber, sessionKey }: Sitting, step: Step): store.At => ({
    ...{ subscriberId: subscriber.id, sessionKey, step, now: clock.now() },
  });
  const forgotten = (now: Date): Date => new Date(now.getTime() - rules().forgetDays * DAY);

  async function pause(
    subscriberId: string,
  ): Promise<{ readonly reason: 'throttled'; readonly retryAfter: number } | undefined> {
    const now = clock.now();
    const until = await store.pauseUntil(database, subscriberId, now);
    return until && { reason: 'throttled', retryAfter: Math.ceil((until.getTime() - now.getTime()) / 1000) };
  }
  const over = async ({ subscriber }: Sitting): Promise<Refused> =>
    (await pause(subscriber.id)) ?? { reason: 'overtaken' };

  /** Whether this step may be taken at all: asked anew at each, since an account is locked or recovered between two pages. */
  async function hindered({ subscriber }: Sitting): Promise<Refused | undefined> {
    const reason = await hindranceOf(subscriber);
    return reason && { reason };
  }

  async function refuse(
    { subscriber }: Sitting,
    refused: Refused,
    { detail, settling = [] }: { readonly detail: EventDetail; readonly settling?: readonly Write[] },
  ): Promise<Taken> {
    await writeTogether(database, [
      ...settling,
      happened(parts, 'remote_proofing.refused', {
        ...{ subscriberId: subscriber.id, detail: { why: refused.reason, rules: rules().version, ...detail } },
      }),
    ]);
    return { taken: false, ...refused };
  }

  async function unlessOvertaken(work: () => Promise<Taken>): Promise<Taken> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Overtaken) return { taken: false, reason: 'overtaken' };
      if (error instanceof Moved) return { taken: false, reason: 'account' };
      throw error;
    }
  }

  /** Everything or nothing: the record, what it rests on, the end of the sitting, the journal and word to every address. */
  async function record(
    { subscriber }: Sitting,
    of: {
      readonly id: string;
      readonly card: HeldCard;
      readonly registerHash: string;
      readonly detail: EventDetail;
      readonly also: readonly Write[];
    },
  ): Promise<boolean> {
    const { id: subscriberId, test } = subscriber;
    const now = clock.now();
    const { card } = of;
    const evidence: Evidence[] = [
      {
        ...{ kind: 'chip_card', strength: 'superior', hash: card.sod },
        checks: [originOf(card), CARD_CHECKS[card.chip], 'face_match'],
      },
      { kind: 'register_entry', strength: 'strong', checks: ['register_match', 'face_match'], hash: of.registerHash },
    ];
    const decision = await weigh({ faceMatched: true, evidence }, ageOn(subscriber.birthdate, now));
    if (!decision) return false;
    const { policy, row } = decision;
    const proofing: Proofing = {
      ...{ id: newId(), accountLevel: 1, channel: 'remote', faceMatched: true, fingerprintsMatched: false },
      ...{ evidence, officer: 'system', policy: rules().version, decidedAt: now },
      assurance: { ...policy, row },
    };
    const { issuingState, documentNumber, sod } = card;
    const document: HeldDocument = { issuingState, documentNumber, sod };
    await writeTogether(database, [
      store.endSitting({ subscriberId, id: of.id }, overtaken),
      ...parts.subscribers.recording(subscriber, proofing, { kind: 'subscriber', id: subscriberId }),
      insertRemote(subscriberId, {
        ...{ proofingId: proofing.id, test, documentExpiresOn: card.expiresOn, decidedAt: now },
        document: sealer.seal(JSON.stringify(document), documentContext(subscriberId, proofing.id)),
      }),
      happened(parts, 'remote_proofing.completed', {
        ...{
          subscriberId,
          detail: {
            proofing: proofing.id,
            rules: proofing.policy,
            policy: policy.version,
            policy_hash: policy.hash,
            row,
            ...of.detail,
          },
        },
      }),
      ...parts.notices.queueToAll('remote_proofing_completed', await parts.reachable(subscriber), {}),
      ...of.also,
    ]);
    return true;
  }

  const hindrance: RemoteProofings['hindrance'] = async (visit) => {
    const reason = (await hindranceOf(visit.subscriber)) ?? (await weakness(visit));
    return reason ? { reason } : pause(visit.subscriber.id);
  };

  return {
    offered,
    hindrance,

    async begin(visit) {
      const against = await hindrance(visit);
      if (against) return { begun: false, ...against };
      const { subscriber, sessionKey } = visit;
      const now = clock.now();
      const expiresAt = new Date(now.getTime() + rules().sittingMinutes * 60_000);
      const sitting = { id: newId(), expiresAt, forgotten: forgotten(now) };
      const opened = await store.openSitting(database, { subscriberId: subscriber.id, sessionKey, now }, sitting);
      if (opened === 0) return { begun: false, ...(await over(visit)) };
      // The consent, by which rules.
      const detail = { rules: rules().version };
      await writeTogether(database, [
        happened(parts, 'remote_proofing.begun', { subscriberId: subscriber.id, detail }),
      ]);
      return { begun: true };
    },

    step: ({ subscriber, sessionKey }) =>
      store.stepOf(database, { subscriberId: subscriber.id, sessionKey, now: clock.now() }),

    async askCard(sitting) {
      const against = await hindered(sitting);
      if (against) return { asked: false, ...against };
      const question: CardQuestion = { session: newToken(16), challenge: newToken(8) };
      const token = newToken();
      const sealed = sealer.seal(JSON.stringify(question), cardContext(sitting.subscriber.id));
      const asked = await store.askAnew(database, at(sitting, 'card'), { token, sealed });
      return asked === 1 ? { asked: true, token, ...question } : { asked: false, ...(await over(sitting)) };
    },

    async takeCard(sitting, { token, read }) {
      const against = await hindered(sitting);
      if (against) return { taken: false, ...against };
      const { subscriber } = sitting;
      const row = await store.reserve(database, at(sitting, 'card'), { token, rules: rules() });
      if (!row?.sealed) return { taken: false, ...(await over(sitting)) };
      const here = { subscriberId: subscriber.id, id: row.id };
      const asked = JSON.parse(sealer.open(row.sealed, cardContext(subscriber.id))) as CardQuestion;
      const verdict = await judgeCard(parts, { subscriber, read, asked });
      if (!verdict.good) {
        // A reading that broke off showed nothing: it says nothing against anybody.
        if ('refused' in read) await database.execute(store.giveBack(here));
        const { refused } = verdict;
        const detail = refused.reason === 'card' ? { refusal: refused.refusal } : {};
        return refuse(sitting, refused, { detail: { step: 'card', ...detail } });
      }
      return unlessOvertaken(async () => {
        const held = sealer.seal(JSON.stringify(verdict.card), cardContext(subscriber.id));
        await writeTogether(database, [
          store.goOn(here, held, overtaken),
          happened(parts, 'remote_proofing.card_read', {
            ...{ subscriberId: subscriber.id, detail: { rules: rules().version, ...verdict.detail } },
          }),
        ]);
        return { taken: true };
      });
    },

    async askFace(sitting) {
      const against = await hindered(sitting);
      if (against) return { asked: false, ...against };
      const token = newToken();
      const asked = await store.askAnew(database, at(sitting, 'face'), { token });
      return asked === 1 ? { asked: true, token } : { asked: false, ...(await over(sitting)) };
    },

    async takeFace(sitting, { token, picture }) {
      const against = await hindered(sitting);
      if (against) return { taken: false, ...against };
      const { subscriber } = sitting;
      const row = await store.reserve(database, at(sitting, 'face'), { token, rules: rules() });
      if (!row?.sealed) return { taken: false, ...(await over(sitting)) };
      const card = JSON.parse(sealer.open(row.sealed, cardContext(subscriber.id))) as HeldCard;
      const verdict = await judgeFace(parts, { subscriber, picture, card, sitting: row.id });
      if (verdict.came === 'silent') {
        await database.execute(store.giveBack({ subscriberId: subscriber.id, id: row.id }));
        return { taken: false, reason: 'silent' };
      }
      const { settling = [] } = verdict;
      if (verdict.came === 'refused')
        return refuse(sitting, verdict.refused, { detail: { step: 'face', ...verdict.detail }, settling });
      const no = (refused: Refused, ending: readonly Write[] = []): Promise<Taken> =>
        refuse(sitting, refused, { detail: { step: 'face' }, settling: [...settling, ...ending] });
      // The comparison has taken its time: a recovery may have begun in it, and the register may have reported of the card.
      const meanwhile = await hindered(sitting);
      if (meanwhile) return no(meanwhile);
      if (await isReported(parts, subscriber, card))
        return no({ reason: 'card_reported' }, [store.breakOff(subscriber.id)]);
      return unlessOvertaken(async () => {
        const { registerHash, detail, barring } = verdict;
        const also = [...settling, ...barring];
        const recorded = await record(sitting, { id: row.id, card, registerHash, detail, also });
        return recorded ? { taken: true } : no({ reason: 'not_offered' });
      });
    },

    current: qualifying.current,
    ending: qualifying.ending,
    sweep: () => store.sweepSittings(database, clock.now(), forgotten(clock.now())),
  };
}
