export type { CheckpointKey } from './checkpoint.ts';
export { checkpointKey } from './checkpoint.ts';
export type { Actor, EventDetail, EventType, JournalEntry, JournalEvent } from './event.ts';
export { EVENT_TYPES } from './event.ts';
export type { Journal, JournalQuery } from './journal.ts';
export { createJournal } from './journal.ts';
export type { ChainFault, Verification } from './verification.ts';
export type { JournalState, Verifications } from './verifications.ts';
export { createVerifications } from './verifications.ts';
