/** The front door: people who stand at a relying party's counter, checked by card and face. See README.md. */
export type { NotOpened, Opened } from './opening.ts';
export { type InPersonParts, LIFETIME, PICTURES } from './parts.ts';
export { type Asked, type Checks, type Concluded, NOT_VERIFIED, type NotVerified } from './verification.ts';
export {
  type CardState,
  createInPersonVerifications,
  type InPersonVerifications,
  type NoResult,
} from './verifications.ts';
