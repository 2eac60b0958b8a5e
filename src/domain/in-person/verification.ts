import type { PolicyReference } from '../assurance/index.ts';
import type { InPersonClaim } from '../relying-parties/index.ts';

/**
 * Why somebody is not verified: a closed list, and the first thing that was found. None says more of a person than that this check
 * did not succeed: who is locked, who has died and whose number was cancelled are `holder_not_confirmed`, all of them.
 */
export const NOT_VERIFIED = [
  /** The reading was broken off, came too late, or was of something else. */
  'card_not_read',
  /** A copy, a forgery, or signed by nobody whom we believe. */
  'card_not_genuine',
  /** Expired, withdrawn or reported lost. */
  'card_not_valid',
  /** Nobody says today whether the card is still good. */
  'card_status_unknown',
  /** The chip has no portrait that a face can be compared with. */
  'portrait_unusable',
  /** Three pictures, and none in which a face can be compared. */
  'picture_unusable',
  'face_differs',
  /** It may be the face, but nothing shows that it was in front of the camera just now. */
  'face_not_live',
  /** Beside this card five faces were others within an hour, at whichever counter: an hour after the first of them one may be shown again. */
  'face_too_often',
  /** The population register is silent. */
  'register_silent',
  'holder_not_confirmed',
] as const;
export type NotVerified = (typeof NOT_VERIFIED)[number];

/** What a client asks. */
export interface Asked {
  /** One of the purposes that it is registered with. */
  readonly purpose: string;
  readonly claims: readonly InPersonClaim[];
  readonly nonce: string;
  /** Whether the face is compared with the portrait of the chip. */
  readonly face: boolean;
}

/** What the answer rests on. */
export interface Checks {
  /** How the chip showed that it is no copy (9303-11 §6.1 active, §6.2 chip authentication). */
  readonly card: 'active' | 'chip';
  /** Whether the card's issuer vouched for what was signed, in place of a chain to the country's authority. */
  readonly vouched: boolean;
  /** Who says that the card is good: the authority just now, or what it last said; `nobody` where two people have waived it. */
  readonly cardStatus: 'authority' | 'kept' | 'nobody';
  readonly face: boolean;
  /** Whether the population register was asked, and knows the person so. */
  readonly register: boolean;
}

/** How a verification ended. */
export type Concluded = {
  readonly clientId: string;
  readonly asked: Asked;
  readonly at: Date;
  /** The assurance policy in force. */
  readonly policy: PolicyReference;
} & (
  | {
      readonly verified: true;
      readonly checks: Checks;
      readonly claims: Readonly<Partial<Record<InPersonClaim, unknown>>>;
    }
  | { readonly verified: false; readonly reason: NotVerified }
);
