import type { ChangeKind } from '../../../src/domain/approvals/index.ts';
import type { Role } from '../../../src/domain/operators/index.ts';

/** Who may, written down a second time and by hand: what the console's own table says is not asked. */
export interface Door {
  readonly may: readonly Role[] | 'every operator';
  /** Who gets past the door, to learn that there is no such change request for them. */
  readonly hidden?: readonly Role[];
  /** Posted as a form with a file. */
  readonly file?: true;
  /** What is posted, beside the token of the form. */
  readonly fields?: Readonly<Record<string, string>>;
}

const clients: readonly Role[] = ['rp_admin', 'approver', 'auditor', 'security', 'sysadmin'];
const staff: readonly Role[] = ['sysadmin', 'security', 'approver', 'auditor'];
const ledger: readonly Role[] = ['rp_admin', 'security', 'auditor', 'sysadmin'];
const offices: readonly Role[] = ['intake', 'lock_authority', 'security'];
const counter: readonly Role[] = ['intake', 'approver'];
const everybody = { may: 'every operator' } as const;

/** Every route of the console by method and path below `/operator`; a word behind it when one route has several doors. */
export const DOORS: Readonly<Record<string, Door>> = {
  'GET ': everybody,
  'POST /sign-out': everybody,
  'GET /passkeys': everybody,
  'GET /passkeys/new': everybody,
  'POST /passkeys': everybody,
  'POST /passkeys/:id/remove': everybody,
  'GET /api-clients': everybody,
  'POST /api-clients': everybody,
  'POST /api-clients/:id/revoke': everybody,

  'GET /changes': { may: clients },
  'GET /clients': { may: clients },
  'GET /new-client': { may: ['rp_admin'] },
  'POST /clients': { may: ['rp_admin'], fields: { document: 'clientId: x', reason: 'x' } },
  'GET /clients/:id': { may: clients },
  'GET /clients/:id/compare': { may: clients },
  'GET /clients/:id/change': { may: ['rp_admin'] },
  'POST /clients/:id/change': { may: ['rp_admin'], fields: { document: 'clientId: x', reason: 'x' } },
  'POST /clients/:id/restore': { may: ['rp_admin'], fields: { number: '1', reason: 'x' } },
  'POST /clients/:id/disable': { may: ['rp_admin', 'security'], fields: { reason: 'x' } },
  'GET /relying-parties/:id': { may: clients },

  'GET /resource-servers': { may: clients },
  'POST /resource-servers': { may: ['rp_admin'], fields: { resource: 'x', reason: 'x' } },

  'GET /people': { may: offices },
  'POST /people': { may: offices, fields: { identifier: '097999999999', reason: 'call', note: '' } },
  'GET /people/:reference': { may: offices },
  'POST /people/:reference/lock': { may: offices, fields: { ground: '' } },
  'POST /people/:reference/lock holder': { may: ['intake', 'lock_authority'], fields: { ground: 'holder_request' } },
  'POST /people/:reference/lock suspicion': { may: ['security'], fields: { ground: 'security_suspected' } },
  'POST /people/:reference/lock office': { may: ['lock_authority'], fields: { ground: 'terms_violation' } },
  'POST /people/:reference/unlock': { may: offices, fields: { lock: '', reason: '' } },
  'GET /people/:reference/counter': { may: ['intake'] },
  'POST /people/:reference/recovery': { may: ['intake'] },
  'GET /recoveries': { may: ['approver'] },
  'GET /recoveries/:id': { may: ['approver'] },
  'POST /recoveries/:id': { may: ['approver'], fields: { refuse: 'yes' } },

  'GET /people/:reference/lock-request': { may: ['intake', 'lock_authority'] },
  'POST /people/:reference/lock-request': { may: ['intake', 'lock_authority'], fields: { what: '' } },
  'GET /lock-requests': { may: ['intake', 'lock_authority'] },
  'GET /lock-requests/:id': { may: ['intake', 'lock_authority'] },
  'POST /lock-requests/:id/forward': { may: ['intake', 'lock_authority'] },
  'POST /lock-requests/:id/decide': { may: ['lock_authority'], fields: { decision: '', reason: '' } },

  'GET /counter': { may: counter },
  'POST /counter/find': { may: ['intake'], fields: { sought: '097999999999', reason: 'call' } },
  'GET /new-application': { may: ['intake'] },
  'POST /new-application': { may: ['intake'], fields: { number: '', name: '', birthdate: '', guardian: '' } },
  'GET /counter/:id': { may: counter },
  'POST /counter/:id/take': { may: ['intake'] },
  'POST /counter/:id/card': { may: ['intake'] },
  'POST /counter/:id/card/read': { may: ['intake'] },
  'GET /counter/:id/card/:session': { may: ['intake'] },
  'POST /counter/:id/practise': { may: ['intake'], fields: { outcome: 'genuine' } },
  'GET /counter/:id/portrait': { may: ['intake'] },
  'POST /counter/:id/portrait': { may: ['intake'], file: true },
  'GET /counter/:id/pictures/:kind': { may: counter },
  'POST /counter/:id/fingerprints': { may: ['intake'], fields: { capture: 'MATCH-1' } },
  'POST /counter/:id/approve': { may: ['intake'], fields: { claim: 'own', seen: 'yes' } },
  'POST /counter/:id/propose': { may: ['intake'], fields: { claim: 'own', seen: 'yes', ground: 'worn' } },
  'POST /counter/:id/dismiss': { may: counter },
  'POST /counter/:id/confirm': { may: ['approver'], fields: { shown: 'f'.repeat(64) } },
  'POST /counter/:id/ask': { may: ['intake'], fields: { missing: 'card' } },
  'POST /counter/:id/refuse': { may: ['intake'], fields: { reason: 'own_wish' } },
  'POST /counter/:id/withdraw': { may: ['intake'] },
  'POST /counter/:id/code': { may: ['intake'] },
  'GET /counter/:id/handout': { may: counter },
  'GET /online-applications': { may: counter },
  'POST /online-applications/find': { may: ['intake'], fields: { sought: 'ZZZZZ-ZZZZZ', reason: 'call' } },
  'GET /online-applications/:id': { may: counter },
  'POST /online-applications/:id/reissue': { may: ['intake'], fields: { reason: 'was_away' } },

  'GET /cases': { may: ['security'] },
  'GET /cases/:id': { may: ['security'] },
  'POST /cases/:id/close': { may: ['security'], fields: { outcome: 'secured', reason: 'Chủ tài khoản đã đổi khóa.' } },
  'GET /data-requests': { may: ['data_protection'] },
  'GET /data-requests/:id': { may: ['data_protection'] },
  'POST /data-requests/:id/acknowledge': { may: ['data_protection'] },
  'POST /data-requests/:id/extend': { may: ['data_protection'], fields: { extension: 'Chờ cơ quan hộ tịch trả lời.' } },
  'POST /data-requests/:id/decide': {
    may: ['data_protection'],
    fields: { outcome: 'refused', reason: 'Tên đã đúng với giấy khai sinh.' },
  },
  'POST /withdrawals/:id/told': { may: ['data_protection'] },
  'POST /withdrawals/:id/confirmed': { may: ['data_protection'] },

  'GET /operators': { may: staff },
  'GET /operators/new': { may: ['sysadmin'] },
  'POST /operators': { may: ['sysadmin'], fields: { name: '', reason: 'x' } },
  'GET /operators/:id': { may: staff },
  'GET /operators/:id/change': { may: ['sysadmin'] },
  'POST /operators/:id/change': { may: ['sysadmin'], fields: { name: '', reason: 'x' } },
  'POST /operators/:id/suspend': { may: ['sysadmin', 'security'] },
  'POST /operators/:id/invitation': { may: ['sysadmin'] },
  'GET /offices': { may: staff },
  'POST /offices': { may: ['sysadmin'], fields: { id: 'x', parentId: '01', vi: '', en: '' } },

  'GET /keys': { may: ['security', 'approver', 'sysadmin', 'auditor'] },
  'POST /keys/rotate': { may: ['security'], fields: { algorithm: 'ES256', reason: 'x' } },
  'GET /trust': { may: ['security', 'approver', 'auditor'] },
  'POST /trust': { may: ['security'], fields: { certificate: 'x', reason: 'x' } },
  'POST /trust/remove': { may: ['security'], fields: { hash: 'x', reason: 'x' } },
  'POST /trust/rules': { may: ['security'], fields: { reason: 'x' } },
  'GET /policy': { may: ['security', 'approver', 'auditor', 'rp_admin'] },
  'POST /policy': { may: ['security'], fields: { policy: '{}', reason: 'x' } },

  'GET /deliveries': { may: ledger },
  'GET /deliveries/:id': { may: ledger },
  'POST /deliveries/:id/replay': { may: ['rp_admin'] },
  'GET /notices': { may: ['security', 'sysadmin'] },
  'POST /notices/:id/retry': { may: ['security', 'sysadmin'] },
  'GET /journal': { may: ['auditor', 'security'] },
  'POST /journal/verify': { may: ['auditor', 'security'] },
  'GET /journal/:sequence': { may: ['auditor', 'security'] },

  // A change request has doors of its own for each kind.
  ...changes('client', { see: clients, propose: 'rp_admin' }),
  ...changes('resource-server', { see: clients, propose: 'rp_admin' }),
  ...changes('operator', { see: staff, propose: 'sysadmin' }),
  ...changes('national-csca', { see: ['security', 'approver', 'auditor'], propose: 'security' }),
  ...changes('card-rules', { see: ['security', 'approver', 'auditor'], propose: 'security' }),
  ...changes('signing-keys', { see: ['security', 'approver', 'sysadmin', 'auditor'], propose: 'security' }),
  ...changes('assurance-policy', { see: ['security', 'approver', 'auditor', 'rp_admin'], propose: 'security' }),
};

/** Whoever sees change requests at all is told of one of another kind that there is none. All are decided by approvers. */
function changes(
  kind: ChangeKind,
  { see, propose }: { readonly see: readonly Role[]; readonly propose: Role },
): Record<string, Door> {
  const hidden = clients.filter((role) => !see.includes(role));
  const fields = { revision: '1', reason: 'x' };
  return {
    [`GET /changes/:id ${kind}`]: { may: see, hidden },
    [`GET /changes/:id/amend ${kind}`]: { may: [propose], hidden },
    [`POST /changes/:id/amend ${kind}`]: { may: [propose], hidden, fields: { ...fields, value: '{}' } },
    [`POST /changes/:id/propose ${kind}`]: { may: [propose], hidden, fields },
    [`POST /changes/:id/decide ${kind}`]: { may: ['approver'], hidden, fields: { ...fields, refuse: 'yes' } },
    [`POST /changes/:id/withdraw ${kind}`]: { may: [propose], hidden, fields },
    [`POST /changes/:id/roll-back ${kind}`]: { may: [propose], hidden, fields },
  };
}
