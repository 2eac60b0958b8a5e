import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import { hasExpired, type Proofing, proofingRecord } from '../proofing/index.ts';
import { ageOn, type Subscriber } from '../subscribers/index.ts';
import { type HeldCard, isReported } from './judging.ts';
import { happened, Overtaken, overtaken, type RemoteParts } from './parts.ts';
import { type EndedGround, endRemote, lastRemote, type RemoteRow } from './record-store.ts';
import type { Standing } from './standing.ts';
import { breakOff } from './store.ts';

/** The document that a record rests on. */
export type HeldDocument = Pick<HeldCard, 'issuingState' | 'documentNumber' | 'sod'>;

/** Names the place of a sealed document. */
export const documentContext = (subscriberId: string, proofingId: string): string =>
  `document ${subscriberId} ${proofingId}`;

/**
 * Whether somebody's remote proofing still counts, asked each time it would be used: the policy that made it is believed or today's
 * carries it, its card has not had its last day, the register has reported nothing against it, and its authority calls it good. What
 * ceased to count never counts again.
 */
export function createQualifying(parts: RemoteParts, { weigh }: Pick<Standing, 'weigh'>) {
  const { database, clock, sealer } = parts;

  async function against(
    person: Subscriber,
    record: Proofing,
    row: RemoteRow,
  ): Promise<EndedGround | 'unknown' | undefined> {
    const now = clock.now();
    if (hasExpired({ expiryDate: row.documentExpiresOn }, now)) return 'card_expired';
    const { withdrawn } = await parts.assurance();
    const age = ageOn(person.birthdate, record.decidedAt);
    const isBelieved = record.assurance !== undefined && !withdrawn.includes(record.assurance.version);
    if (!isBelieved && (await weigh(record, age)) === undefined) return 'policy_withdrawn';
    const document = JSON.parse(sealer.open(row.document, documentContext(person.id, record.id))) as HeldDocument;
    const { issuingState, documentNumber, sod: sodSha256 } = document;
    if (await isReported(parts, person, document)) return 'card_refused';
    const { status, refusal } = await parts.documentStatuses.check({ issuingState, documentNumber, sodSha256 }, now);
    if (refusal?.code === 'document.expired') return 'card_expired';
    if (refusal && refusal.code !== 'document.status_unknown') return 'card_refused';
    return status === 'valid' && !refusal ? undefined : 'unknown';
  }

  const ended = (subscriberId: string, proofingId: string, ground: EndedGround): Write[] => [
    { statement: endRemote(subscriberId, proofingId, { ground, now: clock.now() }), lost: overtaken },
    happened(parts, 'remote_proofing.ended', {
      subscriberId,
      by: { kind: 'system' },
      detail: { proofing: proofingId, ground },
    }),
  ];

  async function end(person: Subscriber, proofingId: string, ground: EndedGround): Promise<void> {
    try {
      await writeTogether(database, [
        ...ended(person.id, proofingId, ground),
        ...parts.notices.queueToAll('remote_proofing_ended', await parts.reachable(person), {}),
      ]);
    } catch (error) {
      // Another request has just done the same.
      if (!(error instanceof Overtaken)) throw error;
    }
  }

  return {
    /** The record that counts at this moment; what counts no more is ended by being looked at. */
    async current(person: Subscriber): Promise<Proofing | undefined> {
      if (!parts.on || person.state !== 'active' || person.reproofingRequiredSince) return undefined;
      const row = await lastRemote(database, person.id);
      if (!row || row.endedGround !== null) return undefined;
      const [record, base] = await Promise.all([
        proofingRecord(database, person.id, row.proofingId),
        parts.subscribers.proofing(person.id),
      ]);
      // Somebody was met in presence since: whoever had the account before may have been another.
      const overtakenBy = base?.channel === 'in_person' && record && base.decidedAt >= record.decidedAt;
      if (!record || overtakenBy) return undefined;
      const ground = await against(person, record, row);
      if (ground !== undefined && ground !== 'unknown') await end(person, record.id, ground);
      return ground === undefined ? record : undefined;
    },

    /** A recovery: whoever has the account now is not known to be who was proofed. Writes of the act that completes it. */
    async ending(subscriberId: string): Promise<Write[]> {
      const row = await lastRemote(database, subscriberId);
      return [
        breakOff(subscriberId),
        ...(row?.endedGround === null ? ended(subscriberId, row.proofingId, 'recovery') : []),
      ];
    },
  };
}
