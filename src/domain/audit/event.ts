/**
 * Everything the journal knows: `area.verb`, the verb in the past tense. The list is closed, so that a reader of the journal
 * can be sure what a type means; a new type is one line here.
 * `client_credentials` and introspection have none: they change nothing and no person is part of them (design §6).
 */
export const EVENT_TYPES = [
  'authentication.succeeded',
  'authentication.failed',
  'authentication.throttled',
  'authenticator.bound',
  'authenticator.unbound',
  'authenticator.renamed',
  'authenticator.changed',
  'authenticator.disabled',
  'authenticator.reinstated',
  'session.started',
  'session.stepped_up',
  'session.ended',
  'authorization.granted',
  'authorization.refused',
  'code.redeemed',
  'code.replayed',
  'token.refreshed',
  'refresh.replayed',
  'token.revoked',
  'grant.revoked',
  'consent.given',
  'consent.withdrawn',
  'consent.withdrawal_told',
  'consent.withdrawal_not_told',
  'consent.withdrawal_confirmed',
  'disclosure.made',
  'account.unlinked',
  'subscriber.registered',
  'subscriber.locked',
  'subscriber.unlocked',
  'subscriber.closed',
  'subscriber.level_changed',
  'subscriber.changed',
  'subscriber.reproofing_required',
  'subscriber.reproofing_begun',
  'subscriber.reproofed',
  'recovery.started',
  'recovery.waiting',
  'recovery.ready',
  'recovery.completed',
  'recovery.cancelled',
  'recovery.expired',
  'recovery.code_sent',
  'recovery.refused',
  'recovery.address_changed',
  'lock_request.received',
  'lock_request.forwarded',
  'lock_request.decided',
  'lock.code_sent',
  'lock.refused',
  'subscriber.viewed',
  'subscriber.view_refused',
  'subscriber.data_downloaded',
  'case.opened',
  'case.closed',
  'data_request.received',
  'data_request.handed_over',
  'data_request.acknowledged',
  'data_request.extended',
  'data_request.decided',
  'application.submitted',
  'application.taken',
  'application.checked',
  'application.delayed',
  'application.needs_info',
  'application.answered',
  'application.approved',
  'application.refused',
  'application.withdrawn',
  'application.stopped',
  'application.activated',
  'application.lapsed',
  'counter.received',
  'counter.taken',
  'counter.checked',
  'counter.needs_info',
  'counter.proposed',
  'counter.proposal_ended',
  'counter.approved',
  'counter.refused',
  'counter.withdrawn',
  'counter.code_given',
  'counter.bound',
  'counter.viewed',
  'proofing.recorded',
  'register.event_taken',
  'trust.certificate_imported',
  'trust.national_pinned',
  'trust.root_pinned',
  'trust.master_list_imported',
  'trust.revocation_list_imported',
  'trust.certificate_removed',
  'trust.rule_changed',
  'trust.rules_agreed',
  'trust.refused',
  'client.registered',
  'client.changed',
  'client.disabled',
  'client.enabled',
  'resource_server.changed',
  'journal.verified',
  'journal.exported',
  'change.drafted',
  'change.amended',
  'change.proposed',
  'change.approved',
  'change.refused',
  'change.withdrawn',
  'change.applied',
  'change.stale',
  'office.added',
  'operator.bootstrapped',
  'operator.invited',
  'operator.activated',
  'operator.changed',
  'operator.suspended',
  'operator.signed_in',
  'operator.signed_out',
  'operator.refused',
  'operator.passkey_bound',
  'operator.passkey_removed',
  'operator.api_client_registered',
  'operator.api_client_revoked',
  'policy.adopted',
  'keys.created',
  'keys.rotated',
  'keys.forgotten',
  'logout.requested',
  'logout.queued',
  'logout.delivered',
  'logout.failed',
  'logout.replayed',
  'event.queued',
  'event.delivered',
  'event.failed',
  'event.replayed',
  'notice.queued',
  'notice.delivered',
  'notice.failed',
  'notice.retried',
] as const;

/** What happened. */
export type EventType = (typeof EVENT_TYPES)[number];

/** Who did it. A claimant is a person before the verdict: nobody yet. */
export interface Actor {
  readonly kind: 'subscriber' | 'client' | 'operator' | 'system' | 'claimant';
  readonly id?: string;
}

/** Facts of an event: codes, counts, kinds, ids. Never personal data, never a bearer value. */
export type EventDetail = Readonly<Record<string, string | number | boolean | readonly string[] | null>>;

/** One event, as the part that makes the change reports it. */
export interface JournalEvent {
  readonly type: EventType;
  readonly actor: Actor;
  readonly subscriberId?: string;
  readonly clientId?: string;
  readonly detail?: EventDetail;
}

/** An event as it is read back. `sequence` is missing until the sealer has numbered it. */
export interface JournalEntry extends JournalEvent {
  readonly sequence?: number;
  readonly at: Date;
}
