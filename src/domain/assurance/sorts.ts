import type { Facet } from './policy.ts';
import { matches, type Proof, type Shown, type ShownPattern } from './proofs.ts';

/** One sort of thing that can be shown to us, and the most that any policy may let it be worth. */
export interface Sort {
  readonly name: string;
  /** What tells it from the other sorts; what is not named may be anything. */
  readonly shown: ShownPattern;
  readonly most: readonly Facet[];
}

const POSSESSION = ['possession', 'unrestricted-possession'] as const;

/**
 * Every sort there is, with its ceiling: the decisions on what each proof is worth that no vote changes. A policy may let
 * something be worth less. What a person reads off a card or out of a mailbox is no proof of anything, whoever agrees on it.
 */
export const SORTS: readonly Sort[] = [
  { name: 'password', shown: { kind: 'password', short: false }, most: ['knowledge', 'lone-knowledge'] },
  // 800-63B-4 §3.1.1.2: only beside another factor.
  { name: 'short password', shown: { kind: 'password', short: true }, most: ['knowledge'] },
  { name: 'TOTP', shown: { kind: 'totp' }, most: POSSESSION },
  // §3.1.3.3, §3.2.9: a restricted authenticator.
  { name: 'SMS', shown: { kind: 'message-otp', channel: 'sms' }, most: ['possession'] },
  {
    name: 'passkey with user verification',
    shown: { kind: 'passkey', userVerified: true },
    // Its flag is no knowledge that we verified, and no biometric that we compared.
    most: [...POSSESSION, 'local-verification', 'phishing-resistance'],
  },
  {
    name: 'passkey without user verification',
    shown: { kind: 'passkey', userVerified: false },
    most: [...POSSESSION, 'phishing-resistance'],
  },
  // The answer of a card can be relayed.
  { name: 'genuine chip', shown: { kind: 'chip-card', chip: 'genuine' }, most: [...POSSESSION, 'genuine-chip'] },
  { name: 'face', shown: { kind: 'face', pad: 'evaluated' }, most: ['biometric'] },
  { name: 'face with basic PAD', shown: { kind: 'face', pad: 'basic' }, most: [] },
  { name: 'face without PAD', shown: { kind: 'face', pad: 'none' }, most: [] },
  { name: 'chip read passively', shown: { kind: 'chip-card', chip: 'passive' }, most: [] },
  { name: 'e-mail message', shown: { kind: 'message-otp', channel: 'email' }, most: [] },
  { name: 'e-mail code', shown: { kind: 'email-code' }, most: [] },
  { name: 'recovery code', shown: { kind: 'recovery-code' }, most: [] },
  { name: 'card access number', shown: { kind: 'card-access-number' }, most: [] },
  { name: 'machine readable zone', shown: { kind: 'machine-readable-zone' }, most: [] },
  { name: 'QR text', shown: { kind: 'qr-text' }, most: [] },
];

/** Whether something of this sort can match a row's pattern. */
export const canBe = ({ shown }: Sort, pattern: ShownPattern): boolean =>
  matches({ ...pattern, ...shown } as Shown, pattern);

/** A proof of this sort. */
export const proofOf = ({ name, shown }: Pick<Sort, 'name' | 'shown'>, at: number): Proof => ({
  ...{ kind: shown.kind as Proof['kind'], at, authenticatorId: name },
  ...{ short: shown.short, userVerified: shown.userVerified, pad: shown.pad, channel: shown.channel },
  chip: shown.chip === 'genuine' ? 'chip' : undefined,
  keyStorage: shown.keyStorage === 'unknown' ? undefined : shown.keyStorage,
});
