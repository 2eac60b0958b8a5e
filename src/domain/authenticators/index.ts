/** Front door: authenticators, from binding to verdict. */
export type { BindRejection, FaceRefusal, OutgoingMessage, Rejection, SubscriberToBind, Verdict } from './adapter.ts';
export type { ChipCardBinding, ChipCardRequest, ChipCardResponse } from './adapters/chip-card.ts';
export { whomToBind } from './adapters/own-data.ts';
export type { PasskeyBinding } from './adapters/passkey-wire.ts';
export { inGroups, isPrinted, PRINTED_LENGTH, plainCode, printedCode } from './adapters/printed-alphabet.ts';
export { createAuthenticators } from './authenticators.ts';
export { FORM_SECONDS, STEP_UP_SECONDS } from './authority.ts';
export { isReplayed } from './parts.ts';
export type { AskedForPasskey, BoundPasskey, PasskeyHost, PasskeyOwner, PasskeyVerdict } from './passkey-host.ts';
export { createPasskeyHost } from './passkey-host.ts';
export { defaultLimits, type Limits } from './throttles/limits.ts';
export type {
  Answer,
  Authenticator,
  AuthenticatorChange,
  Authenticators,
  AuthenticatorsOptions,
  Authority,
  Begun,
  ChangeBegun,
  Ending,
  Opening,
  Ready,
  StepUp,
  UnbindRejection,
} from './types.ts';
