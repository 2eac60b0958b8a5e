import type { Acting } from '../../src/domain/operators/index.ts';
import { newId } from '../../src/platform/ids.ts';
import { type Sql, sql } from '../../src/platform/sql.ts';
import { hire, program } from './api-operators.ts';
import { aLockRequest } from './lock-request.ts';
import { aLapsed } from './online.ts';
import type { TestServer } from './server.ts';

/** What one officer posts at a route of the console, and what comes of it. */
export interface Act {
  readonly fields?: Readonly<Record<string, string>>;
  readonly status: number;
  /** What the address has where it goes on, or the page that answers. */
  readonly says?: string;
  /** The tables of a citizen's that are others afterwards. */
  readonly touches?: readonly string[];
}

const reason = 'Vì cần phải thử.';
const client = {
  ...{ clientId: 'walked', environment: 'sandbox', partyId: 'rp-walked', partyVi: 'Hãng Thử', partyEn: 'Trial Air' },
  ...{ mark: 'HT', colour: '#0f5c4a', sector: 'aviation', entityId: 'le-walked', entityVi: 'Công ty Thử' },
  ...{ entityEn: 'Trial Ltd', purposeVi: 'làm thủ tục bay', purposeEn: 'check in', scopes: 'openid profile' },
  ...{ claims: 'name', redirectUris: 'https://trial.example/return', authMethod: 'client_secret_basic', fields: '' },
};
const resource = {
  ...{ resource: 'https://api.walked.example/', relyingParty: 'lotus-air', audience: 'walked', scopes: 'book' },
  ...{ accessTokenFormat: 'jwt', environment: 'sandbox' },
};
const staff = { name: 'Phạm Thị Mới', email: 'moi@senid.example', office: 'vn', 'role.auditor': 'on', reason };
/** Goes on, to a page that says so. */
const done = (notice: string): Act => ({ status: 303, says: `notice=${notice}` });
const drafted = done('drafted');

/** Every post of the console but the end of its session: what is real of it, and what comes of that for whoever is alone. */
export const ACTS: Readonly<Record<string, Act>> = {
  passkeys: { status: 400, fields: { challenge: 'x', response: '{}', name: 'Máy' } },
  'passkeys/:id/remove': { status: 303, says: '/operator/passkeys' },
  'api-clients': { status: 400, fields: { name: 'x', days: '30' } },
  'api-clients/:id/revoke': done('revoked'),
  'changes/:id/amend': { ...done('amended'), fields: { value: '{"CRL_STALE_DAYS": 25}', reason } },
  'changes/:id/propose': done('proposed'),
  'changes/:id/decide': { status: 409, says: 'Bạn là người đề xuất hoặc đã soạn', fields: { approve: '' } },
  'changes/:id/withdraw': done('withdrawn'),
  'changes/:id/roll-back': { status: 409, fields: { reason } },
  clients: { status: 200, says: 'Mật khẩu của ứng dụng', fields: { ...client, reason } },
  'clients/:id/change': { status: 422, fields: { ...client, reason } },
  'clients/:id/restore': { status: 409, fields: { version: '1', reason } },
  'clients/:id/disable': { ...done('disabled'), fields: { reason } },
  'resource-servers': { ...drafted, fields: { ...resource, reason } },
  'online-applications/find': { status: 422, fields: { sought: 'ZZZZZ-ZZZZZ', reason: 'call' } },
  'online-applications/:id/reissue': { status: 422, fields: { reason: 'was_away' }, says: 'đã có tài khoản' },
  people: { status: 303, says: '/operator/people/', fields: { reason: 'call', note: '' } },
  // An account is shut by one officer, at once, and what was open ends with it; a lock of theirs they lift.
  'people/:reference/lock': {
    ...done('locked'),
    ...{ fields: { ground: 'holder_request' }, touches: ['subscriber_locks', 'recoveries'] },
  },
  'people/:reference/unlock': { ...done('lifted'), fields: { reason: 'mistake' }, touches: ['subscriber_locks'] },
  // What waits for a second officer lets nobody in.
  'people/:reference/recovery': { status: 200, says: 'half', touches: ['recoveries'] },
  'recoveries/:id': { status: 409, fields: { confirm: 'yes' } },
  'people/:reference/lock-request': {
    status: 409,
    fields: { what: 'lock', authority: 'Cơ quan điều tra', document: '18/YC', statement: 'Theo quyết định số 5.' },
  },
  'lock-requests/:id/forward': done('forwarded'),
  'lock-requests/:id/decide': { status: 409, fields: { decision: 'approved', reason } },
  'cases/:id/close': { ...done('closed'), fields: { outcome: 'secured', reason } },
  'data-requests/:id/acknowledge': done('acknowledged'),
  'data-requests/:id/extend': { ...done('extended'), fields: { extension: reason } },
  'data-requests/:id/decide': { ...done('decided'), fields: { outcome: 'refused', reason } },
  'withdrawals/:id/told': done('not-yet'),
  'withdrawals/:id/confirmed': done('not-yet'),
  operators: { ...drafted, fields: { ...staff, identityNumber: '097090000077' } },
  'operators/:id/change': { ...drafted, fields: { ...staff, state: 'active' } },
  'operators/:id/suspend': { ...done('suspended'), fields: { reason } },
  'operators/:id/invitation': { status: 409 },
  offices: { ...done('added'), fields: { parent: '01', id: '01-x', vi: 'Phường Thử', en: 'Trial' } },
  'keys/rotate': { ...done('proposed'), fields: { algorithm: 'ES256', reason } },
  trust: { status: 422, fields: { certificate: 'bm90aGluZw==', reason } },
  'trust/remove': { status: 409, fields: { sha256: 'a'.repeat(64), reason } },
  'trust/rules': { status: 409, fields: { reason } },
  policy: { status: 422, fields: { value: '{}', reason } },
  'deliveries/:id/replay': done('replayed'),
  'notices/:id/retry': done('not-retried'),
  'journal/verify': done('verifying'),
};

