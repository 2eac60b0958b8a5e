import type { OnlineMethod } from '../../domain/recovery/index.ts';
import type { FieldErrors } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { defineView } from '../../platform/views.ts';

/** A form of these pages. */
export interface Form {
  readonly action: string;
  readonly csrf: string;
  readonly errors: FieldErrors;
}

/** Who are you? `identifier`. */
export interface Identify extends Form {
  readonly identifier: string;
  readonly notice: Message | null;
}
export const identifyPage = defineView<Identify>('recovery/identify', 'recover.title');

/** The methods to choose from; `identifier` travels along, `method` is what the button says. */
export interface Methods extends Form {
  readonly identifier: string;
  /** What was proven already. */
  readonly proven: OnlineMethod | null;
  readonly methods: readonly OnlineMethod[];
  readonly notice: Message | null;
}
export const methodsPage = defineView<Methods>('recovery/methods', 'recover.methods.title');

/** A code of the sheet, or one that was sent: `code`, and with the buttons `resend` and `other` something else. */
export interface Prove extends Form {
  readonly method: Exclude<OnlineMethod, 'passkey'>;
  readonly identifier: string;
  readonly challengeId: string;
}
export const provePage = defineView<Prove>('recovery/prove', 'recover.prove.title');

/** A passkey's prompt. */
export interface ProvePasskey extends Form {
  readonly identifier: string;
  readonly challengeId: string;
  readonly options: object;
}
export const provePasskeyPage = defineView<ProvePasskey>('recovery/prove-passkey', 'recover.prove.title', [
  'passkey-sign-in.js',
]);

/** The time that is left. */
export interface Waiting {
  readonly until: Date;
  readonly hours: number;
  readonly minutes: number;
  /** For another device: in groups. */
  readonly code: string;
  readonly cancel: Pick<Form, 'action' | 'csrf'>;
}
export const waitingPage = defineView<Waiting>('recovery/waiting', 'recover.waiting.title');

/** Something of the account that may be lost; its box is called `lost-` and its id. */
export interface MaybeLost {
  readonly id: string;
  readonly kind: string;
  readonly name: string | null;
  readonly ending: string | null;
  readonly lost: boolean;
}

/** A new passkey; or, where a telephone was proven, a password beside it. */
export interface Complete extends Form {
  readonly name: string;
  readonly bound: readonly MaybeLost[];
  readonly challengeId: string;
  readonly options: object;
  readonly password: (Pick<Form, 'action' | 'csrf'> & { readonly ending: string }) | null;
  readonly reproofing: boolean;
  /** For another device, should this one be lost before the end: in groups. `null` for whoever has read it before, while it waited. */
  readonly code: string | null;
  readonly cancel: Pick<Form, 'action' | 'csrf'>;
}
export const completePage = defineView<Complete>('recovery/complete', 'recover.complete.title', [
  'passkey-register.js',
]);

/** The account is back. */
export interface Done {
  readonly accountUrl: string;
}
export const donePage = defineView<Done>('recovery/done', 'recover.done.title');

/** A code that goes on with a recovery: from the waiting page, or two halves from an office. `first`, `second`. */
export interface Continue extends Form {
  readonly first: string;
  readonly second: string;
}
export const continuePage = defineView<Continue>('recovery/continue', 'recover.continue.title');

/** Stops a recovery that somebody else has begun, after one more press: what a mail program fetches ahead stops nothing. */
export type Cancel = Form;
export const cancelPage = defineView<Cancel>('recovery/cancel', 'recover.cancel.title');

/**
 * What has become of a recovery, as whoever has its link reads it. `nothing`: no such link, or it ran out by itself. `locked`: an
 * office opens it; `locked-for-holder`: so does its holder.
 */
export type Fate =
  | 'cancelled'
  | 'completed'
  | 'nothing'
  | 'locked'
  | 'locked-for-holder'
  | 'already-locked'
  | 'not-locked';

/** Why one would lock: somebody has one thing, or two of them, or is in. */
export type WhyLock = 'half' | 'passkey' | 'cancelled' | 'completed';

/** Behind the link of a notice once there is nothing to stop, and whether the account can be locked from here. */
export interface Afterwards {
  readonly fate: Fate;
  /** When it was carried out. */
  readonly at: Date | null;
  readonly lock: (Pick<Form, 'action' | 'csrf'> & { readonly until: Date; readonly why: WhyLock }) | null;
  /** How else: the account is locked already, or it is locked elsewhere; nothing for whoever stopped their own. */
  readonly hint: 'locked' | 'elsewhere' | null;
}
export const afterwardsPage = defineView<Afterwards>('recovery/afterwards', 'recover.title');
