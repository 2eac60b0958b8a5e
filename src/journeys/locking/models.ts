import type { LockGround } from '../../domain/subscribers/index.ts';
import type { FieldErrors } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { defineView } from '../../platform/views.ts';
import type { CardReading } from '../card-reading.ts';

/** A form of these pages, and what to say beside it. */
interface Form {
  readonly action: string;
  readonly csrf: string;
  readonly errors: FieldErrors;
  readonly notice: Message | null;
}

/** Whose account: `identifier`, and which telephone gets the code (`phone`: `own` or `second`). */
export interface Lock extends Form {
  readonly identifier: string;
  readonly phone: 'own' | 'second';
}
export const lockPage = defineView<Lock>('locking/lock', 'lock-now.title');

/** `code`, buttons `continue`, `resend`; the other three fields go along hidden. */
export interface LockCode extends Form {
  readonly identifier: string;
  readonly phone: 'own' | 'second';
  readonly challenge: string;
}
export const lockCodePage = defineView<LockCode>('locking/code', 'lock-now.code.title');

/** It is locked. */
export const lockedNowPage = defineView<Record<never, never>>('locking/locked', 'lock-now.done.title');

/** The two ways to unlock: the passkey form, and the form that asks for the card. */
export interface Unlock {
  readonly notice: Message | null;
  readonly card: { readonly action: string; readonly csrf: string };
  readonly passkey: {
    readonly action: string;
    readonly csrf: string;
    readonly challengeId: string;
    readonly options: object;
  } | null;
}
export const unlockPage = defineView<Unlock>('locking/unlock', 'unlock.title', ['passkey-sign-in.js']);

/** Waits for the card. */
export interface UnlockCard extends Form {
  readonly reading: CardReading;
}
export const unlockCardPage = defineView<UnlockCard>('locking/card', 'unlock.title', ['card-reading.js']);

/** The factor beside the card: `password`; what the card proved goes along sealed. */
export interface UnlockPassword extends Form {
  readonly state: string;
}
export const unlockPasswordPage = defineView<UnlockPassword>('locking/password', 'unlock.title', ['show-password.js']);

/** What came of it, said to somebody who has proven who they are. */
export interface UnlockResult {
  readonly outcome: 'unlocked' | 'still_locked' | 'not_locked' | 'counter';
  readonly open: readonly { readonly ground: LockGround; readonly openedAt: Date }[];
}
export const unlockResultPage = defineView<UnlockResult>('locking/result', 'unlock.title');
