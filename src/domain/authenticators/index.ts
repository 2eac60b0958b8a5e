/** Front door: authenticators, from binding to verdict. */
export type { BindRejection, OutgoingMessage, Rejection, SubscriberToBind, Verdict } from './adapter.ts';
export { createAuthenticators } from './authenticators.ts';
export { defaultLimits, type Limits } from './limits.ts';
export type {
  Answer,
  Authenticator,
  AuthenticatorChange,
  Authenticators,
  AuthenticatorsOptions,
  Authority,
  Begun,
  Opening,
  Ready,
  UnbindRejection,
} from './types.ts';
