import { afterDays, afterWorkingDays } from '../../platform/plain-values/working-days.ts';

/** What somebody may ask about their data (Personal Data Protection Law 91/2025 Art. 4(1)); withdrawing has a page of its own. */
export const DATA_REQUEST_KINDS = ['access', 'copy', 'rectify', 'restrict', 'object', 'erase'] as const;
export type DataRequestKind = (typeof DATA_REQUEST_KINDS)[number];

/** What a correction is about, as the population register tells them apart. */
export const CORRECTION_SUBJECTS = ['name', 'birthdate', 'gender', 'address', 'nationality', 'other'] as const;
export type CorrectionSubject = (typeof CORRECTION_SUBJECTS)[number];

/** How a request ends. */
export const DATA_REQUEST_OUTCOMES = ['granted', 'partly', 'refused'] as const;
export type DataRequestOutcome = (typeof DATA_REQUEST_OUTCOMES)[number];

/** A request with its clocks. What was typed is opened here and sealed in the table. */
export interface DataRequest {
  readonly id: string;
  /** What people say aloud. */
  readonly number: number;
  readonly subscriberId: string;
  readonly kind: DataRequestKind;
  readonly subject?: CorrectionSubject;
  readonly statement: string;
  readonly receivedAt: Date;
  readonly acknowledgeBy: Date;
  readonly acknowledgedAt?: Date;
  readonly decideBy: Date;
  /** Once. */
  readonly extension?: { readonly at: Date; readonly reason: string };
  readonly decision?: {
    readonly outcome: DataRequestOutcome;
    readonly reason: string;
    readonly at: Date;
    /** An operator; missing where the rules decide by themselves. */
    readonly by?: string;
  };
  /** A correction, once the register has taken it. */
  readonly handedOver?: { readonly at: Date; readonly caseNumber: string };
}

/**
 * The law's clocks, as they stand on 27 November 2026 (Decree 356/2025; domain.md §5: A for the two working days and the 15 days,
 * B for 20 where others who hold the data have to act, and for one extension of 15).
 */
export const CLOCKS = { acknowledge: 2, decide: 15, decideWithOthers: 20, extend: 15 } as const;

/** Kinds that others have to act on too: those who got the data, or the register that it came from. */
const WITH_OTHERS: readonly DataRequestKind[] = ['rectify', 'restrict', 'object', 'erase'];

/** By when a request that comes in at this moment is acknowledged and decided. */
export const clocksOf = (kind: DataRequestKind, receivedAt: Date): Pick<DataRequest, 'acknowledgeBy' | 'decideBy'> => ({
  acknowledgeBy: afterWorkingDays(receivedAt, CLOCKS.acknowledge),
  decideBy: afterDays(receivedAt, WITH_OTHERS.includes(kind) ? CLOCKS.decideWithOthers : CLOCKS.decide),
});

/** The new end when a request is extended: counted from the old one. */
export const extended = (decideBy: Date): Date => afterDays(decideBy, CLOCKS.extend);

/** What is late, at this moment. Lateness is a fact about a request and no state of it. */
export const overdueOf = (request: DataRequest, now: Date): 'acknowledgement' | 'decision' | undefined => {
  if (request.decision) return undefined;
  if (request.decideBy < now) return 'decision';
  return !request.acknowledgedAt && request.acknowledgeBy < now ? 'acknowledgement' : undefined;
};
