import { ROLES } from '../../src/domain/operators/index.ts';
import { newId } from '../../src/platform/ids.ts';
import { sql } from '../../src/platform/sql.ts';
import { type ApiProgram, hire, program } from './api-operators.ts';
import { aProductionClient } from './api-scene.ts';
import { aLockRequest } from './lock-request.ts';
import { anApplicant, aProofing } from './people.ts';
import type { TestServer } from './server.ts';
import { aCountry } from './trust.ts';

/** Markup, attributes, our own templates and messages: each would set `window.__xss` where somebody forgot to escape. */
export const MARKUP = [
  '<script>window.__xss=1</script>"><img src=x onerror=window.__xss=1>',
  "' autofocus onfocus=window.__xss=1 x=' </title></textarea></select><svg onload=window.__xss=1>",
  '<%= window.__xss=1 %>{name, select, other {<b onclick=window.__xss=1>}}<link>javascript:window.__xss=1</link>',
] as const;
/** All of them in one text of less than 300 characters. */
export const ALL_MARKUP = MARKUP.join('');
/** For what takes sixty characters at most. */
export const SHORT_MARKUP = '"><img src=x onerror=window.__xss=1><script>__xss=1</script>';
/** No place to break a line, and marks above and below the letters. */
export const UNBROKEN = 'Nghiễngngưỡngtruyềnthuyếtđồngbằng'.repeat(9).slice(0, 290);
/** Nothing to see, and the words turned round: where a text of somebody's own may hold it. */
export const TURNED = '\u202egnud páH\u202c\u2067 đảo\u2069 rỗng:\u200b\u200d\ufeff|';
/** Marks that turn the direction of reading. */
export const TURNING = /[\u202a-\u202e\u2066-\u2069]/;

/** What such texts were stored as. */
export interface HostileTexts {
  /** Two clients in production; the first has versions 1 and 2. */
  readonly clients: readonly [marked: string, unbroken: string];
  readonly relyingParties: readonly [marked: string, unbroken: string];
  /** A change request of each kind and in each state that can be made. */
  readonly requests: readonly string[];
  /** One that may still be amended. */
  readonly draft: string;
  readonly operators: readonly string[];
  readonly delivery: string;
  /** What a citizen asked about their data: open, extended with a reason, and decided with one. */
  readonly dataRequests: readonly string[];
  /** What an authority asked: open, and decided with a reason. */
  readonly lockRequests: readonly string[];
  /** What a citizen disowned: open, and closed with a reason. */
  readonly cases: readonly string[];
  /** What a first officer has begun at a counter, and who waits for a second one: named by markup, and without an end. */
  readonly recoveries: readonly string[];
  /** Sealed events, by their numbers. */
  readonly entries: readonly number[];
  /** Whose name is markup; found by this number. */
  readonly identityNumber: string;
}

