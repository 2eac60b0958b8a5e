export type { Consent, ConsentEntry, ConsentText, Disclosure, DisclosureReceipt } from './consent.ts';
export { SIGN_IN } from './consent.ts';
export type { Consents, ConsentsParts, Giving } from './consents.ts';
export { createConsents } from './consents.ts';
