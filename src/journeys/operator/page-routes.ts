import { amendChange, showAmend } from './changes/amend.ts';
import { showChange } from './changes/change.ts';
import { listChanges } from './changes/list.ts';
import { decideChange, proposeChange, rollBackChange, withdrawChange } from './changes/steps.ts';
import { disableClient, restoreClient } from './clients/acts.ts';
import { compareVersions, showClient } from './clients/client.ts';
import { saveClientForm, showClientForm } from './clients/form.ts';
import { listClients, showRelyingParty } from './clients/list.ts';
import { agreeOnRules, pinNational, removeNational, showNational } from './keys/national.ts';
import { draftPolicy, showPolicy } from './keys/policy.ts';
import { rotateKeys, showSigningKeys } from './keys/signing-keys.ts';
import { listDeliveries, replayDelivery, showDelivery } from './ledger/deliveries.ts';
import { listJournal, showEntry, verifyJournal } from './ledger/journal.ts';
import { listMessages, retryMessage } from './ledger/messages.ts';
import {
  decideLockRequest,
  forwardLockRequest,
  listLockRequests,
  showLockRequest,
} from './lock-requests/lock-requests.ts';
import { receiveLockRequest, showNewLockRequest } from './lock-requests/receive.ts';
import { beginRecovery, showCounter } from './people/counter.ts';
import { confirmRecovery, listWaiting, showRecovery } from './people/counter-confirm.ts';
import { liftLock, lockPerson } from './people/locks.ts';
import { showPerson } from './people/person.ts';
import { findPerson, showFindPerson } from './people/search.ts';
import { proposeResource, showResources } from './resources/resources.ts';
import { closeCase, listCases, showCase } from './rights/cases.ts';
import {
  acknowledgeRequest,
  decideRequest,
  extendRequest,
  listDataRequests,
  showDataRequest,
} from './rights/data-requests.ts';
import { noteConfirmed, noteTold } from './rights/withdrawals.ts';
import type { Access, ConsoleRoute } from './session.ts';
import { changeOperator, invite, showChangeOperator, showInvite } from './staff/invite.ts';
import { addOffice, listStaff, showOffices } from './staff/list.ts';
import { sendInvitation, showOperator, suspendOperator } from './staff/operator.ts';
import type { PageParts, Visit } from './visit.ts';

type Handle = (visit: Visit) => Promise<void> | void;
const get = (path: string, permission: Access, handle: Handle): ConsoleRoute<PageParts> => ({
  ...{ method: 'get', path: `/operator/${path}`, permission },
  handle: (visit) => handle(visit),
});
const post = (path: string, permission: Access, handle: Handle): ConsoleRoute<PageParts> => ({
  ...get(path, permission, handle),
  method: 'post',
});

/**
 * The pages of the console and their acts. A change request has a permission of its own for each kind and step beside the one
 * that stands here: `approvals` and its handler ask for it.
 */
export const PAGE_ROUTES: readonly ConsoleRoute<PageParts>[] = [
  get('changes', 'changes.view', listChanges),
  get('changes/:id', 'changes.view', showChange),
  get('changes/:id/amend', 'changes.view', showAmend),
  post('changes/:id/amend', 'changes.view', amendChange),
  post('changes/:id/propose', 'changes.view', proposeChange),
  post('changes/:id/decide', 'changes.view', decideChange),
  post('changes/:id/withdraw', 'changes.view', withdrawChange),
  post('changes/:id/roll-back', 'changes.view', rollBackChange),

  get('clients', 'clients.view', listClients),
  get('new-client', 'clients.propose', showClientForm),
  post('clients', 'clients.propose', saveClientForm),
  get('clients/:id', 'clients.view', showClient),
  get('clients/:id/compare', 'clients.view', compareVersions),
  get('clients/:id/change', 'clients.propose', showClientForm),
  post('clients/:id/change', 'clients.propose', saveClientForm),
  post('clients/:id/restore', 'clients.propose', restoreClient),
  post('clients/:id/disable', 'clients.disable', disableClient),
  get('relying-parties/:id', 'clients.view', showRelyingParty),

  get('resource-servers', 'clients.view', (visit) => showResources(visit)),
  post('resource-servers', 'clients.propose', proposeResource),

  get('people', 'subscribers.view', showFindPerson),
  post('people', 'subscribers.view', findPerson),
  get('people/:reference', 'subscribers.view', showPerson),
  post('people/:reference/lock', 'locks.change', lockPerson),
  post('people/:reference/unlock', 'locks.change', liftLock),
  get('people/:reference/counter', 'recovery.begin', showCounter),
  post('people/:reference/recovery', 'recovery.begin', beginRecovery),
  get('recoveries', 'recovery.confirm', listWaiting),
  get('recoveries/:id', 'recovery.confirm', (visit) => showRecovery(visit)),
  post('recoveries/:id', 'recovery.confirm', confirmRecovery),
  get('people/:reference/lock-request', 'lock_requests.receive', (visit) => showNewLockRequest(visit)),
  post('people/:reference/lock-request', 'lock_requests.receive', receiveLockRequest),
  get('lock-requests', 'lock_requests.view', listLockRequests),
  get('lock-requests/:id', 'lock_requests.view', (visit) => showLockRequest(visit)),
  post('lock-requests/:id/forward', 'lock_requests.receive', forwardLockRequest),
  post('lock-requests/:id/decide', 'lock_requests.decide', decideLockRequest),

  get('cases', 'cases.view', listCases),
  get('cases/:id', 'cases.view', (visit) => showCase(visit)),
  post('cases/:id/close', 'cases.close', closeCase),
  get('data-requests', 'data_requests.view', listDataRequests),
  get('data-requests/:id', 'data_requests.view', (visit) => showDataRequest(visit)),
  post('data-requests/:id/acknowledge', 'data_requests.decide', acknowledgeRequest),
  post('data-requests/:id/extend', 'data_requests.decide', extendRequest),
  post('data-requests/:id/decide', 'data_requests.decide', decideRequest),
  post('withdrawals/:id/told', 'data_requests.decide', noteTold),
  post('withdrawals/:id/confirmed', 'data_requests.decide', noteConfirmed),

  get('operators', 'operators.view', listStaff),
  get('operators/new', 'operators.propose', showInvite),
  post('operators', 'operators.propose', invite),
  get('operators/:id', 'operators.view', showOperator),
  get('operators/:id/change', 'operators.propose', showChangeOperator),
  post('operators/:id/change', 'operators.propose', changeOperator),
  post('operators/:id/suspend', 'operators.suspend', suspendOperator),
  post('operators/:id/invitation', 'operators.propose', sendInvitation),
  get('offices', 'operators.view', showOffices),
  post('offices', 'operators.propose', addOffice),

  get('keys', 'keys.view', showSigningKeys),
  post('keys/rotate', 'keys.propose', rotateKeys),
  get('trust', 'trust.view', showNational),
  post('trust', 'trust.propose', pinNational),
  post('trust/remove', 'trust.propose', removeNational),
  post('trust/rules', 'trust.propose', agreeOnRules),
  get('policy', 'policy.view', showPolicy),
  post('policy', 'policy.propose', draftPolicy),

  get('deliveries', 'deliveries.view', listDeliveries),
  get('deliveries/:id', 'deliveries.view', showDelivery),
  post('deliveries/:id/replay', 'deliveries.replay', replayDelivery),
  get('notices', 'messages.view', listMessages),
  post('notices/:id/retry', 'messages.retry', retryMessage),
  get('journal', 'journal.view', listJournal),
  post('journal/verify', 'journal.view', verifyJournal),
  get('journal/:sequence', 'journal.view', showEntry),
];
