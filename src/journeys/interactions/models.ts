import type { FieldErrors } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { defineView } from '../../platform/views.ts';
import type { CardReading } from '../card-reading.ts';

/**
 * What each page of an interaction shows. Routes fill these; templates in `views/interactions` read nothing else.
 * Nothing is optional: what is not there is `null`, so that a forgotten property is a type error.
 */

/** Who asks. It stands on top of every page of an interaction. */
export interface RelyingPartyCard {
  /** In the language of the page. */
  readonly name: string;
  /** What it is for, as a verb phrase in the language of the page: "làm thủ tục chuyến bay", "check in for a flight". */
  readonly purpose: string;
  /** Two letters. */
  readonly mark: string;
  /** `#rrggbb`; anything else is drawn in the brand colour. */
  readonly colour: string;
}

/** A form of ours: where it posts, the token of `csrf.token`, and what to say beside its fields. */
export interface Form {
  readonly action: string;
  readonly csrf: string;
  readonly errors: FieldErrors;
}

/** A form on a page of an interaction. */
export interface InteractionForm extends Form {
  /** `null` when the person signs in to their own account pages. */
  readonly relyingParty: RelyingPartyCard | null;
  /** Something to say on top of the page, for example that the other prompt was cancelled. */
  readonly notice: Message | null;
}

/** What a passkey prompt of the browser needs. It posts `csrf`, `challenge` and `response` (JSON). */
export interface PasskeyPrompt {
  readonly action: string;
  readonly csrf: string;
  readonly challengeId: string;
  /** `PublicKeyCredentialRequestOptionsJSON` or `PublicKeyCredentialCreationOptionsJSON`. */
  readonly options: object;
}

/** One way to go on. `kind` is the value of the button that is pressed (`name="kind"`). */
export interface Way {
  readonly kind: 'password' | 'passkey' | 'totp' | 'message-otp' | 'recovery-code' | 'chip-card' | 'face';
  /** What distinguishes this one, already safe to show: the last three digits of a telephone, an authenticator's name. */
  readonly detail: Message | null;
}

/** `identifier`, buttons `continue`, `cancel`; or the passkey form. */
export interface SignIn extends InteractionForm {
  /** Account level that is asked for; `null` when none above 1 is. */
  readonly level: 1 | 2 | null;
  /** Text of the "why" box: what the relying party needs this level for. */
  readonly why: Message | null;
  /** What was entered before, to be shown again. */
  readonly identifier: string;
  readonly passkey: PasskeyPrompt | null;
  /** Whether the page can be left towards the relying party (`cancel`). */
  readonly cancellable: boolean;
  /** Where somebody without an account makes one; `null` where nobody can online. */
  readonly signUpUrl: string | null;
}
export const signInPage = defineView<SignIn>('interactions/sign-in', 'sign-in.title', ['passkey-sign-in.js']);

/** `password`, buttons `continue`, `back`, and `other` when there are other ways. */
export interface Password extends InteractionForm {
  /** As the person typed it; shown, and given to password managers. */
  readonly identifier: string;
  readonly otherWays: boolean;
}
export const passwordPage = defineView<Password>('interactions/password', 'password.title', ['show-password.js']);

/** `code` from an authenticator app, buttons `continue`, `other`, `cancel`. */
export interface OneTimeCode extends InteractionForm {
  readonly otherWays: boolean;
}
export const oneTimeCodePage = defineView<OneTimeCode>('interactions/one-time-code', 'one-time-code.title');

/** `code` that was sent, buttons `continue`, `resend`, `other`, `cancel`. */
export interface MessageCode extends InteractionForm {
  /** Last three digits of the telephone. */
  readonly ending: string;
  /** Minutes for which the code holds. */
  readonly minutes: number;
  /** Seconds until another may be sent; 0 when it may be sent now. */
  readonly resendIn: number;
  readonly otherWays: boolean;
}
export const messageCodePage = defineView<MessageCode>('interactions/message-code', 'message-code.title');

/** Buttons `kind=<way>`, `cancel`. */
export interface Choose extends InteractionForm {
  readonly ways: readonly Way[];
}
export const choosePage = defineView<Choose>('interactions/choose', 'choose.title');

