import {
  type AccountLevel,
  ASSURANCE_POLICY,
  type AuthenticatorKind,
  createAssuranceContexts,
  type DemandRequest,
  demandOf,
  evaluate,
  type Outcome,
  type Policy,
  type Proof,
} from '../../../../src/domain/assurance/index.ts';

export const contexts = createAssuranceContexts({ issuer: 'https://id.example', sandbox: false });
export const acr = contexts.acr;
export const NOW = Date.parse('2026-03-02T08:00:00Z') / 1000;

/** One proof of each sort, `age` seconds ago. */
export const proven = {
  password: (age = 0): Proof => ({ kind: 'password', at: NOW - age, authenticatorId: 'password' }),
  shortPassword: (age = 0): Proof => ({
    kind: 'password',
    at: NOW - age,
    authenticatorId: 'short-password',
    short: true,
  }),
  totp: (age = 0): Proof => ({ kind: 'totp', at: NOW - age, authenticatorId: 'totp' }),
  sms: (age = 0): Proof => ({ kind: 'message-otp', at: NOW - age, authenticatorId: 'sms' }),
  passkey: (age = 0): Proof => ({
    kind: 'passkey',
    at: NOW - age,
    authenticatorId: 'passkey',
    userVerified: true,
  }),
  securityKey: (age = 0): Proof => ({
    kind: 'passkey',
    at: NOW - age,
    authenticatorId: 'security-key',
    userVerified: false,
  }),
  card: (age = 0): Proof => ({ kind: 'chip-card', at: NOW - age, authenticatorId: 'card', chip: 'chip' }),
  face: (age = 0): Proof => ({ kind: 'face', at: NOW - age, authenticatorId: 'face', pad: 'evaluated' }),
  // Worth nothing:
  cardRead: (age = 0): Proof => ({ kind: 'chip-card', at: NOW - age, authenticatorId: 'card-read' }),
  photograph: (age = 0): Proof => ({ kind: 'face', at: NOW - age, authenticatorId: 'photograph', pad: 'basic' }),
  selfie: (age = 0): Proof => ({ kind: 'face', at: NOW - age, authenticatorId: 'selfie' }),
  email: (age = 0): Proof => ({ kind: 'message-otp', at: NOW - age, authenticatorId: 'email', channel: 'email' }),
  recovery: (age = 0): Proof => ({ kind: 'recovery-code', at: NOW - age, authenticatorId: 'recovery' }),
} as const;

export type Sort = keyof typeof proven;
export const SORTS = Object.keys(proven) as Sort[];

export interface Case extends Partial<DemandRequest> {
  proofs: readonly Proof[];
  accountLevel?: AccountLevel;
  usable?: readonly AuthenticatorKind[];
  policy?: Policy;
  now?: number;
}

/** Evaluates a request; level 2, no floors and a strict client unless said otherwise. */
export const answer = ({
  proofs,
  accountLevel = 2,
  usable = [],
  policy = ASSURANCE_POLICY,
  now = NOW,
  ...request
}: Case): Outcome =>
  evaluate({
    demand: demandOf({ voluntary: false, floors: [], ...request }, contexts),
    accountLevel,
    usable,
    proofs,
    now,
    policy,
  });

/** What proofs reach when nothing particular is asked. */
export const reach = (...proofs: Proof[]) => answer({ proofs }).reached;
