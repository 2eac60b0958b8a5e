export type { AccountLink, AccountLinks } from './account-links.ts';
export { createAccountLinks } from './account-links.ts';
