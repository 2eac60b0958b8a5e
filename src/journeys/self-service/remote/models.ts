import type { FieldErrors } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { CardReading } from '../../card-reading.ts';
import type { PostForm } from '../page-parts.ts';

/** What a proof from home is, what it is agreed to with, and what came of the last one. Pressing the button is the consent. */
export interface Remote {
  readonly form: PostForm;
  readonly notice: Message | null;
  /** Why it cannot begin now; `null` where it can. */
  readonly hindrance: Message | null;
  /** What the person can do about that by themselves. */
  readonly remedy: { readonly url: string; readonly label: 'add-passkey' } | null;
  /** The one that counts. */
  readonly proofedAt: Date | null;
  readonly backUrl: string;
}
export const remotePage = defineView<Remote>('self-service/remote', 'remote.title');

/** Waits for the person's own card. */
export interface RemoteCard extends PostForm {
  readonly notice: Message | null;
  readonly reading: CardReading;
  readonly backUrl: string;
}
export const remoteCardPage = defineView<RemoteCard>('self-service/remote-card', 'remote.card.title', [
  'card-reading.js',
]);

/** The file `picture`, `challenge`. */
export interface RemoteFace extends PostForm {
  readonly errors: FieldErrors;
  readonly challenge: string;
  readonly backUrl: string;
}
export const remoteFacePage = defineView<RemoteFace>('self-service/remote-face', 'remote.face.title', [
  'face-picture.js',
]);
