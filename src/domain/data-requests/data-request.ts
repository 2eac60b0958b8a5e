import { endOfTerm } from '../legal-terms/index.ts';

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

/** By when a request that comes in at this moment is acknowledged and decided. */
export const clocksOf = (kind: DataRequestKind, receivedAt: Date): Pick<DataRequest, 'acknowledgeBy' | 'decideBy'> => ({
  acknowledgeBy: endOfTerm('data_request.acknowledge', receivedAt),
  decideBy: endOfTerm(`data_request.decide.${kind}`, receivedAt),
});

/** The new end when a request is extended: counted from the old one, by the law under which it came in. */
export const extended = ({ decideBy, receivedAt }: Pick<DataRequest, 'decideBy' | 'receivedAt'>): Date =>
  endOfTerm('data_request.extend', decideBy, receivedAt);

/** What is late, at this moment. Lateness is a fact about a request and no state of it. */
export const overdueOf = (request: DataRequest, now: Date): 'acknowledgement' | 'decision' | undefined => {
  if (request.decision) return undefined;
  if (request.decideBy < now) return 'decision';
  return !request.acknowledgedAt && request.acknowledgeBy < now ? 'acknowledgement' : undefined;
};
