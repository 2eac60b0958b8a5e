export { type AskedValues, type Asking, createAskedValues, MOST_ASKED } from './asked-values.ts';
export type {
  Consent,
  ConsentEntry,
  ConsentText,
  Disclosure,
  DisclosureReceipt,
  PurposeWords,
  Told,
  Withdrawal,
  WithdrawalState,
} from './consent.ts';
export { isByHand, isOverdue, SIGN_IN, stateOf } from './consent.ts';
export type { Consents, ConsentsParts, Giving, Withdrawn } from './consents.ts';
export { createConsents } from './consents.ts';
export { stillAgreed } from './store.ts';