/** Stores texts wherever one is taken: most by the admin API, what it has no way for by the functions behind the console. */
export async function storeHostileTexts(server: TestServer): Promise<HostileTexts> {
  const { operators, relyingParties, journal, subscribers } = server.app.parts;
  const [first, second] = [await hire(server, ROLES), await hire(server, ROLES)];
  const [proposer, approver] = [await program(server, first), await program(server, second)];
  const requests: string[] = [];
  const draft = async (kind: string, value: unknown, reason: string): Promise<Step> => {
    const made = await answered(proposer.call('POST', '/change-requests', { body: { kind, value, reason } }), 201);
    requests.push(made.id);
    return made;
  };
  const step = async (by: ApiProgram, { id, revision }: Step, act: string, body: object = {}): Promise<Step> =>
    answered(by.call('POST', `/change-requests/${id}/${act}`, { body, ifMatch: revision }), 200);
  const propose = async (kind: string, value: unknown, reason: string): Promise<Step> =>
    step(proposer, await draft(kind, value, reason), 'propose');
  const apply = async (kind: string, value: unknown, reason: string, more: object = {}): Promise<Step> =>
    step(approver, await propose(kind, value, reason), 'approve', { note: `${MARKUP[0]} ${TURNED}`, ...more });

  const marked = aClient(ALL_MARKUP, 'payloads');
  const unbroken = aClient(UNBROKEN, 'unbroken');
  await apply('client', marked, ALL_MARKUP);
  await apply('client', { ...marked, purpose: { vi: UNBROKEN, en: UNBROKEN } }, TURNED);
  await apply('client', unbroken, UNBROKEN);
  const tight = SHORT_MARKUP.replaceAll(' ', '/');
  await apply(
    'resource-server',
    aResource(marked.relyingParty.id, { audience: tight, scopes: [tight.slice(1)] }),
    TURNED,
  );
  const refused = await propose('client', aClient(ALL_MARKUP, 'refused'), `${MARKUP[1]} ${UNBROKEN}`);
  await step(approver, refused, 'refuse', { note: `${ALL_MARKUP.slice(0, 200)} ${UNBROKEN}` });
  await step(proposer, await draft('client', aClient(UNBROKEN, 'withdrawn'), MARKUP[0]), 'withdraw');
  await propose('client', { ...marked, purpose: { vi: ALL_MARKUP, en: MARKUP[0] } }, `${MARKUP[2]} ${TURNED}`);
  const open = await draft('client', { ...unbroken, purpose: { vi: MARKUP[1], en: MARKUP[2] } }, MARKUP[1]);

  for (const [id, name] of [
    ['xss', `${MARKUP[0]} ${TURNED}`],
    ['unbroken', UNBROKEN.slice(0, 118)],
  ] as const) {
    const added = await operators.addOffice({ id, parentId: '01', name: { vi: name, en: name } }, first);
    if (!added.added) throw new Error(added.reason);
  }
  const people = [
    { name: MARKUP[0], office: 'xss' },
    { name: UNBROKEN.slice(0, 100), office: 'unbroken' },
    { name: `${TURNED} Bình`, office: 'vn' },
  ];
  const made: string[] = [];
  for (const [at, { name, office }] of people.entries()) {
    const identityNumber = `09709000000${at}`;
    const value = { id: newId(), identityNumber, name, office };
    const more = { email: `${'a'.repeat(60)}@${'b'.repeat(60)}.example`, roles: ROLES, state: 'invited' };
    const email = more.email.replace('a', String(at));
    await apply('operator', { ...value, ...more, email }, MARKUP[at] ?? '', { identityNumber });
    made.push(value.id);
  }

  for (const title of [ALL_MARKUP.slice(0, 180), UNBROKEN.slice(0, 60)])
    await apply('national-csca', { act: 'pin', certificate: aCountry('VN', { title }).der.toString('base64') }, title);
  await propose('signing-keys', { algorithm: 'ES256' }, ALL_MARKUP);
  const policy = JSON.parse((await proposer.call('GET', '/assurance-policy')).text);
  await draft('assurance-policy', { ...policy, version: '2026-12-31' }, ALL_MARKUP);

  await relyingParties.disable(unbroken.clientId, { kind: 'operator', id: first.operatorId }, { reason: ALL_MARKUP });
  const person = anApplicant({ fullName: ALL_MARKUP.slice(0, 100), nickname: MARKUP[1] });
  const registered = await subscribers.register(person, { by: { kind: 'system' }, proofing: aProofing() });
  if (!registered.registered) throw new Error(JSON.stringify(registered));
  const { dataRequests, cases } = await storeReports(server, registered.id, first.operatorId);
  const recoveries = await beginAtTheCounter(server, registered.id, made[0] ?? '');
  const delivery = newId();
  // What a receiver answers is not kept as text; if it ever were, it would be as hostile as this.
  await server.database.execute(sql`
    INSERT INTO deliveries (id, client_id, subscriber_id, sign_out, queued_at, attempts, last_failure, dead_at)
    VALUES (${delivery}, ${marked.clientId}, ${registered.id}, ${newId()}, now(), 8, ${ALL_MARKUP + UNBROKEN}, now())`);
  await server.database.execute(
    journal.append({
      ...{ type: 'authentication.failed', clientId: MARKUP[0], actor: { kind: 'client', id: MARKUP[1] } },
      detail: { why: ALL_MARKUP, [SHORT_MARKUP]: UNBROKEN },
    } as never).statement,
  );
  await journal.seal();
  return {
    clients: [marked.clientId, unbroken.clientId],
    relyingParties: [marked.relyingParty.id, unbroken.relyingParty.id],
    requests,
    draft: open.id,
    operators: made,
    delivery,
    dataRequests,
    cases,
    lockRequests: await storeLockRequests(server, registered.id, [made[0] ?? '', second.operatorId]),
    recoveries,
    entries: (await journal.query({ limit: 5 })).flatMap(({ sequence }) => sequence ?? []),
    identityNumber: person.identityNumber,
  };
}

