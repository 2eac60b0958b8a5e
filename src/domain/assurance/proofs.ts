/** The kinds of authenticator that can be bound to an account. */
export type AuthenticatorKind =
  | 'password'
  | 'passkey'
  | 'totp'
  | 'message-otp'
  | 'recovery-code'
  | 'chip-card'
  | 'face';

export const AUTHENTICATOR_KINDS: readonly AuthenticatorKind[] = [
  'password',
  'passkey',
  'totp',
  'message-otp',
  'recovery-code',
  'chip-card',
  'face',
];

/** How a face was protected against presentation attacks (ISO/IEC 30107-3): only `evaluated` was measured by a laboratory. */
export type PresentationAttackDetection = 'none' | 'basic' | 'evaluated';

/**
 * One thing that was proven, and when. Whatever is left out counts as not proven: a passkey without `userVerified` was
 * not verified, a card without `chip` was read but may be a copy, a face without `pad` may be a photograph.
 */
export interface Proof {
  readonly kind: AuthenticatorKind;
  /** Seconds since 1970; a fraction is allowed. */
  readonly at: number;
  readonly authenticatorId: string;
  /** Passkey: the UV flag (WebAuthn Level 3 §6.1). */
  readonly userVerified?: boolean | undefined;
  /** Password: so short that it counts beside a second factor only (NIST SP 800-63B-4 §3.1.1.2). */
  readonly short?: boolean | undefined;
  /** Passkey: where its key is known to live; only for `amr`, it never raises a level. */
  readonly keyStorage?: 'hardware' | 'software' | undefined;
  /** Chip card: how the chip showed that it is no copy (ICAO 9303-11 §6.1 active, §6.2 chip authentication). */
  readonly chip?: 'active' | 'chip' | undefined;
  /** Face: the presentation attack detection of the comparison. */
  readonly pad?: PresentationAttackDetection | undefined;
  /** One-time code: where it was sent; SMS unless said otherwise. */
  readonly channel?: 'sms' | 'email' | undefined;
}

/** What may be shown to us without being an authenticator; the policy says what it is worth, which is nothing. */
export type ShownKind = 'email-code' | 'card-access-number' | 'machine-readable-zone' | 'qr-text';

/** A proof as the policy's rows match it: every detail stated, the lesser one where none was given. */
export interface Shown {
  readonly kind: AuthenticatorKind | ShownKind;
  readonly short: boolean;
  readonly userVerified: boolean;
  readonly keyStorage: 'hardware' | 'software' | 'unknown';
  readonly chip: 'genuine' | 'passive';
  readonly pad: PresentationAttackDetection;
  readonly channel: 'sms' | 'email';
}

/** What a row of the policy is about. */
export type ShownPattern = Pick<Shown, 'kind'> & Partial<Shown>;

/** States every detail of a proof. */
export const shownBy = (proof: Proof): Shown => ({
  kind: proof.kind,
  short: proof.short === true,
  userVerified: proof.userVerified === true,
  keyStorage: proof.keyStorage ?? 'unknown',
  chip: proof.chip === 'active' || proof.chip === 'chip' ? 'genuine' : 'passive',
  pad: proof.pad ?? 'none',
  channel: proof.channel ?? 'sms',
});

/** Whether every detail that the pattern names is so. */
export const matches = (shown: Shown, pattern: ShownPattern): boolean =>
  (Object.keys(pattern) as (keyof Shown)[]).every((detail) => shown[detail] === pattern[detail]);

/** The best proof that a kind of authenticator can give: what "the person could still prove" means. */
export const bestProofOf = (kind: AuthenticatorKind, at: number): Proof => ({
  kind,
  at,
  authenticatorId: '',
  ...(kind === 'passkey' ? { userVerified: true } : {}),
  ...(kind === 'chip-card' ? { chip: 'chip' as const } : {}),
  ...(kind === 'face' ? { pad: 'evaluated' as const } : {}),
});
