import { PERMISSIONS, ROLES } from '../../../src/domain/operators/index.ts';
import {
  amendPage,
  type Change,
  type ChangeRow,
  changePage,
  changesPage,
} from '../../../src/journeys/operator/changes/models.ts';
import { fieldsOf } from '../../../src/journeys/operator/clients/fields.ts';
import {
  type ClientRow,
  clientFormPage,
  clientPage,
  clientsPage,
  comparePage,
  draftedSecretPage,
  relyingPartyPage,
} from '../../../src/journeys/operator/clients/models.ts';
import { frameOf } from '../../../src/journeys/operator/frame.ts';
import {
  nationalPage,
  policyPage,
  type SigningKeysPage,
  signingKeysPage,
} from '../../../src/journeys/operator/keys/models.ts';
import {
  type DeliveryRow,
  deliveriesPage,
  deliveryPage,
  entryPage,
  journalPage,
  type MessageRow,
  messagesPage,
} from '../../../src/journeys/operator/ledger/models.ts';
import {
  type LockRequestRow,
  lockRequestPage,
  lockRequestsPage,
  newLockRequestPage,
} from '../../../src/journeys/operator/lock-requests/models.ts';
import {
  enrolPage,
  homePage,
  invitationPage,
  newPasskeyPage,
  passkeysPage,
  refusedPage,
  signInPage,
} from '../../../src/journeys/operator/models.ts';
import type { Choice } from '../../../src/journeys/operator/page-parts.ts';
import {
  confirmPage,
  counterHalfPage,
  counterPage,
  waitingPage,
} from '../../../src/journeys/operator/people/counter-models.ts';
import { findPersonPage, personPage } from '../../../src/journeys/operator/people/models.ts';
import { resourcesPage } from '../../../src/journeys/operator/resources/models.ts';
import {
  casePage,
  casesPage,
  type DataRequestRow,
  dataRequestPage,
  dataRequestsPage,
} from '../../../src/journeys/operator/rights/models.ts';
import {
  invitedSecondPage,
  type OperatorRow,
  officesPage,
  operatorFormPage,
  operatorPage,
  staffPage,
} from '../../../src/journeys/operator/staff/models.ts';
import type { Locale } from '../../../src/platform/messages.ts';
import type { View } from '../../../src/platform/views.ts';