/** What an authority writes, and what the officer answers who decides: somebody who is at work. */
async function storeLockRequests(
  server: TestServer,
  subscriberId: string,
  [first, second]: readonly [received: string, decides: string],
) {
  const texts = { authority: MARKUP[1], document: SHORT_MARKUP, statement: ALL_MARKUP + UNBROKEN };
  const decided = await aLockRequest(server, { subscriberId, by: first, ...texts });
  const { lockRequests } = server.app.parts;
  await lockRequests.forward(decided, { kind: 'operator', id: first });
  const by = { kind: 'operator', id: second } as const;
  const step = await lockRequests.decide(decided, { decision: 'refused', reason: ALL_MARKUP + UNBROKEN, by });
  if (!step.done) throw new Error(step.reason);
  const open = await aLockRequest(server, { subscriberId, by: first, ...texts, authority: UNBROKEN.slice(0, 200) });
  return [open, decided];
}

/** What a citizen writes to an officer, and the officer to the citizen. */
async function storeReports(server: TestServer, subscriberId: string, operatorId: string) {
  const { dataRequests, cases } = server.app.parts;
  const by = { kind: 'operator', id: operatorId } as const;
  const asked: string[] = [];
  for (const statement of [ALL_MARKUP, UNBROKEN, MARKUP.join(UNBROKEN)])
    asked.push((await dataRequests.receive({ subscriberId, kind: 'rectify', subject: 'name', statement })).id);
  await dataRequests.extend(asked[1] ?? '', { reason: ALL_MARKUP + UNBROKEN, by });
  await dataRequests.decide(asked[2] ?? '', { outcome: 'refused', reason: ALL_MARKUP + UNBROKEN, by });
  const disowned: string[] = [];
  for (const session of [MARKUP[0], newId()]) {
    const report = cases.open({ subscriberId, session, signedInAt: new Date(), frozen: [] });
    for (const { statement } of report.writes) await server.database.execute(statement);
    disowned.push(report.id);
  }
  await cases.close(disowned[1] ?? '', { outcome: 'handed_on', reason: ALL_MARKUP + UNBROKEN, by });
  return { dataRequests: asked, cases: disowned };
}

/** What an officer with such a name has begun: a recovery of this person, and of somebody whose name has no end. */
async function beginAtTheCounter(server: TestServer, subscriberId: string, officer: string) {
  const { subscribers, recoveries } = server.app.parts;
  const applicant = anApplicant({ fullName: UNBROKEN.slice(0, 100), identityNumber: '099300000001' });
  const other = await subscribers.register(applicant, { by: { kind: 'system' }, proofing: aProofing() });
  if (!other.registered) throw new Error(JSON.stringify(other));
  // Why level 2 does not count stands on the page of the counter.
  await server.database.execute(sql`
    UPDATE subscribers SET reproofing_required_since = ${new Date()} WHERE id IN (${subscriberId}, ${other.id})`);
  for (const id of [subscriberId, other.id])
    await recoveries.counter.begin({ subscriberId: id, officer, ground: 'counter_visit' });
  return (await recoveries.counter.waiting()).map(({ id }) => id);
}

interface Step {
  readonly id: string;
  readonly revision: number;
}

async function answered(reply: ReturnType<ApiProgram['call']>, status: number): Promise<Step> {
  const got = await reply;
  if (got.status !== status) throw new Error(`${got.status} ${got.text}`);
  return got.json<Step>();
}

/** A protected resource whose address is as long as it may be; the rest is as it was given. */
const aResource = (relyingParty: string, more: { readonly audience: string; readonly scopes: readonly string[] }) => ({
  ...{ resource: `https://lotus.example/${'r'.repeat(1_900)}`, relyingParty, ...more },
  ...{ accessTokenFormat: 'jwt', environment: 'production' },
});

/** A client of production in which every text is this one, and everything that is no text is as long as it may be. */
function aClient(text: string, name: string) {
  const base = aProductionClient();
  const both = { vi: text, en: text };
  const long = `${name}-${'x'.repeat(60 - name.length)}`;
  const uris = ['callback', 'other'].map((path) => `https://lotus.example/${path}?${'q'.repeat(300)}`);
  return {
    ...base,
    clientId: `${base.clientId}-${long}`,
    relyingParty: {
      ...base.relyingParty,
      ...{ id: long, name: both, legalEntity: { id: long, name: both } },
      contacts: { ...base.relyingParty.contacts, security: `${'s'.repeat(60)}@${'d'.repeat(60)}.example` },
    },
    purpose: both,
    purposes: base.purposes.map((purpose) => ({ ...purpose, text: both, legalBasis: text })),
    metadata: {
      ...base.metadata,
      redirect_uris: [...uris, `https://elsewhere.example/${'p'.repeat(200)}`],
    },
  };
}