/** What each kind of page is about, all of this citizen and begun by this officer. */
export async function somethingOfEverything(
  server: TestServer,
  { operator, subscriberId }: { readonly operator: Acting; readonly subscriberId: string },
): Promise<void> {
  const { approvals, cases, dataRequests, deliveries, journal, subscribers, recoveries } = server.app.parts;
  const { database } = server;
  const drafted = await approvals.draft({ kind: 'card-rules', value: { CRL_STALE_DAYS: 20 }, reason, by: operator });
  if (!drafted.drafted) throw new Error(drafted.reason);
  const officer = operator.operatorId;
  await recoveries.counter.begin({ subscriberId, officer, ground: 'counter_visit' });
  const subscriber = await subscribers.find(subscriberId);
  if (!subscriber) throw new Error('nobody');
  const report = cases.open({ subscriberId, session: newId(), signedInAt: new Date(), frozen: [] });
  const message = { clientId: 'sample-airline', subscriberId, sub: 'sub' };
  for (const { statement } of [...report.writes, ...deliveries.queue(message, newId())])
    await database.execute(statement);
  await database.execute(sql`UPDATE outbox SET dead_at = now(), attempts = 9 WHERE dead_at IS NULL`);
  await database.execute(sql`UPDATE deliveries SET dead_at = now(), attempts = 9, last_failure = 'status 503'`);
  await dataRequests.receive({ subscriberId, kind: 'copy', statement: 'Cho tôi bản sao.' });
  await aLockRequest(server, { subscriberId, by: officer });
  const identityNumber = (await subscribers.identityNumber(subscriberId)) ?? '';
  await aLapsed(server, { ...subscriber, identityNumber });
  await hire(server, ['auditor']);
  await program(server, operator, { roles: ['auditor'] });
  await journal.seal();
}

const newest = (table: string, id = 'id'): Sql =>
  sql`SELECT ${sql.raw(id)}::text AS id FROM ${sql.raw(table)} ORDER BY ctid DESC LIMIT 1`;

/** The name of the newest of what a page is about. */
export async function newestOf({ database }: TestServer, path: string, operator: Acting): Promise<string> {
  const named: Record<string, Sql | string> = {
    ...{ changes: newest('change_requests'), recoveries: newest('recoveries') },
    ...{ cases: newest('security_cases'), 'data-requests': newest('data_requests'), deliveries: newest('deliveries') },
    ...{ 'online-applications': newest('enrolment_applications') },
    ...{ 'lock-requests': newest('lock_requests'), notices: newest('sent_messages') },
    ...{ withdrawals: newest('consent_withdrawals', 'consent_id'), 'api-clients': newest('operator_api_clients') },
    ...{ clients: 'sample-portal', 'relying-parties': 'lotus-air', journal: '1', passkeys: newId() },
    operators: sql`SELECT id::text AS id FROM operators WHERE id <> ${operator.operatorId} ORDER BY created_at DESC LIMIT 1`,
  };
  const found = named[path.split('/')[2] ?? ''];
  if (found === undefined) throw new Error(`what ${path} is about is not known`);
  return typeof found === 'string' ? found : ((await database.row<{ id: string }>(found))?.id ?? newId());
}

/** What a page has told whoever posts: the revision that was looked at, the lock that is there. */
export async function knownTo(
  { database }: TestServer,
  path: string,
  { id, identifier }: { readonly id: string; readonly identifier: string },
): Promise<Record<string, string>> {
  if (path === '/operator/people') return { identifier };
  if (path.includes('/changes/')) {
    const row = await database.row<{ revision: number }>(
      sql`SELECT revision FROM change_requests ORDER BY number DESC LIMIT 1`,
    );
    return { revision: String(row?.revision) };
  }
  if (!path.endsWith('/unlock')) return {};
  const lock = await database.row<{ id: string }>(sql`
    SELECT id::text AS id FROM subscriber_locks WHERE subscriber_id = ${id} AND lifted_at IS NULL`);
  return { lock: lock?.id ?? '' };
}
