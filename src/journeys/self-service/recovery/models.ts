import type { FieldErrors } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { AddressForm } from '../contacts/models.ts';
import type { PostForm } from '../page-parts.ts';

/** What stands ready for a recovery. */
export interface Recovery {
  readonly errors: FieldErrors;
  readonly notice: Message | null;
  /** Codes of the sheet that were not used; `null` when there is no sheet. */
  readonly left: number | null;
  readonly sheetUrl: string;
  /** Addresses beside those of the account, masked; `settlesAt`: from when one that is new recovers the account. */
  readonly addresses: readonly {
    readonly medium: 'sms' | 'mail';
    readonly masked: string;
    readonly since: Date;
    readonly settlesAt: Date | null;
  }[];
  /** With buttons of their own; neither is there before a fresh proof, which is asked for here. */
  readonly phone: AddressForm | null;
  readonly mail: AddressForm | null;
  readonly stepUpUrl: string | null;
  /** `medium`. */
  readonly remove: PostForm;
}
export const recoveryPage = defineView<Recovery>('self-service/recovery', 'account.recovery.title');

/** A recovery of this account that somebody has begun: `recovery` is its id. */
export interface UnderWay extends PostForm {
  readonly id: string;
  readonly since: Date;
  /** One method is proven, or both and it waits, or the account can be opened. */
  readonly stands: 'half' | 'waiting' | 'ready';
  readonly until: Date | null;
}

/** A new sheet, to be printed or kept; counts once one of it is typed back: `code`, `challenge`, `codes`. */
export interface RecoveryCodes extends PostForm {
  readonly errors: FieldErrors;
  readonly codes: readonly string[];
  readonly challengeId: string;
  readonly madeAt: Date;
  readonly replaces: boolean;
  /** `codes`, answered with a text file. */
  readonly download: PostForm;
  /** Where help is, as a picture to be printed; never the codes. */
  readonly help: { readonly url: string; readonly qr: { readonly size: number; readonly path: string } };
  readonly backUrl: string;
}
export const recoveryCodesPage = defineView<RecoveryCodes>('self-service/recovery-codes', 'account.codes.title');

/** A code went to the address: `code`, `challenge`, `medium`, `begun`. */
export interface ConfirmAddress extends PostForm {
  readonly begun: string;
  readonly errors: FieldErrors;
  readonly medium: 'sms' | 'mail';
  readonly masked: string;
  readonly challengeId: string;
  readonly backUrl: string;
}
export const confirmAddressPage = defineView<ConfirmAddress>(
  'self-service/confirm-address',
  'account.recovery.confirm.title',
);
