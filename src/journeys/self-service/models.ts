import type { AnewGround } from '../../domain/subscribers/index.ts';
import type { FieldErrors } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { defineView } from '../../platform/views.ts';
import type { CardReading } from '../card-reading.ts';
import type { Device } from './activity/device.ts';
import type { PostForm } from './page-parts.ts';
import type { UnderWay } from './recovery/models.ts';

/** What each page of "My account" shows. Nothing is optional: what is not there is `null`. */

/** A form of ours, as on the pages of an interaction; journeys do not import one another. */
interface Form {
  readonly action: string;
  readonly csrf: string;
  readonly errors: FieldErrors;
}

/** One authenticator as a card. */
export interface AuthenticatorCard {
  readonly id: string;
  readonly kind: 'password' | 'passkey' | 'totp' | 'message-otp' | 'recovery-code' | 'chip-card' | 'face';
  /** The name the person gave it, or `null`: then its provider or its kind is the heading. */
  readonly name: string | null;
  /** Whose passkey this is by its AAGUID (`providerName`): display only, it proves nothing. */
  readonly provider: string | null;
  readonly createdAt: Date;
  /** Where it was bound, as far as it is known. */
  readonly bound: 'account' | 'office' | 'opening' | null;
  readonly lastUsedAt: Date | null;
  /** With which browser, when the last sign-ins tell. */
  readonly lastUsedOn: Device | null;
  /** Passkeys: kept in a synchronised account, or on this device alone. */
  readonly place: 'synced' | 'unsynced' | 'device' | null;
  /** Last three digits of the telephone that codes go to. */
  readonly ending: string | null;
  /** The last figures of a card's number, and its last day (ISO 8601). */
  readonly card: { readonly ending: string; readonly expiresOn: string } | null;
  readonly status: 'active' | 'disabled';
  readonly renameUrl: string | null;
  readonly removeUrl: string | null;
  /** Where another one takes its place. */
  readonly changeUrl: string | null;
}

/** My account, where it begins. The form is `sign-out`: button `sign-out`, posts `csrf`. */
export interface Account extends Form {
  readonly name: string;
  /** Already masked: `097 ••• ••2345`. */
  readonly identityNumber: string | null;
  readonly accountLevel: 1 | 2;
  readonly hasPasskey: boolean;
  /** Why level 2 is to be proven anew: `account.reproofing.<why>`. */
  readonly reproofing: AnewGround | null;
  readonly addPasskeyUrl: string;
  /** Where people prove from home who they are; `null` where there is no such thing. */
  readonly remoteUrl: string | null;
  readonly lastSignInAt: Date | null;
  /** `null` where nobody says who acts for an organisation. */
  readonly organisationsUrl: string | null;
  /** Recoveries that somebody has begun. */
  readonly recoveries: readonly UnderWay[];
  readonly notice: Message | null;
}
export const accountPage = defineView<Account>('self-service/account', 'account.title');

/** How I sign in. */
export interface Methods {
  readonly authenticators: readonly AuthenticatorCard[];
  readonly addPasskeyUrl: string;
  readonly addCardUrl: string;
  readonly addPasswordUrl: string;
  readonly addAppUrl: string;
  /** `null` where there is one, or none can be compared here. */
  readonly addFaceUrl: string | null;
  readonly contactsUrl: string;
  /** What has just happened: `account.notice.passkey-added`, `.card-added`, `.renamed`, `.removed`, `.out-of-reach` and so on. */
  readonly notice: Message | null;
  /** Where somebody goes on who cannot reach what a change asks for any more. */
  readonly recoverUrl: string | null;
}
export const methodsPage = defineView<Methods>('self-service/methods', 'methods.title');

/** What a lock does. Buttons `continue`, `cancel`. */
export interface Lock {
  readonly form: PostForm;
  readonly accountLevel: 1 | 2;
}
export const lockPage = defineView<Lock>('self-service/lock', 'lock.title');
export const lockedPage = defineView<object>('self-service/locked', 'locked.title');

/** Posts `csrf`, `challenge`, `response` (JSON) and `name`. */
export interface AddPasskey extends Form {
  readonly challengeId: string;
  /** `PublicKeyCredentialCreationOptionsJSON`. */
  readonly options: object;
  readonly name: string;
  readonly backUrl: string;
}
export const addPasskeyPage = defineView<AddPasskey>('self-service/add-passkey', 'add-passkey.title', [
  'passkey-register.js',
]);

/** Waits for the person's own card; as the page of an interaction does. */
export interface AddCard extends Form {
  readonly notice: Message | null;
  readonly reading: CardReading;
  readonly backUrl: string;
}
export const addCardPage = defineView<AddCard>('self-service/add-card', 'add-card.title', ['card-reading.js']);

/** `name`, buttons `continue`, `cancel`. */
export interface Rename extends Form {
  readonly begun: string;
  readonly authenticator: AuthenticatorCard;
  readonly name: string;
}
export const renamePage = defineView<Rename>('self-service/rename', 'rename.title');

/** Buttons `continue`, `cancel`. */
export interface Remove extends Form {
  readonly authenticator: AuthenticatorCard;
  /** Set when this is the last proof that reaches what the person can reach now. */
  readonly lastStrong: boolean;
  /** It cannot be removed before another one is there: a level 2 account stands on a strong proof. */
  readonly mustStay: string | null;
  readonly addPasskeyUrl: string;
}
export const removePage = defineView<Remove>('self-service/remove', 'remove.title');
