import type { ToldParty } from '../../../src/domain/deliveries/index.ts';
import type { CardReading } from '../../../src/journeys/card-reading.ts';
import { disownPage, historyPage, sentPage, sessionsPage } from '../../../src/journeys/self-service/activity/models.ts';
import { contactsPage } from '../../../src/journeys/self-service/contacts/models.ts';
import {
  askPage,
  dataPage,
  erasePage,
  printedPage,
  type RequestCard,
  viewedPage,
} from '../../../src/journeys/self-service/data/models.ts';
import {
  type AuthenticatorCard,
  accountPage,
  addCardPage,
  addPasskeyPage,
  lockedPage,
  lockPage,
  methodsPage,
  removePage,
  renamePage,
} from '../../../src/journeys/self-service/models.ts';
import { remoteCardPage, remoteFacePage, remotePage } from '../../../src/journeys/self-service/remote/models.ts';
import { disclosuresPage, servicePage, servicesPage } from '../../../src/journeys/self-service/services/models.ts';
import { facePage as addFacePage, appPage, passwordPage } from '../../../src/journeys/self-service/ways/models.ts';
import type { Locale } from '../../../src/platform/messages.ts';
import type { View } from '../../../src/platform/views.ts';

/** Adds the pages of "My account" to the samples. */
export function accountSamples(
  locale: Locale,
  sample: <Model extends object>(view: View<Model>, variant: string, model: NoInfer<Model>) => void,
  { reading, told }: { reading: CardReading; told(state: ToldParty['state'], name: string): ToldParty },
): void {
  const say = (vi: string, en: string): string => (locale === 'vi' ? vi : en);
  const day = (text: string): Date => new Date(`2026-${text}+07:00`);
  const post = (action: string) => ({ action, csrf: 'token' });
  const airline = say('Hãng hàng không Lotus Air', 'Lotus Air');
  const portal = say('Cổng dịch vụ công tỉnh', 'Provincial portal');
  const card: AuthenticatorCard = {
    id: 'a1',
    kind: 'passkey',
    name: say('Điện thoại của tôi', 'My phone'),
    provider: 'iCloud Keychain',
    createdAt: day('03-14T09:05:00'),
    bound: 'account',
    lastUsedAt: day('11-20T21:40:00'),
    lastUsedOn: { browser: 'Chrome', system: 'Android', network: null },
    place: 'synced',
    ending: null,
    card: null,
    status: 'active',
    renameUrl: '/account/authenticators/a1/rename',
    removeUrl: '/account/authenticators/a1/remove',
    changeUrl: null,
  };
  const plain = {
    ...card,
    name: null,
    provider: null,
    place: null,
    bound: 'opening',
    lastUsedOn: null,
    renameUrl: null,
    removeUrl: null,
  } as const;
  const own = { action: '/account/sign-out', csrf: 'token', errors: {} };
  const person = {
    ...own,
    name: 'Nguyễn Thị Bảo Trân',
    identityNumber: '097 ••• ••2345',
    accountLevel: 2,
    reproofing: null,
    addPasskeyUrl: '/account/passkeys/new',
    organisationsUrl: '/account/organisations',
    remoteUrl: null,
    recoveries: [],
    notice: null,
  } as const;
  const begun = { ...post('/account/recovery/stop'), since: day('11-20T21:40:00'), until: null };
  sample(accountPage, 'recovering', {
    ...{ ...person, hasPasskey: true, lastSignInAt: null, notice: 'account.notice.recovery-stopped' },
    recoveries: [
      { ...begun, id: 'r1', stands: 'waiting', until: day('11-23T21:40:00') },
      { ...begun, id: 'r2', stands: 'half' },
    ],
  });
  sample(accountPage, 'from-home', {
    ...{ ...person, accountLevel: 1, remoteUrl: '/account/remote', hasPasskey: true, lastSignInAt: null },
  });
  sample(accountPage, '', { ...person, hasPasskey: true, lastSignInAt: day('11-20T21:40:00') });
  sample(accountPage, 'policy-withdrawn', {
    ...{ ...person, accountLevel: 1, reproofing: 'policy_withdrawn', hasPasskey: true, lastSignInAt: null },
  });
  sample(accountPage, 'handed-over', {
    ...{ ...person, accountLevel: 1, reproofing: 'handed_over', hasPasskey: true, lastSignInAt: null },
  });
  sample(accountPage, 'no-passkey', { ...person, identityNumber: null, hasPasskey: false, lastSignInAt: null });
  const adding = {
    ...{ addPasskeyUrl: '/account/passkeys/new', addCardUrl: '/account/cards/new' },
    ...{ addPasswordUrl: '/account/password', addAppUrl: '/account/app/new', contactsUrl: '/account/contacts' },
    addFaceUrl: '/account/face',
  };
  sample(methodsPage, '', {
    ...adding,
    notice: 'account.notice.passkey-added',
    recoverUrl: null,
    authenticators: [
      card,
      { ...card, id: 'a2', name: null, provider: 'YubiKey 5 Series with NFC', place: 'device', lastUsedAt: null },
      { ...card, id: 'a2s', name: null, provider: null, place: 'unsynced', lastUsedAt: null },
      { ...plain, id: 'a3', kind: 'password', changeUrl: '/account/password' },
      { ...plain, id: 'a4', kind: 'totp', bound: 'office', changeUrl: '/account/app/new' },
      { ...plain, id: 'a6', kind: 'chip-card', card: { ending: '345', expiresOn: '2031-03-14' } },
      { ...plain, id: 'a7', kind: 'face', bound: 'account' },
      { ...plain, id: 'a5', kind: 'message-otp', ending: '678', status: 'disabled' },
    ],
  });
  sample(methodsPage, 'no-passkey', {
    ...adding,
    notice: 'account.notice.out-of-reach',
    recoverUrl: '/recover',
    authenticators: [
      { ...plain, id: 'a3', kind: 'message-otp', ending: '678', changeUrl: '/account/contacts' },
      { ...plain, id: 'a4', kind: 'totp', status: 'disabled' },
    ],
  });
  const back = '/account/authenticators';
  const face = { ...post('/account/face'), challenge: 'challenge', backUrl: back };
  const remote = {
    ...{ form: post('/account/remote'), notice: null, hindrance: null, remedy: null, proofedAt: null },
    backUrl: '/account',
  };
  sample(remotePage, '', remote);
  sample(remotePage, 'done', {
    ...{ ...remote, notice: 'account.notice.remote-done', proofedAt: day('11-20T21:40:00') },
  });
  for (const reason of ['not_offered', 'account', 'recovering', 'minor', 'ward'] as const)
    sample(remotePage, reason, { ...remote, hindrance: `remote.hindered.${reason}` });
  sample(remotePage, 'not_strong', {
    ...{ ...remote, hindrance: 'remote.hindered.not_strong' },
    remedy: { url: '/account/passkeys/new', label: 'add-passkey' },
  });
  sample(remoteCardPage, '', { ...post('/account/remote/card'), notice: null, reading, backUrl: '/account/remote' });
  sample(remoteCardPage, 'another', {
    ...{ ...post('/account/remote/card'), notice: 'remote.card.another', reading, backUrl: '/account/remote' },
  });
  const remoteFace = { ...post('/account/remote/face'), challenge: 'c1', backUrl: '/account/remote' };
  sample(remoteFacePage, '', { ...remoteFace, errors: {} });
  for (const said of ['remote.silent', 'remote.register-differs'])
    sample(remoteFacePage, said.slice('remote.'.length), { ...remoteFace, errors: { picture: said } });
  sample(addFacePage, '', { ...face, errors: {} });
  sample(addFacePage, 'wrong', { ...face, errors: { picture: 'rejected.face.wrong' } });
  const password = { ...post('/account/password'), errors: {}, backUrl: back };
  sample(passwordPage, '', { ...password, changes: true, least: 8 });
  sample(passwordPage, 'first', {
    ...{ ...password, changes: false, least: 15 },
    errors: { password: { key: 'account.password.too-short', values: { least: 15 } } },
  });
  const app = {
    ...{ ...post('/account/app'), errors: {}, challengeId: 'challenge', backUrl: back, qr: reading.qr },
    uri: 'otpauth://totp/SenID:Tr%C3%A2n?issuer=SenID&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    secret: 'JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP',
  };
  const contacts = {
    ...{ errors: {}, notice: null, recoveryUrl: '/account/recovery', remove: post('/account/contacts/remove') },
    ...{ changesPhones: true, stepUpUrl: null as string | null },
    changePhone: { ...post('/account/contacts/phone'), entered: '', begun: 'begun' },
    changeMail: { ...post('/account/contacts/e-mail'), entered: '', begun: 'begun' },
  };
  sample(contactsPage, '', {
    ...contacts,
    notice: 'account.notice.contact-changed',
    phone: { masked: '+84 ••• ••• 101', confirmed: true, settlesAt: day('11-23T21:40:00') },
    mail: { masked: 't•••@sen.example', confirmed: false, settlesAt: null },
  });
  sample(contactsPage, 'refused', {
    ...{ ...contacts, phone: null, mail: null, changePhone: { ...contacts.changePhone, entered: '0901' } },
    errors: { phone: 'account.contacts.refused.not_own', form: 'account.contacts.refused.last_address' },
  });
  sample(contactsPage, 'at-office', {
    ...{ ...contacts, changesPhones: false, changePhone: null, mail: null },
    phone: { masked: '+84 ••• ••• 101', confirmed: true, settlesAt: null },
  });
  sample(contactsPage, 'step-up', {
    ...{ ...contacts, changePhone: null, changeMail: null, mail: null, stepUpUrl: '/account/contacts' },
    phone: { masked: '+84 ••• ••• 101', confirmed: true, settlesAt: null },
  });
  sample(appPage, '', { ...app, changes: false });
  sample(appPage, 'wrong', { ...app, changes: true, errors: { code: 'rejected.code.wrong' } });

  const device = { browser: 'Chrome', system: 'Android', network: '203.0.113.0/24' };
  sample(sessionsPage, '', {
    sessions: [
      {
        ...{ reference: 'r1', here: true, device, startedAt: day('11-20T21:40:00'), seenAt: day('11-20T22:10:00') },
        services: [],
      },
      {
        ...{ reference: 'r2', here: false, startedAt: day('11-19T08:00:00'), seenAt: day('11-20T09:05:00') },
        device: { browser: null, system: null, network: null },
        services: [airline, portal],
      },
    ],
    endOne: post('/account/sessions/end'),
    endAll: post('/account/sessions/end-all'),
    signOuts: [{ at: day('11-20T21:45:00'), told: [told('delivered', airline), told('retrying', portal)] }],
    notice: 'account.notice.session-ended',
  });
  const happened = { ways: [], device: null, service: null, disownUrl: null, disowned: false, here: false };
  sample(historyPage, '', {
    sentUrl: '/account/data/notices',
    entries: [
      { ...happened, at: day('11-20T21:40:00'), what: 'history.signed-in', ways: ['passkey'], device, here: true },
      { ...happened, at: day('11-20T21:41:00'), what: 'history.service', service: airline },
      {
        ...{ ...happened, at: day('11-19T03:12:00'), what: 'history.signed-in', ways: ['password', 'message-otp'] },
        ...{ device: { browser: 'Firefox', system: 'Windows', network: null } },
        disownUrl: '/account/history/abc/disown',
      },
      { ...happened, at: day('11-18T03:12:00'), what: 'history.signed-in', ways: ['password'], disowned: true },
      { ...happened, at: day('11-17T03:12:00'), what: 'history.failed', ways: ['password'] },
      { ...happened, at: day('11-16T03:12:00'), what: 'history.unlinked', service: portal },
    ],
    olderUrl: '/account/history?before=17',
    notice: 'account.notice.disowned',
  });
  sample(historyPage, 'empty', { entries: [], sentUrl: '/account/data/notices', olderUrl: null, notice: null });
  sample(disownPage, '', {
    ...{ form: post('/account/history/abc/disown'), at: day('11-19T03:12:00'), device, ways: ['password', 'totp'] },
    freezes: [{ ...plain, id: 'a4', kind: 'totp' }],
    keeps: [{ ...plain, id: 'a3', kind: 'password' }],
    stepUpUrl: null,
  });
  sample(disownPage, 'one-factor', {
    ...{ form: post('/account/history/abc/disown'), at: day('11-19T03:12:00'), device, ways: ['passkey'] },
    freezes: [{ ...plain, id: 'a5', kind: 'passkey' }],
    ...{ keeps: [], stepUpUrl: '/account/authenticators?notice=out-of-reach' },
  });

  const service = {
    ...{ clientId: 'sample-airline', name: airline, url: '/account/services/sample-airline' },
    ...{ linkedAt: day('03-14T09:00:00'), lastSignInAt: day('11-20T21:41:00') },
    ...{
      claims: ['name', 'birthdate', 'personal_identification_number'],
      agreedAt: day('03-14T09:00:00'),
      purpose: say('làm thủ tục chuyến bay', 'check in for a flight'),
      byGuardian: true,
    },
  };
  const nothing = { purpose: null, ofToday: false, noConsent: true, ground: null };
  const left = [
    {
      ...{ at: day('11-20T21:41:00'), name: airline, claims: ['name', 'birthdate'], carrier: 'userinfo' as const },
      ...{ ...nothing, purpose: say('làm thủ tục chuyến bay', 'check in for a flight'), noConsent: false },
    },
    {
      ...{ at: day('11-20T20:00:00'), name: airline, claims: ['name'], carrier: 'userinfo' as const },
      purpose: say('bán vé máy bay', 'sell a ticket'),
      ...{ ofToday: true, noConsent: false, ground: null },
    },
    { at: day('11-19T21:41:00'), name: portal, claims: [], carrier: 'id_token' as const, ...nothing },
    {
      ...{ at: day('11-18T21:41:00'), name: portal, claims: ['HoVaTen'], carrier: 'id_token' as const },
      ...nothing,
    },
    ...[['name', 'age_over_18'], []].map((claims) => ({
      ...{ at: day('11-17T09:05:00'), claims, carrier: 'in_person' as const, ...nothing },
      ...{ purpose: say('tiếp nhận người bệnh', 'admit a patient') },
      ...{ name: say('Phòng khám Hoa Sen', 'Lotus Clinic'), ground: 'Luật Khám bệnh, chữa bệnh 15/2023/QH15' },
    })),
  ];
  const withdrawal = {
    ...{ name: portal, withdrawnAt: day('11-01T08:00:00'), confirmBy: day('11-23T23:59:59'), overdue: false },
  };
  sample(servicesPage, '', {
    provisionalYear: 2027,
    services: [service, { ...service, clientId: 'portal', name: portal, linkedAt: null, claims: [], agreedAt: null }],
    withdraw: post('/account/consents/withdraw'),
    withdrawals: [
      { ...withdrawal, state: 'confirmed', at: day('11-02T08:00:00') },
      { ...withdrawal, state: 'told', at: day('11-01T08:00:07') },
      { ...withdrawal, state: 'on_its_way', at: null },
      { ...withdrawal, state: 'to_tell_by_hand', at: null, overdue: true },
      { ...withdrawal, state: 'told_by_hand', at: day('11-02T08:00:00') },
    ],
    disclosuresUrl: '/account/disclosures',
    notice: 'account.notice.withdrawn',
  });
  sample(servicesPage, 'none', {
    ...{ services: [], withdraw: post('/account/consents/withdraw'), withdrawals: [], notice: null },
    provisionalYear: null,
    disclosuresUrl: '/account/disclosures',
  });
  sample(servicePage, '', {
    ...service,
    ...{ ofToday: false, contact: 'privacy@lotus.example' },
    withdraw: post('/account/consents/withdraw'),
    unlink: post('/account/services/unlink'),
    disclosures: left,
    olderUrl: '/account/services/sample-airline?before=1.a',
  });
  sample(disclosuresPage, '', { disclosures: left, olderUrl: null });

  const request: RequestCard = {
    ...{ number: 41, kind: 'rectify', subject: 'name' },
    statement: say(
      'Tên đệm của tôi là “Bảo”, không phải “Bao”.\nXin xem giấy khai sinh.',
      'My middle name is “Bảo”, not “Bao”.\nPlease see the birth certificate.',
    ),
    ...{ receivedAt: day('11-20T08:00:00'), acknowledgeBy: day('11-24T23:59:59'), acknowledgedAt: null },
    ...{ decideBy: day('12-10T23:59:59'), extensionReason: null, overdue: true, decidedAt: null },
    ...{ outcome: null, reason: null, registerCase: 'HS-2026-1182' },
  };
  const requests: RequestCard[] = [
    request,
    {
      ...{ ...request, number: 40, kind: 'erase', subject: null, registerCase: null, overdue: false },
      ...{ decidedAt: day('11-19T08:00:00'), outcome: 'partly', reason: 'data.rule.erased-partly' },
    },
    {
      ...{ ...request, number: 39, kind: 'object', subject: null, registerCase: null, overdue: false },
      ...{ acknowledgedAt: day('11-10T08:00:00'), decidedAt: day('11-19T08:00:00'), outcome: 'refused' },
      reason: { text: say('Luật buộc lưu lịch sử năm năm.', 'The law has the history kept for five years.') },
    },
  ];
  sample(dataPage, '', {
    provisionalYear: 2027,
    ...{ download: post('/account/data/download'), printUrl: '/account/data/print' },
    ...{ viewedUrl: '/account/data/viewed', sentUrl: '/account/data/notices' },
    ...{ askUrl: '/account/data/requests/new', eraseUrl: '/account/data/erase', olderUrl: '/account/data?before=39' },
    requests,
    notice: 'account.notice.asked',
  });
  const asking = {
    form: post('/account/data/requests'),
    kinds: ['rectify', 'access', 'copy', 'restrict', 'object'].map((value) => ({ value, chosen: value === 'rectify' })),
    subjects: ['name', 'birthdate', 'address'].map((value) => ({ value, chosen: false })),
  };
  const key = '4b0e9f1b-3f1f-4f1f-8f1f-0b0e7b1e7c1c';
  sample(askPage, '', { ...asking, key, errors: {}, statement: '' });
  sample(askPage, 'wrong', {
    ...asking,
    key,
    errors: {
      kind: 'data.ask.kind.missing',
      subject: 'data.ask.subject.missing',
      statement: 'data.ask.statement.missing',
    },
    statement: '',
  });
  const erasing = { form: post('/account/data/erase'), begun: 'begun', links: 3, consents: 1, optional: true };
  sample(erasePage, '', { ...erasing, errors: {} });
  sample(erasePage, 'wrong', { ...erasing, errors: { links: 'data.erase.nothing' } });
  sample(viewedPage, '', {
    viewed: [
      {
        at: day('11-25T09:05:00'),
        office: say('Thành phố Đà Nẵng', 'Da Nang City'),
        reason: 'view-reason.counter_visit',
        page: 'view-page.counter',
      },
      { at: day('11-20T09:05:00'), office: null, reason: 'view-reason.incident', page: null },
    ],
    olderUrl: '/account/data/viewed?before=17',
  });
  const message = { about: 'notices.authenticator-bound.mail.subject', state: 'delivered', late: false } as const;
  const [sms, mail] = [
    { medium: 'sms', to: '+84 ••• ••• 101' },
    { medium: 'mail', to: 'l•••@sen.example' },
  ] as const;
  sample(sentPage, '', {
    sent: [
      { ...message, ...sms, at: day('11-26T09:05:00'), about: 'sent.code.sign-in', state: 'queued', settledAt: null },
      { ...message, ...sms, at: day('11-25T09:05:00'), settledAt: day('11-25T09:05:02') },
      { ...message, ...mail, at: day('11-25T09:05:00'), state: 'failed', settledAt: day('11-25T11:31:00') },
      {
        ...{ ...message, ...sms, at: day('11-24T09:05:00'), about: 'sent.code.lock', state: 'failed', late: true },
        settledAt: day('11-24T09:15:00'),
      },
    ],
    olderUrl: '/account/data/notices?before=1.a',
  });
  sample(sentPage, 'none', { sent: [], olderUrl: null });
  sample(viewedPage, 'none', { viewed: [], olderUrl: null });
  sample(printedPage, '', {
    madeAt: day('11-27T09:05:00'),
    facts: [
      { claim: 'name', value: 'Nguyễn Thị Bảo Trân' },
      { claim: 'address', value: 'Thôn Đông, xã Hòa Tiến, thành phố Đà Nẵng' },
    ],
    numbers: [
      { number: '097204012345', until: null },
      { number: '097204099999', until: day('03-14T09:00:00') },
    ],
    sections: [
      {
        member: 'authenticators',
        lines: [{ at: day('03-14T09:00:00'), words: ['way.passkey', { text: 'iPhone' }], claims: [] }],
        count: 1,
        moreUrl: null,
      },
      { member: 'recoveries', lines: [], count: 0, moreUrl: null },
      {
        member: 'consents',
        lines: [
          { at: day('03-14T09:00:00'), words: [{ text: airline }, 'printed.consent.withdrawn'], claims: ['name'] },
        ],
        count: 1,
        moreUrl: null,
      },
      {
        member: 'disclosures',
        lines: [{ at: day('11-20T21:41:00'), words: [{ text: airline }], claims: ['name', 'birthdate'] }],
        count: 1_001,
        moreUrl: '/account/data/print?list=disclosures&page=1',
      },
      {
        member: 'events',
        lines: [{ at: null, words: ['printed.event.code-given'], claims: [] }],
        count: 1,
        moreUrl: null,
      },
    ],
    ...{ most: 50, leftOut: ['secrets', 'pictures'] },
  });
  sample(lockPage, '', { form: post('/account/lock'), accountLevel: 2 });
  sample(lockedPage, '', {});

  sample(addPasskeyPage, '', {
    ...own,
    challengeId: 'challenge',
    options: {
      challenge: 'AAAA',
      rp: { id: 'localhost', name: 'SenID' },
      user: { id: 'AAAA', name: 'x', displayName: 'x' },
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    },
    name: say('Điện thoại của tôi', 'My phone'),
    backUrl: '/account/authenticators',
  });
  sample(addCardPage, '', { ...own, notice: null, reading, backUrl: '/account/authenticators' });
  sample(addCardPage, 'another', { ...own, notice: 'add-card.another', reading, backUrl: '/account/authenticators' });
  sample(renamePage, '', { ...own, begun: 'begun', authenticator: card, name: card.name ?? '' });
  sample(renamePage, 'wrong', {
    ...{ ...own, begun: 'begun', authenticator: card, name: '', errors: { name: 'fields.name.missing' } },
  });
  const removal = { ...own, authenticator: card, lastStrong: true, addPasskeyUrl: '/account/passkeys/new' };
  sample(removePage, '', { ...removal, mustStay: null });
  sample(removePage, 'must-stay', { ...removal, mustStay: 'last_strong' });
}
