/** What an operator may be (decisions, §8a "Operator"). One person may hold several; nobody approves what they proposed. */
export const ROLES = [
  'intake',
  'approver',
  'lock_authority',
  'rp_admin',
  'auditor',
  'security',
  'sysadmin',
  'data_protection',
] as const;

/** One of `ROLES`. */
export type Role = (typeof ROLES)[number];

/**
 * What somebody acts as. Whoever works in a training office practises at the counter there, with invented people, and is nothing
 * else: no page, no program and no confirmation of theirs reaches an account.
 */
export type ActingRole = Role | 'practising_intake' | 'practising_approver';

/** Whether it is a role that somebody is given, and may give to a program. */
export const isRole = (role: ActingRole): role is Role => (ROLES as readonly ActingRole[]).includes(role);

const PRACTISING: Partial<Record<Role, ActingRole>> = { intake: 'practising_intake', approver: 'practising_approver' };

/** The roles that somebody acts in, by the office in which they work. */
export const actingRoles = (roles: readonly Role[], { training }: { readonly training: boolean }): ActingRole[] =>
  training ? roles.flatMap((role) => PRACTISING[role] ?? []) : [...roles];

/**
 * The one table of what each role may do: a line for each permission, and the roles that have it. Pages, admin API and command
 * line ask this table and nothing else; a test walks every route with every role against it (abuse case 52).
 */
export const PERMISSIONS = {
  // Relying parties and their clients.
  'clients.view': ['rp_admin', 'approver', 'auditor', 'security', 'sysadmin'],
  'clients.propose': ['rp_admin'],
  'clients.approve': ['approver'],
  /** In an emergency one person may stop a client; to let it in again takes two. */
  'clients.disable': ['rp_admin', 'security'],
  // Change requests of every kind; each kind has its own pair of permissions beside it.
  'changes.view': ['rp_admin', 'approver', 'auditor', 'security', 'sysadmin'],
  'trust.view': ['security', 'approver', 'auditor'],
  'trust.propose': ['security'],
  'trust.approve': ['approver'],
  'keys.view': ['security', 'approver', 'sysadmin', 'auditor'],
  'keys.propose': ['security'],
  'keys.approve': ['approver'],
  'policy.view': ['security', 'approver', 'auditor', 'rp_admin'],
  'policy.propose': ['security'],
  'policy.approve': ['approver'],
  // Operators and offices.
  'operators.view': ['sysadmin', 'security', 'approver', 'auditor'],
  'operators.propose': ['sysadmin'],
  'operators.approve': ['approver'],
  /** Ends an operator's sessions and access at once; giving it back takes two. */
  'operators.suspend': ['sysadmin', 'security'],
  // Citizens: each view needs a reason, is journalled and is shown to the citizen.
  'subscribers.view': ['intake', 'lock_authority', 'security'],
  /** A person at the counter: one officer begins, another confirms, whoever else they may be. */
  'recovery.begin': ['intake'],
  'recovery.confirm': ['approver'],
  /** Level 2 at a counter: the queue of one's office and those below it; one officer serves, another confirms an override. */
  'counter.view': ['intake', 'approver', 'practising_intake', 'practising_approver'],
  'counter.serve': ['intake', 'practising_intake'],
  'counter.confirm': ['approver', 'practising_approver'],
  // Locks of accounts: the act, and each ground's own permission beside it (`domain/locks`, office).
  'locks.change': ['intake', 'lock_authority', 'security'],
  /** The holder is at the counter and wants it so. */
  'locks.holder': ['intake', 'lock_authority'],
  'locks.office': ['lock_authority'],
  'locks.security': ['security'],
  // What authorities ask in writing: one officer takes it in and forwards it, another decides, whoever they may be.
  'lock_requests.view': ['intake', 'lock_authority'],
  'lock_requests.receive': ['intake', 'lock_authority'],
  'lock_requests.decide': ['lock_authority'],
  // What people report about their account, and what they ask about their data.
  'cases.view': ['security'],
  'cases.close': ['security'],
  'data_requests.view': ['data_protection'],
  'data_requests.decide': ['data_protection'],
  // What left this server, and what happened.
  'deliveries.view': ['rp_admin', 'security', 'auditor', 'sysadmin'],
  'deliveries.replay': ['rp_admin'],
  /** What became of messages to people: nothing of whom. */
  'messages.view': ['security', 'sysadmin'],
  'messages.retry': ['security', 'sysadmin'],
  'journal.view': ['auditor', 'security'],
} as const satisfies Record<string, readonly ActingRole[]>;

/** One act, or one kind of look. */
export type Permission = keyof typeof PERMISSIONS;

/** Whether somebody with these roles may do it. */
export const may = (roles: readonly ActingRole[], permission: Permission): boolean =>
  (PERMISSIONS[permission] as readonly ActingRole[]).some((role) => roles.includes(role));
