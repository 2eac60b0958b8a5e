import type { ChainFault } from '../../../domain/audit/index.ts';
import type { DeliveryKind, DeliveryState } from '../../../domain/deliveries/index.ts';
import type { MessageState } from '../../../domain/notices/index.ts';
import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { Choice, Pages, PostForm } from '../page-parts.ts';

/** One logout of the ledger. Whose it was is not shown: a ledger is no list of people. */
export interface DeliveryRow {
  readonly id: string;
  readonly url: string;
  readonly clientId: string;
  readonly kind: DeliveryKind;
  readonly state: DeliveryState;
  readonly queuedAt: Date;
  readonly attempts: number;
  readonly lastFailure: string | null;
  readonly deliveredAt: Date | null;
}

/** The delivery ledger. */
export interface DeliveriesPage extends Pages {
  readonly client: string;
  readonly state: readonly Choice[];
  readonly rows: readonly DeliveryRow[];
  readonly counts: { readonly waiting: number; readonly dead: number; readonly overdue: number };
}
export const deliveriesPage = defineView<DeliveriesPage>('operator/deliveries', 'console.deliveries.title');

/** One delivery, and the way to send a dead letter once more. */
export interface DeliveryPage extends DeliveryRow {
  readonly lastAttemptAt: Date | null;
  readonly nextAttemptAt: Date | null;
  readonly deadAt: Date | null;
  readonly replays: number;
  readonly clientUrl: string | null;
  readonly replay: PostForm | null;
  readonly notice: Message | null;
  readonly refused: Message | null;
}
export const deliveryPage = defineView<DeliveryPage>('operator/delivery', 'console.delivery.title');

/** One message to a person: what became of it, and to which of their addresses, masked. */
export interface MessageRow {
  readonly id: string;
  readonly kind: string;
  readonly medium: 'sms' | 'mail';
  readonly queuedAt: Date;
  readonly state: MessageState;
  readonly attempts: number;
  readonly settledAt: Date | null;
  readonly reason: string | null;
  readonly retry: PostForm | null;
}

/** The ledger of messages to people. */
export interface MessagesPage extends Pages {
  readonly state: readonly Choice[];
  readonly rows: readonly MessageRow[];
  readonly notice: Message | null;
}
export const messagesPage = defineView<MessagesPage>('operator/messages', 'console.messages.title');

/** An event in the list. */
export interface JournalRow {
  readonly sequence: number | null;
  readonly url: string | null;
  readonly at: Date;
  readonly type: string;
  readonly actor: string;
  readonly clientId: string | null;
}

/** The verification of the chain, as it was last made. */
export interface VerificationState {
  readonly last: {
    readonly at: Date;
    readonly intact: boolean;
    readonly entries: number;
    readonly fault: ChainFault | null;
    readonly sequence: number;
  } | null;
  readonly running: Date | null;
  readonly waiting: number;
  readonly waitingSince: Date | null;
}

/** The journal. */
export interface JournalPage extends Pages {
  readonly filters: {
    readonly type: readonly Choice[];
    readonly client: string;
    readonly since: string;
    readonly until: string;
    /** The sealed reference of a person's page: the list is about them. */
    readonly person: string;
  };
  readonly rows: readonly JournalRow[];
  readonly verification: VerificationState;
  readonly verify: PostForm;
  readonly notice: Message | null;
}
export const journalPage = defineView<JournalPage>('operator/journal', 'console.journal.title');

/** One sealed event. */
export interface EntryPage {
  readonly sequence: number;
  readonly at: Date;
  readonly type: string;
  readonly actor: string;
  readonly clientId: string | null;
  readonly clientUrl: string | null;
  readonly aboutSomebody: boolean;
  readonly hash: string;
  readonly detail: readonly { readonly name: string; readonly value: string }[];
}
export const entryPage = defineView<EntryPage>('operator/entry', 'console.entry.title');