/** Adds the console's pages to the samples, as somebody with every role sees them. */
export function consoleSamples(
  locale: Locale,
  sample: <Model extends object>(view: View<Model>, variant: string, model: NoInfer<Model>) => void,
): void {
  const say = (vi: string, en: string): string => (locale === 'vi' ? vi : en);
  const day = (text: string): Date => new Date(`2026-${text}+07:00`);
  const signOut = { action: '/operator/sign-out', csrf: 'token' };
  const acting = {
    ...{ operatorId: 'o1', person: 'p', name: 'Trần Thị Ngọc Mai', office: 'vn', roles: ROLES, by: 'console' as const },
    officeName: { vi: 'Trung ương', en: 'National office' },
    since: day('11-26T08:00:00'),
  };
  const at = (path: string) => frameOf(acting, { path, locale, signOut });
  const post = (action: string) => ({ action, csrf: 'token' });
  const select = (values: readonly string[], label: string, chosen = values[0]): Choice[] =>
    values.map((value) => ({
      value,
      label: value === '' ? 'console.any' : `${label}.${value}`,
      chosen: value === chosen,
    }));
  const reason = say('Lotus Air chuyển sang máy chủ mới từ tháng 12.', 'Lotus Air moves to new servers in December.');

  const row: ChangeRow = {
    ...{ number: 128, url: '/operator/changes/c1', kind: 'client', subject: 'lotus-air-web', state: 'proposed' },
    ...{ reason, at: day('11-26T09:05:00'), by: 'Lê Văn Thuyên', risks: 2, yours: true },
  };
  const rows: ChangeRow[] = [
    row,
    {
      ...row,
      ...{ number: 127, kind: 'operator', subject: '7f0d3c1e-5b5e-4f0e-9a53-0b3c9a4a7d11', state: 'scheduled' },
      ...{ reason: say('Cán bộ mới ở Đà Nẵng.', 'A new officer in Da Nang.'), risks: 1, yours: false },
    },
    { ...row, number: 126, kind: 'national-csca', subject: 'a41c…09', state: 'applied', risks: 1, yours: false },
    { ...row, number: 125, subject: 'song-thu-bank', state: 'refused', risks: 0, yours: false },
    { ...row, number: 124, state: 'stale', risks: 0, yours: false, by: 'command line' },
    { ...row, number: 123, state: 'draft', risks: 0, yours: false, by: 'command line' },
  ];
  const verification = {
    last: { at: day('11-26T02:00:00'), intact: true, entries: 1_204_331, fault: null, sequence: 0 },
    ...{ running: null, waiting: 3, waitingSince: day('11-26T09:05:00') },
  };

  sample(homePage, '', {
    ...at('/operator'),
    ...{
      roles: ['approver', 'security'],
      lede: 'operator.home.lede',
      waiting: rows.slice(0, 1),
      drafts: rows.slice(5),
    },
    expiring: [
      { what: 'trust-warning.list_due', of: 'CN=CSCA Viet Nam', at: day('12-01T00:00:00'), url: '/operator/trust' },
      { what: 'expiring.key', of: 'song-thu-bank · 2026-1', at: day('12-11T00:00:00'), url: '/operator/clients/b' },
    ],
    reserve: { approvers: 2, thin: [{ role: 'auditor', holders: 0 }], indispensable: 2 },
    ...{ dead: 2, journal: verification },
  });
  sample(homePage, 'quiet', {
    ...at('/operator'),
    ...{
      roles: ['auditor'],
      lede: 'operator.home.lede',
      waiting: [],
      drafts: null,
      reserve: null,
      expiring: [],
      dead: 0,
    },
    journal: {
      ...verification,
      last: { at: day('11-26T02:00:00'), intact: false, entries: 0, fault: 'altered', sequence: 1_204 },
      running: day('11-26T09:05:00'),
    },
  });
  sample(changesPage, '', {
    ...at('/operator/changes'),
    filters: {
      state: select(['', 'draft', 'proposed', 'applied'], 'change.state'),
      kind: select(['', 'client', 'operator'], 'change.kind'),
    },
    ...{ rows, older: '/operator/changes?from=123', newer: '/operator/changes' },
  });
  const change: Change = {
    ...{ number: 128, kind: 'client', subject: 'lotus-air-web', subjectUrl: '/operator/clients/lotus-air-web' },
    ...{ state: 'proposed', outcome: null, reason },
    steps: [
      { step: 'drafted', by: 'command line', at: day('11-26T09:01:00'), note: null },
      { step: 'proposed', by: 'Lê Văn Thuyên', at: day('11-26T09:05:00'), note: null },
    ],
    ...{ activateAt: day('12-24T09:30:00'), restores: null },
    findings: [
      {
        level: 'warning',
        path: 'metadata.redirect_uris.1',
        message: 'Only this one is at checkin.lotus.example; the others are at lotus.example.',
        words: { key: 'fault.trial.host', values: { host: 'checkin.lotus.example', usual: 'lotus.example' } },
      },
    ],
    risks: [
      { code: 'redirect_host_new', path: 'metadata.redirect_uris' },
      { code: 'floor_lowered', path: 'floors.authenticationLevel' },
    ],
    diff: [
      {
        ...{ path: 'metadata.redirect_uris', word: 'field.metadata.redirect_uris', rest: '' },
        ...{ before: null, after: 'https://checkin.lotus.example/return/from/sign-in/that/is/rather/long' },
      },
      {
        ...{ path: 'floors.authenticationLevel', word: 'field.floors.authenticationLevel', rest: '' },
        ...{ before: '3', after: '2' },
      },
      { path: 'metadata.tls_client', word: 'field.metadata', rest: 'tls_client', before: '{\n "a": 1\n}', after: null },
    ],
    ...{ isNew: false, notice: null, refused: null, waitsForAnother: false, revision: 4 },
    ...{ propose: null, decide: post('/operator/changes/c1/decide'), asksWho: true, withdraw: null, rollBack: null },
    forwardOnly: null,
    ...{ amendUrl: null },
  };
  sample(changePage, '', { ...at('/operator/changes'), ...change });
  sample(changePage, 'own', {
    ...at('/operator/changes'),
    ...change,
    ...{ notice: 'console.change.notice.proposed', waitsForAnother: true, decide: null },
    ...{ withdraw: post('/operator/changes/c1/withdraw'), amendUrl: '/operator/changes/c1/amend' },
  });
  sample(changePage, 'draft', {
    ...at('/operator/changes'),
    ...change,
    ...{ state: 'draft', decide: null, refused: 'step.refused.faulty', isNew: true, activateAt: null },
    findings: [
      {
        level: 'error',
        path: 'metadata.jwks_uri',
        message: 'It answers with the status 404.',
        words: { key: 'fault.trial.status', values: { status: '404' } },
      },
    ],
    steps: change.steps.slice(0, 1),
    ...{ propose: post('/operator/changes/c1/propose'), withdraw: post('/operator/changes/c1/withdraw') },
    amendUrl: '/operator/changes/c1/amend',
  });
  sample(changePage, 'applied', {
    ...at('/operator/changes'),
    ...change,
    ...{ state: 'applied', decide: null, restores: '3', rollBack: post('/operator/changes/c1/roll-back') },
    steps: [
      ...change.steps,
      {
        step: 'approved',
        by: 'Trần Thị Ngọc Mai',
        at: day('11-26T10:00:00'),
        note: say('Đã gọi xác nhận.', 'Called to confirm.'),
      },
      { step: 'applied', by: '', at: day('11-26T10:00:00'), note: null },
    ],
  });
  sample(changePage, 'forward-only', {
    ...at('/operator/changes'),
    ...{ ...change, kind: 'signing-keys', subject: 'ES256', subjectUrl: null, findings: [], risks: [], diff: [] },
    ...{ state: 'applied', decide: null, rollBack: null, forwardOnly: 'console.change.forward-only.signing-keys' },
  });
  const text =
    'clientId: lotus-air-web\nenvironment: production\nmetadata:\n  redirect_uris:\n    - https://lotus.example/return\n';
  const faults = [
    { path: 'metadata.redirect_uris.0', message: 'It must begin with https://', words: 'fault.uri.https' },
    {
      path: 'allowedScopes',
      message: 'A client that signs people in has the scope openid.',
      words: 'fault.terms.openid',
    },
    { path: '4:1', message: 'Implicit keys need to be on a single line.', words: null },
  ];
  sample(amendPage, '', {
    ...at('/operator/changes'),
    ...{ number: 128, kind: 'client', subject: 'lotus-air-web', backUrl: '/operator/changes/c1', revision: 4 },
    ...{ form: post('/operator/changes/c1/amend'), text, reason, faults, refused: null },
  });

  const line: ClientRow = {
    ...{ clientId: 'lotus-air-web', url: '/operator/clients/lotus-air-web', relyingParty: 'lotus-air' },
    ...{ name: say('Hãng hàng không Lotus Air', 'Lotus Air'), relyingPartyUrl: '/operator/relying-parties/lotus-air' },
    ...{ sector: 'aviation', environment: 'production', fapi: false, disabled: false },
  };
  const bank: ClientRow = {
    ...line,
    ...{ clientId: 'song-thu-bank', name: say('Ngân hàng Sông Thu', 'Song Thu Bank'), sector: 'banking', fapi: true },
  };
  const list = [line, bank, { ...line, clientId: 'old-portal', sector: null, disabled: true }];
  sample(clientsPage, '', {
    ...at('/operator/clients'),
    text: 'lotus',
    environment: select(['', 'production', 'sandbox'], 'client.environment'),
    sector: select(['', 'aviation', 'banking'], 'sector'),
    ...{ rows: list, newUrl: '/operator/new-client', older: '/operator/clients?from=old-portal', newer: null },
  });
  const resourceFields = { resource: '', relyingParty: '', audience: '', scopes: '', disabled: false, reason: '' };
  const resourceForm = {
    ...{ ...at('/operator/resource-servers'), form: post('/operator/resource-servers'), refused: null },
    format: select(['opaque', 'jwt'], 'resource.format'),
    environment: select(['production', 'sandbox'], 'client.environment'),
    ...{ fields: resourceFields, isKnown: false, faults: [], older: null, newer: null },
  };
  sample(resourcesPage, '', {
    ...resourceForm,
    rows: [
      {
        ...{ resource: 'https://api.lotus.example/bookings/', relyingParty: 'lotus-air', audience: 'lotus-bookings' },
        ...{ relyingPartyUrl: '/operator/relying-parties/lotus-air', scopes: ['bookings.read', 'bookings.write'] },
        ...{ format: 'jwt', environment: 'production', disabled: false },
        changeUrl: '/operator/resource-servers?resource=https%3A%2F%2Fapi.lotus.example%2Fbookings%2F',
      },
      {
        ...{ resource: 'https://old.song-thu.example/', relyingParty: 'song-thu-bank', audience: 'song-thu-api' },
        ...{ relyingPartyUrl: '/operator/relying-parties/song-thu-bank', scopes: ['accounts'] },
        ...{ format: 'opaque', environment: 'production', disabled: true, changeUrl: null },
      },
    ],
  });
  sample(resourcesPage, 'wrong', {
    ...{ ...resourceForm, rows: [], isKnown: true, fields: { ...resourceFields, resource: 'api.lotus.example' } },
    faults: [{ path: 'resource', message: 'It must begin with https://', words: 'fault.uri.https' }],
  });
  sample(relyingPartyPage, '', {
    ...at('/operator/relying-parties'),
    ...{ id: 'lotus-air', name: line.name, mark: 'LA', colour: '#1d4f91', legalEntity: 'lotus-air-jsc' },
    ...{ entityName: say('Công ty Cổ phần Hàng không Lotus', 'Lotus Aviation JSC'), sector: 'aviation' },
    contacts: [
      { role: 'technical', address: 'it@lotus.example' },
      { role: 'security', address: 'security@lotus.example' },
    ],
    ...{ rows: list, older: null, newer: null },
  });
  const delivery: DeliveryRow = {
    ...{ id: 'd1', url: '/operator/deliveries/d1', clientId: 'lotus-air-web', kind: 'logout', state: 'delivered' },
    ...{ queuedAt: day('11-26T08:00:00'), attempts: 1, lastFailure: null, deliveredAt: day('11-26T08:00:01') },
  };
  const dead: DeliveryRow = {
    ...delivery,
    state: 'dead',
    attempts: 12,
    lastFailure: 'egress.too_slow',
    deliveredAt: null,
  };
  sample(clientPage, '', {
    ...at('/operator/clients'),
    ...{ clientId: 'lotus-air-web', name: line.name, relyingParty: 'lotus-air', relyingPartyUrl: line.relyingPartyUrl },
    ...{
      environment: 'production',
      fapi: false,
      disabledAt: null,
      purpose: say('làm thủ tục chuyến bay', 'check in for a flight'),
    },
    ...{ authMethod: 'private_key_jwt', logoutUri: 'https://lotus.example/logout', jwksUri: null },
    eventsUri: 'https://lotus.example/events',
    links: { linked: 1204, unlinkedAt: [day('11-20T08:00:00'), day('11-19T08:00:00')] },
    redirectUris: ['https://lotus.example/return', 'https://checkin.lotus.example/return/from/sign-in'],
    keys: [
      { kid: '2026-1', kind: 'EC P-256 ES256', expiresAt: day('12-24T00:00:00'), expired: false },
      { kid: '2025-2', kind: 'RSA PS256', expiresAt: day('11-01T00:00:00'), expired: true },
    ],
    secretExpiresAt: null,
    floors: [
      { of: null, floor: { key: 'floor.accountLevel', values: { value: '2' } } },
      { of: 'personal_identification_number', floor: { key: 'floor.phishingResistant', values: { value: 'true' } } },
    ],
    purposes: [
      {
        ...{ id: 'boarding', text: say('làm thủ tục chuyến bay', 'check in for a flight'), scopes: ['profile'] },
        legalBasis: say('Luật Hàng không dân dụng, Điều 145', 'Civil Aviation Law, Article 145'),
        claims: [
          { claim: 'name', sensitive: false },
          { claim: 'birthdate', sensitive: true },
          { claim: 'personal_identification_number', sensitive: true },
        ],
      },
    ],
    inPerson: [
      {
        ...{ id: 'gate', text: say('so tên với vé ở cửa', 'match the name with the ticket at the gate') },
        ...{ legalBasis: 'Nghị định 30/2013/NĐ-CP', face: 'required' as const },
        claims: [
          { claim: 'name', sensitive: false },
          { claim: 'portrait', sensitive: true },
        ],
      },
      {
        ...{ id: 'lounge', text: say('mở cửa phòng chờ', 'open the lounge'), claims: [] },
        ...{ legalBasis: 'Hợp đồng', face: 'optional' as const },
      },
    ],
    scopes: ['openid', 'profile'],
    claims: [{ claim: 'name', sensitive: false }],
    versions: [
      {
        number: 3,
        at: day('11-20T10:00:00'),
        by: 'Trần Thị Ngọc Mai',
        disabled: false,
        changeUrl: '/operator/changes/c3',
      },
      { number: 2, at: day('10-20T10:00:00'), by: 'Trần Thị Ngọc Mai', disabled: true, changeUrl: null },
      { number: 1, at: day('09-20T10:00:00'), by: 'system', disabled: false, changeUrl: null },
    ],
    ...{ olderVersions: null, compareUrl: '/operator/clients/lotus-air-web/compare' },
    ...{
      restore: post('/operator/clients/lotus-air-web/restore'),
      changeUrl: '/operator/clients/lotus-air-web/change',
    },
    ...{ disable: post('/operator/clients/lotus-air-web/disable'), enableUrl: null },
    ...{ requests: rows.slice(0, 1), deliveries: [delivery, dead], deliveriesUrl: '/operator/deliveries?client=x' },
    ...{ notice: null, refused: null },
  });
  sample(comparePage, '', {
    ...at('/operator/clients'),
    ...{ clientId: 'lotus-air-web', backUrl: '/operator/clients/lotus-air-web', from: 2, to: 3, diff: change.diff },
  });
  const clientForm = {
    ...at('/operator/clients'),
    ...{
      clientId: null,
      backUrl: '/operator/clients',
      form: post('/operator/clients'),
      document: post('/operator/clients'),
    },
    fields: {
      ...fieldsOf({}),
      clientId: 'lotus-air-web',
      redirectUris: 'http://lotus.example/return',
      scopes: 'openid profile',
    },
    ...{ purposes: [], nextPurpose: '0' },
    environment: select(['production', 'sandbox'], 'client.environment'),
    authMethod: select(['private_key_jwt', 'none'], 'client.method'),
    sector: select(['aviation', 'banking'], 'sector'),
    accountLevel: select(['1', '2'], 'client.level'),
    authenticationLevel: select(['1', '2', '3', '4'], 'client.level'),
    proofing: select(['any', 'in_person'], 'client.proofing'),
    ...{ text, reason, faults, refused: null },
  };
  sample(clientFormPage, '', clientForm);
  const purposes = [
    { place: '0', id: 'check-in', vi: 'làm thủ tục chuyến bay', en: 'check in for a flight', scopes: 'profile' },
    { place: '2', id: 'rewards', vi: 'ghi điểm thưởng', en: 'count reward points', scopes: 'assurance' },
  ].map((one) => ({ ...one, legalBasis: '', claims: 'birthdate' }));
  sample(clientFormPage, 'several-purposes', { ...clientForm, purposes, nextPurpose: '3' });
  sample(draftedSecretPage, '', {
    ...at('/operator/clients'),
    ...{
      clientId: 'lotus-air-web',
      secret: 'Qm9zcXVldC1sb3R1cy1haXItd2ViLXNlY3JldA',
      changeUrl: '/operator/changes/c1',
    },
  });

  const reasons = ['counter_visit', 'call', 'incident'].map((value) => ({
    ...{ value, label: `view-reason.${value}`, chosen: value === 'call' },
  }));
  sample(findPersonPage, '', {
    ...at('/operator/people'),
    ...{ form: post('/operator/people'), errors: {}, reasons, note: '', notice: null },
  });
  sample(findPersonPage, 'wrong', {
    ...at('/operator/people'),
    ...{ form: post('/operator/people'), reasons, note: '', notice: 'console.people.over' },
    errors: { identifier: 'console.people.nobody', reason: 'console.people.reason.missing' },
  });
  sample(personPage, '', {
    ...at('/operator/people'),
    ...{ name: 'Nguyễn Thị Bảo Trân', identityNumber: '097 ••• ••• 345', accountLevel: 1, state: 'locked' },
    ...{ lowered: 'policy_withdrawn', reason: 'counter_visit', until: day('11-26T09:15:00') },
    notice: 'console.person.notice.lifted-one',
    locks: [
      {
        ...{ id: '7f0d3c1e-5b5e-4f0e-9a53-0b3c9a4a7d11', ground: 'holder_request', openedAt: day('11-25T21:00:00') },
        ...{ liftedAt: null, lift: post('/operator/people/abc/unlock') },
      },
      {
        ...{ id: '7f0d3c1e-5b5e-4f0e-9a53-0b3c9a4a7d12', ground: 'card_held', openedAt: day('11-20T08:00:00') },
        ...{ liftedAt: day('11-21T08:00:00'), lift: null },
      },
    ],
    reasons: ['', 'holder_present', 'ground_gone', 'mistake'].map((value, n) => ({
      ...{ value, label: value === '' ? 'lift.reason.choose' : `lift.reason.${value}`, chosen: n === 0 },
    })),
    lock: {
      ...post('/operator/people/abc/lock'),
      grounds: ['', 'holder_request', 'residence_expired'].map((value, n) => ({
        ...{ value, label: value === '' ? 'console.lock.choose' : `lock.ground.${value}`, chosen: n === 0 },
      })),
    },
    authenticators: [
      { kind: 'passkey', status: 'active', createdAt: day('03-14T09:05:00'), lastUsedAt: day('11-20T21:40:00') },
      { kind: 'message-otp', status: 'disabled', createdAt: day('03-14T09:05:00'), lastUsedAt: null },
    ],
    signIns: [
      { at: day('11-20T21:40:00'), clientId: 'lotus-air-web', succeeded: true },
      { at: day('11-20T21:39:00'), clientId: null, succeeded: false },
    ],
    counterUrl: '/operator/people/abc/counter',
    lockRequestUrl: '/operator/people/abc/lock-request',
    journalUrl: '/operator/journal?person=abc',
  });
  const atCounter = { name: 'Nguyễn Thị Bảo Trân', identityNumber: '097 ••• ••• 345' };
  sample(counterPage, '', {
    ...{ ...at('/operator/people'), ...atCounter, own: true, personUrl: '/operator/people/abc' },
    recovery: { action: '/operator/people/abc/recovery', csrf: 'token' },
    reproofing: { why: 'handed_over', url: '/operator/new-application' },
  });
  sample(counterPage, 'locked', {
    ...{ ...at('/operator/people'), ...atCounter, own: false, personUrl: '/operator/people/abc' },
    ...{ recovery: null, reproofing: { why: 'policy_withdrawn', url: null } },
  });
  sample(counterHalfPage, '', {
    ...{ ...at('/operator/people'), half: '7K3M-Q9TX', which: 'first', backUrl: '/operator/people/abc' },
  });
  const begun = { at: day('11-26T09:15:00'), by: 'Trần Thị Mai' };
  sample(waitingPage, '', {
    ...{
      ...at('/operator/recoveries'),
      notice: 'console.waiting.refused',
      newer: '/operator/recoveries',
      older: null,
    },
    waiting: [
      { ...begun, url: '/operator/recoveries/abc', mine: true },
      { ...begun, url: '/operator/recoveries/abd', mine: false },
    ],
  });
  sample(confirmPage, '', {
    ...{
      ...at('/operator/recoveries'),
      ...atCounter,
      ...begun,
      refused: 'console.confirm.same-officer',
    },
    form: { action: '/operator/recoveries/abc', csrf: 'token' },
  });

  const operator: OperatorRow = {
    ...{ url: '/operator/operators/o2', name: 'Lê Văn Thuyên', email: 'thuyen@sen.example', state: 'active' },
    ...{
      office: say('Thành phố Đà Nẵng', 'Da Nang City'),
      roles: ['rp_admin', 'auditor'],
      lastSeenAt: day('11-26T09:00:00'),
    },
  };
  const offices = [
    { value: 'vn', label: { text: say('Trung ương', 'National office') }, chosen: true },
    { value: '48', label: { text: say('Thành phố Đà Nẵng', 'Da Nang City') }, chosen: false },
  ];
  sample(staffPage, '', {
    ...at('/operator/operators'),
    ...{ named: '', state: select(['', 'active', 'invited'], 'operator.state'), office: offices },
    rows: [operator, { ...operator, name: 'H’Hen Niê Kđăm', state: 'invited', lastSeenAt: null, roles: ROLES }],
    ...{ inviteUrl: '/operator/operators/new', officesUrl: '/operator/offices', older: null, newer: null },
  });
  sample(officesPage, '', {
    ...at('/operator/offices'),
    nation: say('Trung ương', 'National office'),
    provinces: [
      {
        id: '48',
        name: say('Thành phố Đà Nẵng', 'Da Nang City'),
        communes: [
          { id: '20194', name: 'Hải Châu', training: false },
          { id: '20194-hoc', name: 'Hải Châu – học việc', training: true },
        ],
      },
      { id: '46', name: say('Thành phố Huế', 'Hue City'), communes: [] },
    ],
    ...{ form: post('/operator/offices'), parents: offices, entered: { id: '', vi: '', en: '' } },
    ...{ refused: 'console.offices.refused.taken', notice: null },
  });
  sample(operatorFormPage, '', {
    ...at('/operator/operators'),
    ...{ person: null, form: post('/operator/operators'), backUrl: '/operator/operators', offices, states: [] },
    entered: { name: 'Lê Văn Thuyên', email: 'thuyen@', identityNumber: '', reason },
    roles: ROLES.map((role) => ({ role, chosen: role === 'rp_admin' })),
    ...{
      faults: [{ path: 'email', message: 'Give one e-mail address.', words: 'fault.operator.email' }],
      refused: null,
    },
  });
  sample(operatorFormPage, 'change', {
    ...at('/operator/operators'),
    ...{ person: 'Lê Văn Thuyên', form: post('/operator/operators/o2/change'), backUrl: '/operator/operators/o2' },
    ...{ offices, states: select(['active', 'invited', 'suspended'], 'operator.state') },
    entered: { name: 'Lê Văn Thuyên', email: 'thuyen@sen.example', identityNumber: '', reason: '' },
    roles: ROLES.map((role) => ({ role, chosen: role === 'rp_admin' })),
    ...{ faults: [], refused: 'draft.refused.same' },
  });
  sample(invitedSecondPage, '', {
    ...at('/operator/operators'),
    ...{ name: 'Lê Văn Thuyên', code: 'Qm9zcXVldC1sb3R1cy1haXItd2ViLXNlY3JldC1hYmM', expiresAt: day('11-29T09:00:00') },
  });
  sample(operatorPage, '', {
    ...at('/operator/operators'),
    ...operator,
    ...{
      state: 'invited',
      createdAt: day('11-01T08:00:00'),
      isSelf: false,
      changeUrl: '/operator/operators/o2/change',
    },
    ...{ suspend: post('/operator/operators/o2/suspend'), sendInvitation: post('/operator/operators/o2/invitation') },
    ...{ requests: rows.slice(1, 2), notice: 'console.operator.notice.sent', refused: null },
  });

  const key: SigningKeysPage['groups'][number]['keys'][number] = {
    ...{ kid: 'nvXVpyGIIkVVjKDdIvBk3dmS0vgWiZhnXWWc7TTRuWQ', algorithm: 'ES256', custody: 'database' },
    ...{ createdAt: day('10-01T08:00:00'), usableAt: null, activatedAt: null, retiredAt: null, forgottenAt: null },
  };
  sample(signingKeysPage, '', {
    ...at('/operator/keys'),
    groups: [
      {
        state: 'current',
        keys: [
          { ...key, activatedAt: day('10-01T08:10:00') },
          { ...key, algorithm: 'PS256', custody: 'pkcs11' },
        ],
      },
      { state: 'next', keys: [{ ...key, usableAt: day('11-27T08:00:00') }] },
      {
        state: 'retired',
        keys: [{ ...key, custody: 'file', retiredAt: day('11-01T08:00:00'), forgottenAt: day('12-01T08:00:00') }],
      },
    ],
    ...{ algorithms: ['ES256', 'PS256'], rotate: post('/operator/keys/rotate'), refused: null },
  });
  sample(nationalPage, '', {
    ...at('/operator/trust'),
    certificates: [
      {
        ...{ sha256: 'a41c0f9b2c7d4e5f60718293a4b5c6d7e8f90112233445566778899aabbccdde', state: 'active' },
        ...{
          subject: 'C=VN, O=Bộ Công an, CN=CSCA Viet Nam 2024',
          notBefore: day('01-01T00:00:00'),
          notAfter: day('12-31T00:00:00'),
        },
      },
    ],
    warnings: [
      { what: 'list_missing', subject: 'CN=CSCA Viet Nam 2024', at: null, blocking: true },
      { what: 'face_beyond', subject: 'FACE_PAD_REQUIRED=tested', at: null, blocking: true },
      { what: 'rule_wished', subject: 'CRL_STALE_DAYS=30', at: null, blocking: false },
      { what: 'rule_loosened', subject: 'CARD_TRUST=authority', at: null, blocking: false },
      { what: 'list_due', subject: 'CN=CSCA Viet Nam 2024', at: day('12-01T00:00:00'), blocking: false },
    ],
    rules: [
      { text: 'console.national.rule.authority', days: null, setting: 'CARD_TRUST=authority' },
      { text: 'console.national.rule.asked', days: null, setting: 'CARD_STATUS=asked' },
      { text: 'console.national.rule.days', days: 10, setting: 'CRL_STALE_DAYS=10' },
      { text: 'console.national.rule.freshness', days: null, setting: 'CARD_STATUS_FRESHNESS=86400' },
      { text: 'console.national.rule.pad.tested', days: null, setting: 'FACE_PAD_REQUIRED=tested' },
    ],
    ...{
      agreement: { ...post('/operator/trust/rules'), settings: ['CARD_TRUST=authority', 'CRL_STALE_DAYS=30'] },
      form: post('/operator/trust'),
      removal: post('/operator/trust/remove'),
      entered: { certificate: '', reason: '' },
    },
    ...{ faults: [], refused: 'draft.refused.same' },
  });
  const policyRow = {
    ...{ id: 'passkey', needs: 'passkey, userVerified: true', gives: 'possession, phishing-resistance' },
    ...{ clause: '§3.2.5', from: '2024-07-01', until: null },
  };
  sample(policyPage, '', {
    ...at('/operator/policy'),
    ...{ version: '2026-01-01', withdrawn: ['2025-01-01'] },
    ...{ evidence: [policyRow], worth: [policyRow], combinations: [policyRow] },
    older: [{ version: '2025-06-01', adoptedAt: day('06-01T00:00:00'), changeUrl: '/operator/changes/c9' }],
    ...{
      release: '2026-07-01',
      form: post('/operator/policy'),
      text: '{\n  "version": "2026-01-01"\n}',
      reason: '',
      faults: [],
      refused: null,
    },
  });
  sample(deliveriesPage, '', {
    ...at('/operator/deliveries'),
    ...{
      client: '',
      state: select(['', 'dead', 'delivered'], 'delivery.state'),
      counts: { waiting: 4, dead: 1, overdue: 0 },
    },
    ...{ rows: [delivery, dead, { ...delivery, state: 'retrying', deliveredAt: null, lastFailure: 'status 503' }] },
    ...{ older: '/operator/deliveries?from=x', newer: null },
  });
  const message: MessageRow = {
    ...{ id: 'm1', kind: 'authenticator_bound', to: '+84 ••• ••• 101', attempts: 1, reason: null, retry: null },
    medium: 'sms',
    state: 'delivered',
    ...{ queuedAt: day('11-26T08:00:00'), settledAt: day('11-26T08:00:02') },
  };
  sample(messagesPage, '', {
    ...at('/operator/notices'),
    state: select(['', 'queued', 'delivered', 'failed'], 'message.state'),
    notice: 'console.messages.notice.retried',
    rows: [
      message,
      { ...message, state: 'queued', settledAt: null, attempts: 3, reason: 'unreachable' },
      {
        ...message,
        medium: 'mail',
        state: 'failed',
        ...{ kind: 'account_locked', attempts: 10 },
        ...{ reason: 'refused', retry: post('/operator/notices/m1/retry') },
      },
    ],
    ...{ older: '/operator/notices?from=x', newer: null },
  });
  sample(deliveryPage, '', {
    ...at('/operator/deliveries'),
    ...dead,
    ...{ lastAttemptAt: day('11-26T08:30:00'), nextAttemptAt: null, deadAt: day('11-26T08:30:00'), replays: 1 },
    ...{ clientUrl: '/operator/clients/lotus-air-web', replay: post('/operator/deliveries/d1/replay') },
    ...{ notice: null, refused: 'delivery.refused.client_disabled' },
  });
  sample(journalPage, '', {
    ...at('/operator/journal'),
    filters: {
      type: [
        { value: '', label: 'console.any', chosen: true },
        { value: 'change.applied', label: { text: 'change.applied' }, chosen: false },
      ],
      ...{ client: '', since: '2026-11-01', until: '', person: 'abc' },
    },
    rows: [
      {
        sequence: null,
        url: null,
        at: day('11-26T09:05:00'),
        type: 'change.proposed',
        actor: 'Lê Văn Thuyên',
        clientId: 'lotus-air-web',
      },
      {
        sequence: 1204331,
        url: '/operator/journal/1204331',
        at: day('11-26T09:04:00'),
        type: 'authentication.succeeded',
        actor: 'subscriber',
        clientId: null,
      },
      {
        sequence: 1204330,
        url: '/operator/journal/1204330',
        at: day('11-26T09:03:00'),
        type: 'keys.rotated',
        actor: 'system',
        clientId: null,
      },
    ],
    ...{ verification, verify: post('/operator/journal/verify'), notice: 'console.journal.notice.verifying' },
    ...{ older: '/operator/journal?from=1204330', newer: null },
  });
  sample(entryPage, '', {
    ...at('/operator/journal'),
    ...{ sequence: 1204331, at: day('11-26T09:04:00'), type: 'client.disabled', actor: 'Trần Thị Ngọc Mai' },
    ...{ clientId: 'lotus-air-web', clientUrl: '/operator/clients/lotus-air-web', aboutSomebody: true },
    hash: 'a41c0f9b2c7d4e5f60718293a4b5c6d7e8f90112233445566778899aabbccdde',
    detail: [{ name: 'reason', value: say('Khóa riêng bị lộ.', 'Its private key has leaked.') }],
  });

  const passkey = { ...post('/operator/sign-in'), challengeId: 'c', options: { challenge: 'AAAA', rpId: 'localhost' } };
  sample(signInPage, '', { errors: {}, notice: 'operator.sign-in.notice.signed-out', passkey });
  sample(invitationPage, '', {
    ...post('/operator/invitation'),
    errors: { code: 'operator.invitation.code.missing' },
    code: '',
  });
  sample(enrolPage, '', {
    ...{ ...post('/operator/invitation/passkey'), errors: {}, person: 'Lê Văn Thuyên', code: 'abc' },
    ...{ challengeId: 'c', options: passkey.options },
  });
  sample(passkeysPage, '', {
    ...at('/operator/passkeys'),
    ...{ notice: 'operator.passkeys.added', warning: false, addUrl: '/operator/passkeys/new' },
    passkeys: [
      {
        id: 'p1',
        name: say('Máy ở cơ quan', 'Work laptop'),
        synced: false,
        createdAt: day('03-14T09:05:00'),
        lastUsedAt: null,
        remove: post('/operator/passkeys/p1/remove'),
      },
    ],
  });
  sample(newPasskeyPage, '', {
    ...at('/operator/passkeys'),
    ...{
      ...post('/operator/passkeys'),
      errors: {},
      challengeId: 'c',
      options: passkey.options,
      backUrl: '/operator/passkeys',
    },
  });
  sample(refusedPage, '', { ...at('/operator'), permission: Object.keys(PERMISSIONS)[0] as keyof typeof PERMISSIONS });

  const seen = { name: 'Nguyễn Thị Bảo Trân', identityNumber: '097 ••• ••2345' };
  const caseRow = {
    ...{ number: 17, url: '/operator/cases/c1', openedAt: day('11-20T21:45:00'), signedInAt: day('11-19T03:12:00') },
    ...{ frozen: 2, outcome: null },
  };
  const caseStates = [
    { value: 'all', label: 'console.any', chosen: false },
    { value: 'open', label: 'console.case.state.open', chosen: true },
  ];
  const request: LockRequestRow = {
    ...{ number: 12, url: '/operator/lock-requests/k1', what: 'lock', state: 'received' },
    ...{ receivedAt: day('11-20T08:00:00'), dueAt: day('11-21T16:59:59'), overdue: 'forwarding' },
  };
  const requestStates = (['open', 'all'] as const).map((value) => ({
    ...{ value, label: `console.lock-requests.${value}`, chosen: value === 'open' },
  }));
  sample(lockRequestsPage, '', {
    ...at('/operator/lock-requests'),
    ...{ open: 2, late: 1, older: null, newer: null, state: requestStates, provisionalYear: 2027 },
    rows: [
      request,
      { ...request, number: 11, what: 'unlock', state: 'forwarded', overdue: null },
      { ...request, number: 10, state: 'refused', dueAt: null, overdue: null },
    ],
  });
  sample(lockRequestsPage, 'none', {
    ...at('/operator/lock-requests'),
    ...{ open: 0, late: 0, rows: [], older: null, newer: null, state: requestStates, provisionalYear: null },
  });
  const asking = {
    ...{ ...at('/operator/lock-requests/:id'), ...request, ...seen, reason: '', receivedBy: 'Lê Văn Thuyên' },
    provisionalYear: 2027,
    ...{ authority: say('Cơ quan điều tra của một thành phố trong tranh', 'An investigator of a painted city') },
    ...{ document: '17/YC-CQĐT', statement: say('Theo quyết định số 4.', 'By decision no. 4.') },
    lifts: null,
    unnamed: false,
    decisions: ['approved', 'refused'].map((value) => ({
      ...{ value, label: `console.lock-request.decision.${value}`, chosen: false },
    })),
  };
  sample(lockRequestPage, '', {
    ...{ ...asking, forwarded: null, forward: post('/operator/lock-requests/k1/forward'), decide: null },
    ...{ waitsForAnother: false, errors: {}, decision: null, refused: null },
    notice: 'console.lock-request.notice.received',
  });
  sample(lockRequestPage, 'wrong', {
    ...{ ...asking, state: 'forwarded', overdue: 'decision', forward: null },
    forwarded: { by: 'Lê Văn Thuyên', at: day('11-21T08:00:00') },
    decide: post('/operator/lock-requests/k1/decide'),
    errors: { decision: 'console.lock-request.decision.missing', reason: 'console.lock-request.reason.missing' },
    ...{ waitsForAnother: false, decision: null, notice: null, refused: 'console.lock-request.refused.own' },
  });
  sample(lockRequestPage, 'another', {
    ...{ ...asking, state: 'forwarded', overdue: null, forward: null, decide: null, errors: {}, decision: null },
    forwarded: { by: 'Lê Văn Thuyên', at: day('11-21T08:00:00') },
    ...{ waitsForAnother: true, notice: 'console.lock-request.notice.forwarded', refused: null },
  });
  const ofAnAuthority = say('Tòa án của một thành phố trong tranh', 'A court of a painted city');
  sample(lockRequestPage, 'unlock', {
    ...{ ...asking, what: 'unlock', state: 'forwarded', overdue: null, forward: null, errors: {} },
    forwarded: { by: 'Lê Văn Thuyên', at: day('11-21T08:00:00') },
    lifts: { lock: { document: '9/TA', authority: ofAnAuthority, openedAt: day('11-12T08:00:00') }, staying: 1 },
    decide: post('/operator/lock-requests/k1/decide'),
    ...{ waitsForAnother: false, decision: null, notice: null, refused: null },
  });
  sample(lockRequestPage, 'decided', {
    ...{ ...asking, state: 'approved', overdue: null, dueAt: null, forward: null, decide: null, errors: {} },
    forwarded: { by: 'Lê Văn Thuyên', at: day('11-21T08:00:00') },
    decision: { by: 'Trần Hoa', at: day('11-22T08:00:00'), reason },
    ...{ waitsForAnother: false, notice: 'console.lock-request.notice.approved', refused: null },
  });
  const taking = {
    ...{ ...at('/operator/people'), ...seen, personUrl: '/operator/people/abc' },
    form: post('/operator/people/abc/lock-request'),
    whats: ['lock', 'unlock'].map((value) => ({
      ...{ value, label: `console.lock-request.what.${value}`, chosen: value === 'lock' },
    })),
  };
  const locks = ['', 'l1', 'l2'].map((value, n) => ({
    ...{ value, chosen: n === 0 },
    label: n === 0 ? 'console.lock-request.lifts.choose' : { text: n === 1 ? '1/VKS' : `9/TA · ${ofAnAuthority}` },
  }));
  sample(newLockRequestPage, '', {
    ...{ ...taking, errors: {}, refused: null, locks: [] },
    entered: { authority: '', document: '', statement: '' },
  });
  sample(newLockRequestPage, 'wrong', {
    ...{ ...taking, locks },
    errors: {
      lock: 'console.lock-request.lifts.missing',
      ...{ what: 'console.lock-request.what.missing', authority: 'console.lock-request.authority.missing' },
      ...{ document: 'console.lock-request.document.missing', statement: 'console.lock-request.statement.missing' },
    },
    ...{ entered: { authority: 'x', document: '', statement: '' }, refused: 'console.lock-request.refused.under_way' },
  });
  sample(casesPage, '', {
    ...at('/operator/cases'),
    ...{ open: 1, older: '/operator/cases?from=16', newer: null, state: caseStates },
    rows: [caseRow, { ...caseRow, number: 16, outcome: 'own_after_all' }],
  });
  sample(casesPage, 'none', {
    ...at('/operator/cases'),
    ...{ open: 0, rows: [], older: null, newer: null, state: caseStates },
  });
  const outcomes = (values: readonly string[], label: string) =>
    values.map((value) => ({ value, label: `${label}.${value}`, chosen: false }));
  const closing = {
    ...{ ...at('/operator/cases/:id'), ...caseRow, ...seen, kinds: ['totp', 'password'], reason: '' },
    outcomes: outcomes(['own_after_all', 'secured', 'handed_on'], 'console.case.outcome'),
  };
  sample(casePage, '', {
    ...closing,
    ...{ close: post('/operator/cases/c1/close'), errors: { reason: 'console.case.reason.missing' } },
    ...{ closed: null, notice: null },
  });
  sample(casePage, 'closed', {
    ...closing,
    ...{ close: null, errors: {}, outcome: 'secured', notice: 'console.case.notice.closed' },
    closed: { by: 'Lê Văn Thuyên', at: day('11-21T08:00:00'), reason },
  });
  const asked: DataRequestRow = {
    ...{ number: 41, url: '/operator/data-requests/r1', kind: 'rectify', subject: 'name' },
    ...{ receivedAt: day('11-20T08:00:00'), acknowledgeBy: day('11-24T23:59:59'), acknowledgedAt: null },
    ...{ decideBy: day('12-10T23:59:59'), overdue: 'acknowledgement' },
  };
  sample(dataRequestsPage, '', {
    provisionalYear: 2027,
    ...at('/operator/data-requests'),
    ...{ open: 2, late: 1, older: null, newer: null },
    waits: { unconfirmed: 54, toTell: 1, overdue: 1 },
    ...{ moreUrl: '/operator/data-requests?waiting=0b0e7b1e-7c1c-4b0e-9f1b-3f1f6f1f1f1f', firstUrl: null },
    rows: [
      asked,
      { ...asked, number: 40, kind: 'copy', subject: null, overdue: null, acknowledgedAt: day('11-21T08:00:00') },
    ],
    unconfirmed: [
      {
        ...{ clientId: 'lotus-air-web', withdrawnAt: day('11-01T08:00:00'), confirmBy: day('11-23T23:59:59') },
        ...{ state: 'on_its_way', toldAt: null, overdue: false, next: null },
      },
      {
        ...{ clientId: 'stadium', withdrawnAt: day('11-01T08:00:00'), confirmBy: day('11-23T23:59:59') },
        ...{ state: 'told', toldAt: day('11-01T08:00:07'), overdue: true },
        next: { step: 'confirmed', form: post('/operator/withdrawals/w3/confirmed') },
      },
      {
        ...{ clientId: 'library', withdrawnAt: day('11-20T08:00:00'), confirmBy: day('12-10T23:59:59') },
        ...{ state: 'to_tell_by_hand', toldAt: null, overdue: false },
        next: { step: 'told', form: post('/operator/withdrawals/w1/told') },
      },
      {
        ...{ clientId: 'museum', withdrawnAt: day('11-19T08:00:00'), confirmBy: day('12-09T23:59:59') },
        ...{ state: 'told_by_hand', toldAt: day('11-20T09:00:00'), overdue: false },
        next: { step: 'confirmed', form: post('/operator/withdrawals/w2/confirmed') },
      },
    ],
    notice: 'console.unconfirmed.notice.told',
  });
  const deciding = {
    ...{ ...at('/operator/data-requests/:id'), ...asked, ...seen, registerCase: 'HS-2026-1182' },
    statement: say('Tên đệm của tôi là “Bảo”, không phải “Bao”.', 'My middle name is “Bảo”, not “Bao”.'),
    outcomes: outcomes(['granted', 'partly', 'refused'], 'data.outcome'),
    entered: { reason: '', extension: '' },
  };
  sample(dataRequestPage, '', {
    ...deciding,
    acknowledge: post('/operator/data-requests/r1/acknowledge'),
    extend: post('/operator/data-requests/r1/extend'),
    decide: post('/operator/data-requests/r1/decide'),
    errors: { outcome: 'console.data-request.outcome.missing', reason: 'console.data-request.reason.missing' },
    ...{ extensionReason: null, decision: null, notice: null, refused: null },
  });
  sample(dataRequestPage, 'decided', {
    ...deciding,
    ...{ acknowledge: null, extend: null, decide: null, errors: {}, extensionReason: reason, overdue: null },
    decision: { outcome: 'refused', reason: { text: reason }, at: day('11-26T08:00:00'), by: 'Lê Văn Thuyên' },
    ...{ notice: 'console.data-request.notice.decided', refused: null },
  });
}
