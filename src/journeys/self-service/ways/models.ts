import type { FieldErrors } from '../../../platform/forms.ts';
import { defineView } from '../../../platform/views.ts';
import type { PostForm } from '../page-parts.ts';

/** A password, the first one or another: `password`. */
export interface Password extends PostForm {
  readonly errors: FieldErrors;
  /** There is one, which this one takes the place of; everything that is open elsewhere ends with it. */
  readonly changes: boolean;
  /** The least number of characters. */
  readonly least: number;
  readonly backUrl: string;
}
export const passwordPage = defineView<Password>('self-service/password', 'account.password.title', [
  'show-password.js',
]);

/** An authenticator app, which counts once a code of it came back: `code`, `challenge`, `uri`. */
export interface App extends PostForm {
  readonly errors: FieldErrors;
  /** There is one, which this one takes the place of. */
  readonly changes: boolean;
  readonly challengeId: string;
  /** What the QR code says, and a link on a telephone opens. */
  readonly uri: string;
  readonly qr: { readonly size: number; readonly path: string };
  /** The secret in groups of four, to be typed by hand. */
  readonly secret: string;
  readonly backUrl: string;
}
export const appPage = defineView<App>('self-service/app', 'account.app.title');

/** A face: the file `picture`, `challenge`. Pressing the button is the consent. */
export interface AddFace extends PostForm {
  readonly errors: FieldErrors;
  readonly challenge: string;
  readonly backUrl: string;
}
export const facePage = defineView<AddFace>('self-service/add-face', 'add-face.title', ['face-picture.js']);
