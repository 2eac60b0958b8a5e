import type { RepresentativeRole } from '../registry/index.ts';

/** Where an application goes from where it is (domain model 8b). The database says the same. */
export const STEPS = {
  SUBMITTED: ['CHECKING', 'REFUSED', 'WITHDRAWN'],
  CHECKING: ['APPROVED', 'REFUSED', 'WITHDRAWN'],
  APPROVED: [],
  REFUSED: [],
  WITHDRAWN: [],
} as const satisfies Record<string, readonly string[]>;
export type State = keyof typeof STEPS;

/** Whether nothing more becomes of it. */
export const isDecided = (state: State): boolean => STEPS[state].length === 0;

/** Why it is refused; the applicant reads all of it: whoever is listed for an organisation may know how it stands. */
export const REASONS = [
  'not_in_register',
  'dissolved',
  'suspended',
  'not_representative',
  'level',
  'declined',
  'no_consent',
] as const;
export type Reason = (typeof REASONS)[number];

/** What it waits for: the register's answer, its registration there, or co-representatives. */
export type WaitingFor = 'register' | 'registration' | 'consents';

/** Whose consent is asked. `numberHash`: hexadecimal; who it is stands nowhere in the open. */
export interface Asked {
  readonly numberHash: string;
  readonly fullName: string;
  readonly role: RepresentativeRole;
}

/** What the register answered, as far as the application goes by it. Sealed at rest. */
export interface Known {
  readonly name: string;
  readonly asked: readonly Asked[];
}

/** What a co-representative answered. */
export interface ConsentAnswer {
  readonly numberHash: string;
  readonly answer?: 'given' | 'declined';
  readonly subscriberId?: string;
  readonly answeredAt?: Date;
}

/** An application as this folder sees it. */
export interface Application {
  readonly id: string;
  readonly reference: string;
  readonly enterpriseCode: string;
  readonly subscriberId: string;
  readonly state: State;
  readonly reason?: Reason;
  readonly revision: number;
  readonly policy: string;
  readonly submittedAt: Date;
  readonly dueAt: Date;
  readonly answerBefore?: Date;
  readonly silences: number;
  readonly waitingFor?: WaitingFor;
  readonly known?: Known;
  readonly decidedAt?: Date;
}
