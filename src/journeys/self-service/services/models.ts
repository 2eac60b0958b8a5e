import type { DisclosureReceipt, WithdrawalState } from '../../../domain/consents/index.ts';
import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { PostForm } from '../page-parts.ts';

/** A relying party that is linked with my account, or may have something of mine. */
export interface ServiceRow {
  readonly clientId: string;
  /** In the language of the page. */
  readonly name: string;
  readonly url: string;
  readonly linkedAt: Date | null;
  readonly lastSignInAt: Date | null;
  /** Names of claims that it may have; their labels are `claims.<claim>`. */
  readonly claims: readonly string[];
  readonly agreedAt: Date | null;
  /** As it was agreed to, in the language of the page. */
  readonly purpose: string | null;
  /** A guardian agreed, before the account was its holder's own. */
  readonly byGuardian: boolean;
}

/** A withdrawal: whether the relying party knows, and whether it has said that it has stopped. */
export interface WithdrawalRow {
  readonly name: string;
  readonly withdrawnAt: Date;
  readonly confirmBy: Date;
  readonly state: WithdrawalState;
  /** When they were told, or confirmed: of the states that have a moment. */
  readonly at: Date | null;
  readonly overdue: boolean;
}

/** Linked services and consents. Each row that was agreed to has a form: button `withdraw`, posts `csrf` and `client`. */
export interface Services {
  readonly services: readonly ServiceRow[];
  readonly withdraw: PostForm;
  readonly withdrawals: readonly WithdrawalRow[];
  /** Of a deadline whose year is only counted from the law. */
  readonly provisionalYear: number | null;
  readonly disclosuresUrl: string;
  readonly notice: Message | null;
}
export const servicesPage = defineView<Services>('self-service/services', 'services.title');

/** What left, when, to whom, for what. Never the values. */
export interface DisclosureRow {
  readonly at: Date;
  readonly name: string;
  readonly claims: readonly string[];
  readonly carrier: DisclosureReceipt['carrier'];
  /** In the language of the page, as it was agreed to; `null`: claims that need no consent, or nobody knows any more. */
  readonly purpose: string | null;
  /** The words of then were not kept: `purpose` is what the relying party says today. */
  readonly ofToday: boolean;
  /** Left without a consent, because none was needed. */
  readonly noConsent: boolean;
  /** Of a check at a counter: the clause that it stood on. */
  readonly ground: string | null;
}

/** One service: since when, what it may have, what it got. Unlinking posts `csrf` and `client`. */
export interface Service extends ServiceRow {
  /** What was agreed to was not kept: `purpose` is what the relying party says today. */
  readonly ofToday: boolean;
  readonly contact: string | null;
  readonly withdraw: PostForm | null;
  readonly unlink: PostForm | null;
  readonly disclosures: readonly DisclosureRow[];
  readonly olderUrl: string | null;
}
export const servicePage = defineView<Service>('self-service/service', 'service.title');

/** Everything that left, as a timeline. */
export interface Disclosures {
  readonly disclosures: readonly DisclosureRow[];
  readonly olderUrl: string | null;
}
export const disclosuresPage = defineView<Disclosures>('self-service/disclosures', 'disclosures.title');
