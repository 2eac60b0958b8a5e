export type {
  Consent,
  ConsentEntry,
  ConsentText,
  Disclosure,
  DisclosureReceipt,
  Told,
  Withdrawal,
} from './consent.ts';
export { SIGN_IN } from './consent.ts';
export type { Consents, ConsentsParts, Giving } from './consents.ts';
export { CONFIRM_DAYS, createConsents } from './consents.ts';
