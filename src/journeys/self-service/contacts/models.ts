import type { FieldErrors } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { PostForm } from '../page-parts.ts';

/** An address of the account: masked, and until when it recovers nothing. */
export interface Contact {
  readonly masked: string;
  readonly confirmed: boolean;
  readonly settlesAt: Date | null;
}

/** A field for an address, with what is in it; `begun`: its page was opened with fresh proofs. */
export interface AddressForm extends PostForm {
  readonly entered: string;
  readonly begun: string;
}

/** The telephone and the mailbox of the account. Buttons `change-phone`, `change-mail`; `medium` removes one. */
export interface ContactsPage {
  readonly errors: FieldErrors;
  readonly notice: Message | null;
  readonly phone: Contact | null;
  readonly mail: Contact | null;
  /** Where not, a telephone is changed at an office alone. */
  readonly changesPhones: boolean;
  readonly changePhone: AddressForm | null;
  /** Neither is there before a fresh proof, which is asked for here. */
  readonly changeMail: AddressForm | null;
  readonly stepUpUrl: string | null;
  readonly remove: PostForm;
  readonly recoveryUrl: string;
}
export const contactsPage = defineView<ContactsPage>('self-service/contacts', 'account.contacts.heading');
