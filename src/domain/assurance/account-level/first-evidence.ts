import type { EvidenceRow } from '../policy.ts';

const DECREE = 'Decree 69/2024/ND-CP';
const OURS = 'SenID decisions: level 2';
const since = { effectiveFrom: '2024-07-01' };

/** The rows of the first policy, evidence → account level. A proofing that fulfils none carries no account. */
export const FIRST_EVIDENCE: readonly EvidenceRow[] = [
  {
    id: 'account-2.counter',
    channel: 'in_person',
    fromYears: 14,
    needs: ['validated', 'face', 'fingerprints'],
    accountLevel: 2,
    clause: 'Art. 7, Art. 10: in presence, face and fingerprints',
    source: DECREE,
    ...since,
  },
  {
    // Nobody below 6 has level 2.
    id: 'account-2.counter-ward',
    channel: 'in_person',
    fromYears: 6,
    belowYears: 14,
    needs: ['validated', 'face', 'fingerprints', 'guardian'],
    accountLevel: 2,
    clause: 'Art. 7, Art. 10: from 6 years, in presence with a guardian',
    source: DECREE,
    ...since,
  },
  {
    // Off in the Vietnamese profile; the database takes no such record either (`level_2_in_presence`).
    id: 'account-2.remote',
    channel: 'remote',
    fromYears: 14,
    needs: ['validated', 'genuine-chip', 'face'],
    accountLevel: 2,
    off: true,
    clause: 'the remote channel never yields account level 2',
    source: OURS,
    ...since,
  },
  {
    // Somebody without fingerprints that can be compared, for one.
    id: 'account-1.counter',
    channel: 'in_person',
    fromYears: 14,
    needs: ['validated', 'face'],
    accountLevel: 1,
    clause: 'Art. 7, Art. 10: matches the register',
    source: DECREE,
    ...since,
  },
  {
    id: 'account-1.online',
    channel: 'remote',
    fromYears: 14,
    needs: ['validated', 'telephone', 'face'],
    accountLevel: 1,
    clause: 'Art. 7, Art. 11: register, telephone of one’s own, portrait',
    source: DECREE,
    ...since,
  },
  {
    id: 'account-1.ward',
    belowYears: 14,
    needs: ['validated', 'guardian'],
    accountLevel: 1,
    clause: 'Art. 7, Art. 11: through the account of a guardian',
    source: DECREE,
    ...since,
  },
];

/** The rows by which somebody is proofed who shows a card. */
const WITH_CARD = ['account-2.counter', 'account-2.counter-ward', 'account-2.remote', 'account-1.counter'];
/** Where its country publishes no certificates; which of the two it was stands in the record. */
const VOUCHED = '; a card on its issuer’s word is validated as one with a chain is';

/** Through the guardian of an adult, and on whose word a card counts, since version 2026-01-01.1. */
export const EVIDENCE: readonly EvidenceRow[] = [
  ...FIRST_EVIDENCE.map((row) => (WITH_CARD.includes(row.id) ? { ...row, clause: row.clause + VOUCHED } : row)),
  {
    // Whom a court has declared without, or with limited, capacity; who is a guardian so is asked of the register before this row is.
    id: 'account-1.adult-ward',
    fromYears: 14,
    needs: ['validated', 'guardian'],
    accountLevel: 1,
    clause: 'Art. 7, Art. 10: a person under guardianship, through the account of the guardian',
    source: DECREE,
    ...since,
  },
];