/** Why more is needed, and the ways to give it. Buttons `kind=<way>`, `cancel`. */
export interface StepUp extends InteractionForm {
  /** Authentication level that is asked for. */
  readonly level: 1 | 2 | 3 | 4;
  /** Key of the sentence that says what is missing: `step-up.why.second-factor`, `.strong`, `.phishing-resistant`, `.fresh`, `.account`. */
  readonly why: Message;
  readonly ways: readonly Way[];
}
export const stepUpPage = defineView<StepUp>('interactions/step-up', 'step-up.title');

/** The passkey alone, as a step-up. The passkey form, or `other`, `cancel`. */
export interface Passkey extends InteractionForm {
  readonly passkey: PasskeyPrompt;
  readonly otherWays: boolean;
}
export const passkeyPage = defineView<Passkey>('interactions/passkey', 'passkey.title', ['passkey-sign-in.js']);

/** Waits for the card. Posts the three values of the reading; buttons `continue`, `again`, `other`, `cancel`. */
export interface Card extends InteractionForm {
  readonly reading: CardReading;
  readonly otherWays: boolean;
}
export const cardPage = defineView<Card>('interactions/card', 'card.title', ['card-reading.js']);

/** A picture of the person: the file `picture`, `challenge`; buttons `continue`, `other`, `cancel`. */
export interface Face extends InteractionForm {
  readonly challenge: string;
  readonly otherWays: boolean;
}
export const facePage = defineView<Face>('interactions/face', 'face.title', ['face-picture.js']);

/** A value as it leaves, formatted by the page. */
export type SharedValue =
  | { readonly kind: 'text'; readonly text: string; readonly lang: 'vi' | null }
  /** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. */
  | { readonly kind: 'birthdate'; readonly iso: string }
  /** Identity numbers and telephones: grouped. */
  | { readonly kind: 'figures'; readonly figures: string }
  | { readonly kind: 'account-level'; readonly level: 1 | 2 }
  | { readonly kind: 'message'; readonly message: Message };

/** One line of the consent page. */
export interface SharedClaim {
  /** The claim's name; its label is `claims.<claim>`. */
  readonly claim: string;
  readonly value: SharedValue;
  /** What it is for, in the language of the page, where the relying party has named purposes. */
  readonly purposes: readonly string[];
}

/** For whom this is: buttons `for=self`, `for=<code>`, `cancel`. */
export interface ChooseOrganisation extends InteractionForm {
  /** The person's own name. */
  readonly name: string;
  readonly organisations: readonly {
    readonly code: string;
    readonly name: string;
    readonly role: 'legal_representative' | 'head' | 'authorised';
  }[];
}
export const chooseOrganisationPage = defineView<ChooseOrganisation>('interactions/organisation', 'for-whom.title');

/** Buttons `agree`, `refuse`. */
export interface Consent extends InteractionForm {
  readonly relyingParty: RelyingPartyCard;
  readonly shared: readonly SharedClaim[];
  /** Names of claims that stay here: `claims.<claim>` in lower case, at most a handful. */
  readonly notShared: readonly string[];
  /** Whether the relying party may come back for these without the person (refresh token). */
  readonly ongoing: boolean;
  /** Address of My account, where a consent is withdrawn. */
  readonly accountUrl: string;
}
export const consentPage = defineView<Consent>('interactions/consent', 'consent.title');

/** The level cannot be reached with this account. Button `continue`: back to the relying party with the refusal. */
export interface Unmet extends InteractionForm {
  readonly reason: 'account_level' | 'authentication_level' | 'phishing_resistant' | 'strong';
  /** What was asked. */
  readonly asked: { readonly accountLevel: 1 | 2; readonly authenticationLevel: 1 | 2 | 3 | 4 };
  readonly accountLevel: 1 | 2;
  /** Why level 2 does not count for now, if it was that. */
  readonly reproofing: 'recovery' | 'policy_withdrawn' | 'handed_over' | null;
  /** Where a passkey can be added, when that would help. */
  readonly addPasskeyUrl: string | null;
  /** Where a face is added, when that is what is missing. */
  readonly addFaceUrl: string | null;
}
export const unmetPage = defineView<Unmet>('interactions/unmet', 'unmet.title');

/** The interaction is lost (too old, another browser, already finished): a friendly way to begin again. */
export interface Expired {
  /** Where to begin again, if we know who asked: the relying party's own page. */
  readonly restart: { readonly url: string; readonly name: string } | null;
}
export const expiredPage = defineView<Expired>('interactions/expired', 'expired.title');
