import { ASSURANCE_POLICY, describePolicy } from '../../../src/domain/assurance/index.ts';
import { type CardReading, drawn } from '../../../src/journeys/card-reading.ts';
import {
  sandboxCardsPage,
  sandboxIndexPage,
  sandboxMessagesPage,
  sandboxOperatorsPage,
  sandboxPersonasPage,
  sandboxTappedPage,
} from '../../../src/journeys/developer/models.ts';
import {
  accessibilityPage,
  assuranceContextPage,
  assuranceIndexPage,
  assurancePolicyPage,
  errorCodePage,
  frontPage,
  helpPage,
  privacyPage,
  statusPage,
  verificationNamePage,
} from '../../../src/journeys/information/models.ts';
import { policyRules } from '../../../src/journeys/information/policy-page.ts';
import {
  cardPage,
  choosePage,
  consentPage,
  expiredPage,
  facePage,
  messageCodePage,
  oneTimeCodePage,
  passkeyPage,
  passwordPage,
  signInPage,
  stepUpPage,
  unmetPage,
} from '../../../src/journeys/interactions/models.ts';
import { apiClientsPage } from '../../../src/journeys/operator/programs/models.ts';
import { readerLinkPage } from '../../../src/journeys/reader/models.ts';
import { formPostPage, logoutConfirmPage, logoutDonePage } from '../../../src/oidc/pages/models.ts';
import { errorPage } from '../../../src/platform/http.ts';
import type { Locale } from '../../../src/platform/messages.ts';
import type { Kiosk } from '../../../src/platform/request.ts';
import type { View } from '../../../src/platform/views.ts';
import { accountSamples } from './account-samples.ts';
import { consoleSamples } from './console-samples.ts';
import { counterSamples } from './counter-samples.ts';
import { enrolmentSamples } from './enrolment-samples.ts';
import { kioskSamples, onKiosk } from './kiosk-samples.ts';
import { lockingSamples } from './locking-samples.ts';
import { newcomerSamples } from './newcomer-samples.ts';
import { organisationSamples } from './organisation-samples.ts';
import { recoverySamples } from './recovery-samples.ts';

/** A page as somebody would see it. */
export interface Sample {
  /** The view's name, and which variant of it. */
  readonly name: string;
  readonly view: View<object>;
  readonly model: object;
  /** On a machine that is put up for everybody: with its bar. */
  readonly kiosk?: Kiosk;
}

/** Where the card pages ask how their reading stands. */
export const stateUrl = '/interaction/abc/card/AAAAAAAAAAAAAAAAAAAAAA';

