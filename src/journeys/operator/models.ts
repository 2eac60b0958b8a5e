import type { ActingRole, Permission, Role } from '../../domain/operators/index.ts';
import type { FieldErrors } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { defineView } from '../../platform/views.ts';
import type { ChangeRow } from './changes/models.ts';
import type { Frame } from './frame.ts';
import type { VerificationState } from './ledger/models.ts';

/** A form of ours, as on other pages; journeys do not import one another. */
interface Form {
  readonly action: string;
  readonly csrf: string;
  readonly errors: FieldErrors;
}

/** The way in. The passkey's form posts `csrf`, `challenge` and `response` (JSON). */
export interface OperatorSignInPage {
  readonly errors: FieldErrors;
  readonly notice: Message | null;
  readonly passkey: {
    readonly action: string;
    readonly csrf: string;
    readonly challengeId: string;
    readonly options: object;
  };
}
export const signInPage = defineView<OperatorSignInPage>('operator/sign-in', 'operator.sign-in.title', [
  'passkey-sign-in.js',
]);

/** Posts `csrf`, `code` and `identityNumber`; a script puts the code of the address into its field. */
export interface InvitationPage extends Form {
  readonly code: string;
}
export const invitationPage = defineView<InvitationPage>('operator/invitation', 'operator.invitation.title', [
  'operator-invitation.js',
]);

/** The first passkey, or a further one: posts `csrf`, `challenge`, `response` and `name`, and `code` with an invitation. */
export interface EnrolPage extends Form {
  /** Whose invitation it is. */
  readonly person: string;
  readonly code: string;
  readonly challengeId: string;
  readonly options: object;
}
export const enrolPage = defineView<EnrolPage>('operator/enrol', 'operator.enrol.title', ['passkey-register.js']);

/** What waits for somebody. `null`: it is none of theirs. */
export interface HomeCards {
  readonly waiting: readonly ChangeRow[] | null;
  readonly drafts: readonly ChangeRow[] | null;
  /** What is said of too few people; `null` where there are enough. */
  readonly reserve: {
    readonly approvers: number | null;
    readonly thin: readonly { readonly role: Role; readonly holders: number }[];
    readonly indispensable: number;
  } | null;
  readonly expiring:
    | readonly { readonly what: string; readonly of: string; readonly at: Date | null; readonly url: string }[]
    | null;
  /** Deliveries that were given up. */
  readonly dead: number | null;
  readonly journal: VerificationState | null;
}

/** Where an operator begins. */
export interface Home extends Frame, HomeCards {
  readonly roles: readonly ActingRole[];
  readonly lede: Message;
}
export const homePage = defineView<Home>('operator/home', 'operator.home.title');

/** One's own passkeys. Removing posts `csrf` to its own address. */
export interface Passkeys extends Frame {
  readonly notice: Message | null;
  readonly warning: boolean;
  readonly passkeys: readonly {
    readonly id: string;
    readonly name: string;
    readonly synced: boolean;
    readonly createdAt: Date;
    readonly lastUsedAt: Date | null;
    /** `null`: the last one stays. */
    readonly remove: { readonly action: string; readonly csrf: string } | null;
  }[];
  readonly addUrl: string;
}
export const passkeysPage = defineView<Passkeys>('operator/passkeys', 'operator.passkeys.title');

export interface NewPasskey extends Form, Frame {
  readonly challengeId: string;
  readonly options: object;
  readonly backUrl: string;
}
export const newPasskeyPage = defineView<NewPasskey>('operator/new-passkey', 'add-passkey.title', [
  'passkey-register.js',
]);

/** What somebody may not do. */
export interface Refused extends Frame {
  readonly permission: Permission;
}
export const refusedPage = defineView<Refused>('operator/refused', 'operator.refused.title');
