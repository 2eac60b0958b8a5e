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

/** The telephone and the mailbox of the account. Buttons `change-phone`, `change-mail`; `medium` removes one. */
export interface ContactsPage {
  readonly errors: FieldErrors;
  readonly notice: Message | null;
  readonly phone: Contact | null;
  readonly mail: Contact | null;
  /** `null` where a telephone is changed at an office alone. */
  readonly changePhone: (PostForm & { readonly entered: string }) | null;
  readonly changeMail: PostForm & { readonly entered: string };
  readonly remove: PostForm;
  readonly recoveryUrl: string;
}
export const contactsPage = defineView<ContactsPage>('self-service/contacts', 'account.contacts.heading');