/** Every view at least once, filled with the longest texts that are likely. */
export function samples(locale: Locale): Sample[] {
  const made: Sample[] = [];
  const sample = <Model extends object>(view: View<Model>, variant: string, model: NoInfer<Model>): void => {
    made.push({ name: variant ? `${view.name}.${variant}` : view.name, view: view as View<object>, model });
  };
  const say = (vi: string, en: string): string => (locale === 'vi' ? vi : en);

  const relyingParty = {
    name: say('Hãng hàng không Lotus Air', 'Lotus Air'),
    purpose: say('làm thủ tục chuyến bay', 'check in for a flight'),
    mark: 'LA',
    colour: '#1d4f91',
  };
  const bank = {
    name: say('Ngân hàng Sông Thu', 'Song Thu Bank'),
    purpose: say('chuyển tiền', 'transfer money'),
    mark: 'ST',
    colour: '#f2b705',
  };
  const form = { action: '/interaction/abc/form', csrf: 'token', errors: {}, notice: null, relyingParty };
  const passkey = {
    action: '/interaction/abc/passkey',
    csrf: 'token',
    challengeId: 'challenge',
    options: { challenge: 'AAAA', rpId: 'localhost', allowCredentials: [], userVerification: 'required' },
  };
  const phone = { kind: 'message-otp', detail: { key: 'ways.ending', values: { ending: '678' } } } as const;

  sample(signInPage, '', {
    ...form,
    level: 2,
    why: { key: 'sign-in.why.level-2', values: { relyingParty: relyingParty.name } },
    identifier: '',
    passkey,
    cancellable: true,
    signUpUrl: '/sign-up',
  });
  sample(signInPage, 'wrong', {
    ...form,
    errors: { identifier: 'fields.identifier.form' },
    level: null,
    why: null,
    identifier: '097 204 0123',
    passkey,
    cancellable: true,
    signUpUrl: '/sign-up',
  });
  sample(signInPage, 'account', {
    ...form,
    relyingParty: null,
    notice: 'sign-in.cancelled',
    level: null,
    why: null,
    identifier: '',
    passkey: null,
    cancellable: false,
    signUpUrl: null,
  });
  sample(passwordPage, '', { ...form, identifier: '097204012345', otherWays: false });
  sample(passwordPage, 'wrong', {
    ...form,
    identifier: '',
    otherWays: true,
    errors: { password: { key: 'rejected.throttled', values: { minutes: 2, hours: 0 } } },
  });
  sample(oneTimeCodePage, '', { ...form, otherWays: true });
  sample(oneTimeCodePage, 'wrong', { ...form, otherWays: false, errors: { code: 'rejected.code.replayed' } });
  sample(messageCodePage, '', { ...form, ending: '678', minutes: 10, resendIn: 0, otherWays: true });
  sample(messageCodePage, 'again', {
    ...form,
    notice: 'message-code.sent-again',
    ending: '678',
    minutes: 10,
    resendIn: 45,
    otherWays: false,
  });
  sample(choosePage, '', {
    ...form,
    ways: [{ kind: 'passkey', detail: null }, { kind: 'totp', detail: null }, phone],
  });
  sample(stepUpPage, '', {
    ...form,
    relyingParty: bank,
    level: 2,
    why: 'step-up.why.second-factor',
    ways: [
      { kind: 'passkey', detail: null },
      { kind: 'totp', detail: null },
    ],
  });
  sample(passkeyPage, '', { ...form, passkey, otherWays: true });
  const link = 'http://localhost:3000/chip/v1/session/AAAAAAAAAAAAAAAAAAAAAA#BBBBBBBBBBBBBBBBBBBBBB';
  const reading: CardReading = {
    ...{ challengeId: 'challenge', session: 'AAAAAAAAAAAAAAAAAAAAAA', token: 'BBBBBBBBBBBBBBBBBBBBBB' },
    ...{ link, qr: drawn(link), seconds: 118, reads: 'least', until: 1_790_000_000, stateUrl },
    tap: { action: '/sandbox/cards', csrf: 'token' },
  };
  sample(cardPage, '', { ...form, reading, otherWays: true });
  sample(cardPage, 'refused', { ...form, notice: 'card.refused.document.expired', reading, otherWays: false });
  sample(cardPage, 'for-real', {
    ...form,
    notice: 'card.not-yet',
    reading: { ...reading, tap: null },
    otherWays: true,
  });
  sample(consentPage, '', {
    ...form,
    shared: [
      {
        claim: 'name',
        purposes: [],
        value: { kind: 'text', text: 'Nguyễn Thị Bảo Trân', lang: 'vi' },
      },
      { claim: 'birthdate', purposes: [], value: { kind: 'birthdate', iso: '1994-03-14' } },
      { claim: 'account_level', purposes: [], value: { kind: 'account-level', level: 2 } },
    ],
    notShared: ['personal_identification_number', 'address', 'portrait'],
    ongoing: false,
    accountUrl: '/account',
  });
  sample(consentPage, 'many', {
    ...form,
    relyingParty: bank,
    shared: [
      {
        claim: 'name',
        purposes: [],
        value: { kind: 'text', text: 'H’Hen Niê Kđăm Nguyễn Phước Tôn Nữ', lang: 'vi' },
      },
      { claim: 'gender', purposes: [], value: { kind: 'message', message: 'values.gender.female' } },
      {
        claim: 'personal_identification_number',
        purposes: [],
        value: { kind: 'figures', figures: '097204012345' },
      },
      {
        claim: 'phone_number',
        purposes: [say('gửi mã xác nhận giao dịch', 'send codes that confirm a payment')],
        value: { kind: 'figures', figures: '+84912345678' },
      },
      {
        claim: 'email',
        purposes: [],
        value: { kind: 'text', text: 'mot-dia-chi-thu-dien-tu-rat-dai@vi-du.example', lang: null },
      },
      {
        claim: 'verified_claims.verification.assurance_level',
        purposes: [],
        value: { kind: 'message', message: 'values.assurance.remote-chip-face' },
      },
      {
        claim: 'verified_claims.claims.personal_identification_number',
        purposes: [say('nhận biết khách hàng', 'know its customer')],
        value: { kind: 'figures', figures: '097204012345' },
      },
    ],
    notShared: ['address', 'portrait'],
    ongoing: true,
    accountUrl: '/account',
  });
  sample(unmetPage, '', {
    ...form,
    reason: 'strong',
    asked: { accountLevel: 2, authenticationLevel: 2 },
    accountLevel: 2,
    reproofing: null,
    addPasskeyUrl: '/account',
    addFaceUrl: null,
  });
  sample(unmetPage, 'policy-withdrawn', {
    ...form,
    relyingParty: bank,
    reason: 'account_level',
    asked: { accountLevel: 2, authenticationLevel: 2 },
    accountLevel: 1,
    reproofing: 'policy_withdrawn',
    addPasskeyUrl: null,
    addFaceUrl: null,
  });
  sample(unmetPage, 'level', {
    ...form,
    relyingParty: bank,
    reason: 'authentication_level',
    asked: { accountLevel: 2, authenticationLevel: 3 },
    accountLevel: 2,
    reproofing: null,
    addPasskeyUrl: null,
    addFaceUrl: '/account/face',
  });
  const face = { ...form, challenge: 'challenge', otherWays: true };
  sample(facePage, '', { ...face, relyingParty: bank });
  sample(facePage, 'wrong', { ...face, errors: { picture: 'rejected.face.issue.too_dark' } });
  sample(expiredPage, '', { restart: { url: 'http://localhost:3001/', name: relyingParty.name } });
  sample(expiredPage, 'unknown', { restart: null });

  sample(errorPage, '', {
    status: 503,
    code: 'database.unavailable',
    facts: {},
    back: { url: 'http://localhost:3001/', name: relyingParty.name },
  });
  sample(errorPage, 'fault', { status: 500, code: 'http.fault', facts: {}, back: null });
  sample(logoutConfirmPage, '', {
    action: '/session/end/confirm',
    hidden: { xsrf: 'x' },
    relyingParty: relyingParty.name,
  });
  const nobodyTold = { told: [], waits: false, againUrl: null };
  sample(logoutDonePage, '', { relyingParty: relyingParty.name, returnUrl: 'http://localhost:3001/', ...nobodyTold });
  const told = (state: 'waiting' | 'retrying' | 'delivered' | 'dead', name: string) => ({
    ...{ name, state },
    at: state === 'delivered' ? new Date('2026-11-27T14:02:07+07:00') : null,
  });
  sample(logoutDonePage, 'told', {
    relyingParty: null,
    returnUrl: null,
    told: [
      told('delivered', say('Ngân hàng Tre Việt', 'Tre Viet Bank')),
      told('waiting', relyingParty.name),
      told('retrying', say('Cổng dịch vụ tỉnh', 'Provincial portal')),
      told('dead', say('Thư viện Sao Mai', 'Morning Star Library')),
    ],
    waits: true,
    againUrl: '/logout/success',
  });
  sample(formPostPage, '', { action: 'http://localhost:3001/callback', fields: { code: 'c', state: 's', iss: 'i' } });

  const day = (text: string): Date => new Date(`2026-${text}+07:00`);
  accountSamples(locale, sample, { reading, told });
  organisationSamples(locale, sample);

  const contexts = [
    [1, 1],
    [1, 2],
    [2, 1],
    [2, 2],
    [2, 3],
    [2, 4],
  ].map(([account, authentication]) => ({
    uri: `http://localhost:3000/assurance/test/${account}.${authentication}`,
    name: `${account}.${authentication}`,
    accountLevel: account as 1 | 2,
    authenticationLevel: authentication as 1 | 2 | 3 | 4,
    strong: false,
  }));
  const levelTwo = {
    uri: 'http://localhost:3000/assurance/test/level-2',
    name: 'level-2',
    accountLevel: 2,
    authenticationLevel: 2,
    strong: true,
  } as const;
  const policyUri =
    'http://localhost:3000/assurance/test/policy/2026-09-28/sha256-RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o';
  sample(assuranceContextPage, '', { ...levelTwo, indexUrl: '/assurance' });
  sample(assuranceIndexPage, '', {
    contexts: [...contexts, levelTwo],
    policyVersion: '2026-09-28',
    policyUrl: policyUri,
  });
  const policy = { uri: policyUri, versions: [{ version: '2026-09-28', uri: '/assurance/test/policy/2026-09-28' }] };
  const described = describePolicy(ASSURANCE_POLICY, { now: 1_790_000_000, inForce: ASSURANCE_POLICY });
  sample(assurancePolicyPage, '', policyRules(described, policy.uri, [...policy.versions, ...policy.versions]));
  sample(assurancePolicyPage, 'withdrawn', {
    ...policyRules({ ...described, withdrawn: true, inForce: false }, policy.uri, policy.versions),
  });
  sample(verificationNamePage, '', {
    ...{ what: 'framework', term: 'national-eid', uri: 'http://localhost:3000/ida/test/framework/national-eid' },
  });
  sample(frontPage, '', { accountUrl: '/account', signUpUrl: '/sign-up' });
  sample(helpPage, '', { contact: null, signUpUrl: '/sign-up' });
  sample(helpPage, 'offline', { contact: null, signUpUrl: null });
  sample(privacyPage, '', {
    contact: say('Gọi 1900 0000, 7–21 giờ.', 'Call 1900 0000, 7 am to 9 pm.'),
    signUpUrl: null,
  });
  sample(accessibilityPage, '', { contact: null, signUpUrl: null });
  sample(statusPage, '', {
    working: false,
    checks: [
      { name: 'database', ok: true },
      { name: 'messages', ok: false },
    ],
    at: day('11-21T09:05:00'),
  });
  sample(apiClientsPage, '', {
    console: {
      name: 'Trần Văn Bình',
      office: say('Trung ương', 'National office'),
      navigation: ['home', 'passkeys', 'api-clients'].map((name) => ({
        href: `/operator/${name}`,
        label: `operator.nav.${name}`,
        current: name === 'api-clients',
      })),
      signOut: { action: '/operator/sign-out', csrf: 'c' },
    },
    notice: null,
    clients: [
      {
        ...{ id: 'op-3e0b9f5c-5b5e-4f0e-9a53-0b3c9a4a7d11', name: say('Đồng bộ hằng đêm', 'Nightly sync') },
        ...{ roles: ['rp_admin', 'auditor'], createdAt: day('11-01T08:00:00'), expiresAt: day('11-30T08:00:00') },
        ...{ state: 'usable', revoke: { action: '/operator/api-clients/x/revoke', csrf: 'c' } },
      },
      {
        ...{ id: 'op-9c1d2e3f-5b5e-4f0e-9a53-0b3c9a4a7d12', name: say('Báo cáo tháng', 'Monthly report') },
        ...{ roles: ['auditor'], createdAt: day('10-01T08:00:00'), expiresAt: day('10-31T08:00:00') },
        ...{ state: 'expired', revoke: null },
      },
    ],
    roles: [
      { role: 'rp_admin', chosen: true },
      { role: 'auditor', chosen: false },
    ],
    days: [30, 90, 365].map((days) => ({
      value: String(days),
      label: { text: say(`${days} ngày`, `${days} days`) },
      chosen: days === 90,
    })),
    entered: { name: say('Đồng bộ', 'Sync'), jwks: '{ "kty": "EC" }' },
    errors: { jwks: 'operator.api-clients.jwks.wrong' },
    form: { action: '/operator/api-clients', csrf: 'c' },
    tokenUrl: 'https://id.example/token',
    resource: 'https://id.example/admin/v1',
    openapiUrl: 'https://id.example/admin/v1/openapi.json',
  });
  sample(errorCodePage, '', {
    code: 'http.body_too_large',
    status: 413,
    when: 'A form or document is larger than its route takes.',
  });

  sample(sandboxIndexPage, '', {
    issuer: 'http://localhost:3000',
    registerUrl: '/sandbox/register',
    samples: [
      {
        name: 'Lotus Air',
        url: 'http://localhost:3001',
        what: say('Làm thủ tục bay, cần mức 2.', 'Check in; needs level 2.'),
      },
      {
        name: say('Ngân hàng Sông Thu', 'Song Thu Bank'),
        url: 'http://localhost:3002',
        what: say('Chuyển tiền theo FAPI 2.0.', 'Transfers, with FAPI 2.0.'),
      },
      {
        name: say('Cổng dịch vụ', 'Service portal'),
        url: 'http://localhost:3003',
        what: say('Đăng nhập mức 1, có thủ tục cần thêm.', 'Signs in at level 1, and steps up.'),
      },
    ],
  });
  sample(readerLinkPage, '', {});
  const people = [
    {
      id: 'tran',
      name: 'Nguyễn Thị Bảo Trân',
      identityNumber: '097204012345',
      cards: [
        { id: 'tran-good', label: say('Thẻ tốt', 'A good card'), expected: 'accepted' },
        {
          id: 'tran-cloned',
          label: say('Bản sao không có khóa của chíp', 'A copy without the key'),
          expected: 'aa.signature',
        },
      ],
    },
    {
      id: 'nie',
      name: 'H’Hen Niê',
      identityNumber: '097204012346',
      cards: [{ id: 'nie-old', label: say('Thẻ đã hết hạn', 'An expired card'), expected: 'document.expired' }],
    },
  ];
  const held = { action: '/sandbox/cards/tap', csrf: 'token', session: reading.session, token: reading.token };
  sample(sandboxCardsPage, '', { people, reader: held });
  sample(sandboxCardsPage, 'drawer', { people, reader: null });
  const tapped = { label: say('Bản sao không có khóa của chíp', 'A copy without the key'), expected: 'aa.signature' };
  sample(sandboxTappedPage, '', { ...tapped, status: 'refused', code: 'aa' });
  sample(sandboxTappedPage, 'read', { ...tapped, status: 'accepted', code: null });
  sample(sandboxMessagesPage, '', {
    messages: [
      {
        id: 'm2',
        channel: 'sms',
        to: '•••• ••• 678',
        subject: null,
        text: say(
          'SenID: mã đăng nhập 123456, dùng trong 10 phút.',
          'SenID: your sign-in code is 123456, good for 10 minutes.',
        ),
        at: day('11-21T09:05:00'),
      },
      {
        id: 'm1',
        channel: 'mail',
        to: 't•••@vi-du.example',
        subject: say('Tài khoản của bạn có thêm cách đăng nhập', 'A new way to sign in was added to your account'),
        text: say(
          'Chào bạn,\n\nTài khoản của bạn vừa có thêm khóa truy cập.',
          'Hello,\n\nA passkey was added to your account.',
        ),
        at: day('11-21T09:01:00'),
      },
    ],
  });
  sample(sandboxMessagesPage, 'none', { messages: [] });
  sample(sandboxOperatorsPage, '', {
    operators: [
      {
        ...{ id: 'o1', name: 'Phạm Thị Ngọc Mai', identityNumber: '099190000001' },
        ...{ roles: ['rp_admin', 'security', 'sysadmin'], invitation: 'https://id.example/operator/invitation#code' },
        story: say('Đề xuất mọi thứ và không duyệt gì.', 'Proposes everything and approves nothing.'),
      },
    ],
  });
  sample(sandboxPersonasPage, '', {
    personas: [
      [
        'tran',
        'Nguyễn Thị Bảo Trân',
        2,
        say('Mức 2, có chíp và ứng dụng xác thực.', 'Level 2, with a chip card and an authenticator app.'),
      ],
      [
        'nie',
        'H’Hen Niê',
        2,
        say('Tên dân tộc thiểu số, không có họ riêng.', 'A name without a family name of its own.'),
      ],
      ['khoa', 'Khoa', 1, say('Mức 1, chỉ có mật khẩu.', 'Level 1, a password and nothing else.')],
    ].map(([id, name, level, text]) => ({
      id: String(id),
      name: String(name),
      identityNumber: '097204012345',
      phone: id === 'khoa' ? null : '+84912345678',
      accountLevel: level as 1 | 2,
      story: { text: String(text) },
      password: 'mua-he-rat-xanh-o-hue',
      totpSecret: id === 'khoa' ? null : 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
      totpUri: id === 'khoa' ? null : 'otpauth://totp/SenID:tran?secret=JBSWY3DPEHPK3PXP&issuer=SenID',
    })),
  });
  recoverySamples(sample);
  consoleSamples(locale, sample);
  counterSamples(locale, sample);
  enrolmentSamples(sample);
  newcomerSamples(sample, locale);
  lockingSamples(sample, { reading, request: passkey.options });
  kioskSamples(sample);
  return onKiosk(made);
}

/** The first sample of each page, and those with a bar: what the others differ by is words and states. */
export function firstOfEach(all: readonly Sample[]): string[] {
  const first = new Map(all.toReversed().map(({ name, view }) => [view, name]));
  const looked = new Set(first.values());
  return all.filter(({ name, kiosk }) => looked.has(name) || kiosk).map(({ name }) => name);
}

/** The pages that citizens see: all but the console. */
export const citizenSamples = (locale: Locale): Sample[] =>
  samples(locale).filter(({ name }) => !name.startsWith('operator/'));
