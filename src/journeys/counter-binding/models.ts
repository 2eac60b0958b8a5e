import type { FieldErrors } from '../../platform/forms.ts';
import { defineView } from '../../platform/views.ts';

/** A form of these pages. */
interface Form {
  readonly action: string;
  readonly csrf: string;
  readonly errors: FieldErrors;
}

/** Asks for the code that the officer has given. */
export interface CounterCode extends Form {
  readonly code: string;
}
export const counterCodePage = defineView<CounterCode>('counter-binding/code', 'counter.code.title');

/** A passkey, or a password beside the card that was read. */
export interface CounterWays extends Form {
  readonly name: string;
  readonly challengeId: string;
  readonly options: object;
  /** Without a card beside it a password is no way to level 2. */
  readonly password: { readonly action: string; readonly csrf: string } | null;
  /** The end of the number of the card that is bound with it; a passport may be none to sign in with. */
  readonly cardEnding: string | null;
}
export const counterWaysPage = defineView<CounterWays>('counter-binding/ways', 'counter.ways.title', [
  'passkey-register.js',
  'show-password.js',
]);

export interface CounterDone {
  readonly accountUrl: string;
}
export const counterDonePage = defineView<CounterDone>('counter-binding/done', 'counter.done.title');
