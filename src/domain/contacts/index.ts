/** Front door: the telephone and the mailbox of an account, changed by its holder. See README.md. */
export { type ContactRejection, type Contacts, createContacts } from './contacts.ts';
