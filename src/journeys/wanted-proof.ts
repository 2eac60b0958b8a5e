import { STEP_UP_SECONDS, type StepUp } from '../domain/authenticators/index.ts';

/** What a page of ours asks of the sign-in that it sends somebody to. */
export interface WantedProof {
  readonly authenticationLevel: number;
  /** Seconds that a proof may be old. */
  readonly maxAge: number;
  /** With a strong proof. */
  readonly strong?: boolean;
  /** Of an account of level 2: what an organisation or a ward is bound by. */
  readonly accountLevel?: 2;
}

/** What a change of an account asks for (SP 800-63B-4 §4.1). */
export const wantedFor = ({ authenticationLevel, strong }: StepUp): WantedProof => ({
  ...{ authenticationLevel, strong, maxAge: STEP_UP_SECONDS },
});
