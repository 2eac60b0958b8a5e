import type { ConsoleActing } from '../../../src/domain/operators/index.ts';
import { drawn } from '../../../src/journeys/card-reading.ts';
import { counterCodePage, counterDonePage, counterWaysPage } from '../../../src/journeys/counter-binding/models.ts';
import {
  type CounterCase,
  counterCardPage,
  counterCasePage,
  counterHandoutPage,
  counterPortraitPage,
  counterQueuePage,
  counterReceivePage,
} from '../../../src/journeys/operator/counter/models.ts';
import { type Frame, frameOf } from '../../../src/journeys/operator/frame.ts';
import { onlineCasePage, onlineQueuePage, onlineReasonPage } from '../../../src/journeys/operator/online/models.ts';
import type { Choice } from '../../../src/journeys/operator/page-parts.ts';
import { reasonsToLook } from '../../../src/journeys/operator/people/person-seen.ts';
import type { Locale } from '../../../src/platform/messages.ts';
import type { View } from '../../../src/platform/views.ts';

const OFFICER: ConsoleActing = {
  ...{
    operatorId: '5e41d000-0000-4000-8000-000000000002',
    person: 'p'.repeat(43),
    name: 'Hoàng Văn Thuyền',
    office: '48',
  },
  ...{ roles: ['intake', 'approver'], by: 'console', since: new Date('2026-11-27T01:00:00Z') },
  officeName: { vi: 'Thành phố Đà Nẵng', en: 'Da Nang City' },
};
const at = new Date('2026-11-27T02:15:00Z');
const due = new Date('2026-12-02T16:59:59Z');

/** Adds the pages of a counter, and those of binding afresh. */
export function counterSamples(
  locale: Locale,
  sample: <Model extends object>(view: View<Model>, variant: string, model: NoInfer<Model>) => void,
): void {
  const frame = (path: string): Frame =>
    frameOf(OFFICER, { path, locale, signOut: { action: '/operator/sign-out', csrf: 'token' } });
  const post = (action: string) => ({ action, csrf: 'token' });
  const select = (values: readonly string[], prefix: string): Choice[] =>
    values.map((value, index) => ({ value, label: `${prefix}.${value || 'all'}`, chosen: index === 0 }));
  const queue = {
    ...frame('/operator/counter'),
    ...{ older: '/operator/counter?from=1.a', newer: null, training: false, notice: null, errors: {} },
    counts: { open: null, overdue: 17, second: 2 },
    filters: {
      phase: select(['', 'received', 'checking', 'second', 'needs_info', 'binding'], 'console.level-2.phase'),
      term: select(
        ['', 'overdue', 'today', 'three_days', 'older_week', 'older_month', 'older_quarter'],
        'console.level-2.term',
      ),
      office: [{ value: '20194', label: { text: 'Phường Hải Châu' }, chosen: false }],
    },
    find: post('/operator/counter/find'),
    reasons: reasonsToLook(),
    newUrl: '/operator/new-application',
  };
  const row = {
    ...({ reference: '7K3M9-2QF4X', form: 'TK01', phase: 'received', receivedAt: at, dueAt: due } as const),
    ...{ url: '/operator/counter/a', office: 'Thành phố Đà Nẵng', days: 0, late: false },
  };
  sample(counterQueuePage, '', {
    ...queue,
    rows: [
      { ...row, phase: 'needs_info', days: 41, late: true },
      { ...row, form: 'WARD_L2', phase: 'second', days: 2 },
      { ...row, form: 'FOREIGN_L2', phase: 'binding', days: 1 },
      row,
    ],
  });
  sample(counterQueuePage, 'none', {
    ...queue,
    ...{ rows: [], older: null, training: true, notice: 'console.level-2.notice.withdrawn', find: null, newUrl: null },
    errors: { sought: 'console.level-2.find.nothing', reason: 'console.people.reason.missing' },
  });

  onlineSamples();
  sample(counterReceivePage, '', {
    ...frame('/operator/new-application'),
    form: post('/operator/new-application'),
    entered: { number: '0970 9000', name: 'Nguyễn Thị Hồng Nhung Tuyết', birthdate: '31.2', guardian: '' },
    errors: { number: 'console.level-2.new.number.form', birthdate: 'console.level-2.new.birthdate.form' },
    ...{ refused: 'console.level-2.new.refused.register-differs', training: false },
  });

  function onlineSamples(): void {
    const path = '/operator/online-applications';
    const reasons = reasonsToLook('call');
    const common = { ...frame(path), errors: {} };
    const waits = { form: 'APP_L1', submittedAt: at, by: due, late: true, url: `${path}/a`, silent: null } as const;
    sample(onlineQueuePage, '', {
      ...{ ...common, older: `${path}?from=1.a`, newer: null, lapsed: false, find: post(`${path}/find`), reasons },
      counts: { open: null, overdue: 31, lapsed: 4 },
      which: select(['overdue', 'open', 'lapsed'], 'console.online.which'),
      rows: [
        { ...waits, reference: '7K3M9-2QF4X', silent: 'population_register' },
        { ...waits, reference: 'QXD27-M0Z9A', form: 'FOREIGN_L1', silent: 'telephone_register' },
        { ...waits, reference: 'W9C4B-8H2TE', form: 'WARD_L1', late: false },
      ],
    });
    sample(onlineQueuePage, 'none', {
      ...{ ...common, older: null, newer: null, lapsed: true, find: null, rows: [], reasons },
      counts: { open: 0, overdue: 0, lapsed: 0 },
      which: select(['lapsed', 'open', 'overdue'], 'console.online.which'),
      errors: { sought: 'console.online.find.nothing' },
    });
    sample(onlineReasonPage, '', { ...frame(path), url: `${path}/a`, reasons });
    const lapsed = {
      ...({ reference: '7K3M9-2QF4X', form: 'APP_L1', state: 'APPROVED', activation: 'lapsed' } as const),
      ...{ name: 'Công Tằng Tôn Nữ Thị Huyền Trân', identityNumber: '097••••••021', birthdate: '1998-03-14' },
      ...{
        phone: '••• 456',
        submittedAt: at,
        dueAt: due,
        late: false,
        silent: null,
        reason: null,
        activateBefore: due,
      },
    };
    sample(onlineCasePage, '', {
      ...{ ...common, ...lapsed, reissue: post(`${path}/a/reissue`), refused: 'console.online.refused.phone-not-own' },
      reasons: ['message_lost', 'was_away', 'could_not_bind'].map((value) => ({
        ...{ value, label: `console.online.reissue.reason.${value}`, chosen: false },
      })),
      ...{ errors: { reason: 'console.level-2.choose' }, notice: null },
    });
    sample(onlineCasePage, 'forgotten', {
      ...{ ...common, ...lapsed, state: 'REFUSED', activation: null, activateBefore: null, reason: 'card_undated' },
      ...{ name: null, identityNumber: null, birthdate: null, phone: null },
      ...{ reissue: null, reasons: [], refused: null, notice: 'console.online.notice.reissued' },
    });
    sample(onlineCasePage, 'late', {
      ...{ ...common, ...lapsed, state: 'CHECKING', activation: null, activateBefore: null, late: true },
      ...{ silent: 'population_register', reissue: null, reasons: [], refused: null, notice: null },
    });
  }

  const closed: CounterCase['acts'] = {
    ...{ take: null, card: null, fingerprints: null, approve: null, propose: null, ask: null, refuse: null },
    ...{ withdraw: null, dismiss: null, confirm: null, code: null },
  };
  const one: CounterCase = {
    ...{ reference: '7K3M9-2QF4X', form: 'TK01', phase: 'checking', state: 'CHECKING', training: false },
    ...{ name: 'Công Tằng Tôn Nữ Thị Huyền Trân', identityNumber: '097••••••021', birthdate: '1998-03-14' },
    ...{ office: 'Thành phố Đà Nẵng', officer: 'Hoàng Văn Thuyền', receivedAt: at, dueAt: due, late: false },
    ...{
      missing: [],
      reason: null,
      decided: null,
      account: 'lowered',
      lowered: 'recovery',
      linked: ['Lotus Air', 'Song Thu Bank'],
    },
    checks: [
      { kind: 'register_match', stand: 'passed', issues: [], at },
      { kind: 'card', stand: 'failed', issues: ['card.refused.document.expired'], at },
      { kind: 'face_match', stand: 'inconclusive', issues: ['console.level-2.issue.blurred'], at },
      { kind: 'fingerprint_match', stand: 'missing', issues: [], at: null },
    ],
    ...{
      pictures: [],
      notice: 'console.level-2.notice.taken',
      refused: null,
      errors: {},
      entered: { capture: '', statement: '' },
    },
    acts: {
      ...closed,
      ...{ card: post('/operator/counter/a/card'), fingerprints: post('/operator/counter/a/fingerprints') },
      ...{ ask: post('/operator/counter/a/ask'), refuse: post('/operator/counter/a/refuse') },
      withdraw: post('/operator/counter/a/withdraw'),
    },
    ...{
      look: false,
      portraitUrl: '/operator/counter/a/portrait',
      handoutUrl: '/operator/counter/a/handout',
      practice: [],
    },
    captures: ['MATCH', 'OTHER', 'WORN'],
    claims: select(['own', 'false'], 'console.level-2.claim'),
    overrides: select(['worn', 'injured', 'no-fingers'], 'console.level-2.ground'),
    reasons: select(['choose', 'not-the-person', 'card-not-genuine'], 'console.level-2.reason'),
    missable: select(['choose', 'card', 'guardian', 'another-day'], 'console.level-2.missing'),
    proposal: null,
  };
  const casePage = (variant: string, more: Partial<CounterCase>): void =>
    sample(counterCasePage, variant, { ...frame('/operator/counter'), ...one, ...more });
  casePage('', { errors: { capture: 'console.level-2.capture.used' } });
  casePage('ready', {
    checks: one.checks.map(({ kind }) => ({ kind, stand: 'passed', issues: [], at })),
    acts: { ...closed, approve: post('/operator/counter/a/approve') },
    errors: { seen: 'console.level-2.seen.missing' },
  });
  casePage('override', {
    acts: { ...closed, propose: post('/operator/counter/a/propose') },
    errors: { ground: 'console.level-2.choose', statement: 'console.level-2.statement.missing' },
  });
  casePage('second', {
    ...{ phase: 'second', refused: 'console.level-2.refused.same-officer', notice: null },
    acts: { ...closed, confirm: post('/operator/counter/a/confirm'), dismiss: post('/operator/counter/a/dismiss') },
    proposal: {
      ...{
        check: 'fingerprint_match',
        ground: 'worn',
        claim: 'own',
        by: 'Lê Thị Thu',
        mine: false,
        shown: 'a'.repeat(64),
      },
      statement: 'Tay mòn vì làm muối; mặt và thẻ đều khớp.',
    },
  });
  casePage('practice', {
    ...{ training: true, account: 'none', linked: [], claims: [], handoutUrl: null },
    practice: [{ value: 'genuine', label: 'console.level-2.practice.genuine', chosen: true }],
  });
  casePage('received', {
    ...{ phase: 'received', state: 'SUBMITTED', officer: null, late: true, notice: null },
    acts: { ...closed, take: post('/operator/counter/a/take') },
  });
  casePage('approved', {
    ...{
      phase: 'binding',
      state: 'APPROVED',
      account: 'level_2',
      decided: { at, by: 'Hoàng Văn Thuyền', second: 'Lê Thị Thu' },
    },
    acts: { ...closed, card: post('/operator/counter/a/card'), code: post('/operator/counter/a/code') },
    portraitUrl: null,
  });
  casePage('refused', {
    ...{ phase: 'over', state: 'REFUSED', reason: 'card_not_genuine', notice: null, acts: closed, portraitUrl: null },
    ...{ name: null, identityNumber: null, birthdate: null, decided: { at, by: null, second: null } },
  });

  const link = 'https://id.example/chip/v1/session/AAAAAAAAAAAAAAAAAAAAAA#BBBBBBBBBBBBBBBBBBBBBB';
  const token = 'BBBBBBBBBBBBBBBBBBBBBB';
  sample(counterCardPage, '', {
    ...{
      ...frame('/operator/counter'),
      reference: '7K3M9-2QF4X',
      backUrl: '/operator/counter/a',
      notice: 'card.not-yet',
    },
    form: post('/operator/counter/a/card/read'),
    reading: {
      ...{
        challengeId: 'AAAA',
        session: 'AAAAAAAAAAAAAAAAAAAAAA',
        token,
        link,
        qr: drawn(link),
        reads: 'all',
        seconds: 97,
      },
      ...{
        until: 1_795_000_000,
        stateUrl: '/interaction/abc/card/AAAAAAAAAAAAAAAAAAAAAA',
        tap: post('/sandbox/cards'),
      },
    },
  });
  sample(counterPortraitPage, '', {
    ...{ ...frame('/operator/counter'), reference: '7K3M9-2QF4X', backUrl: '/operator/counter/a' },
    ...{ ...post('/operator/counter/a/portrait'), errors: { picture: 'console.level-2.portrait.too-small' } },
  });
  const handout = { reference: '7K3M9-2QF4X', name: 'Công Tằng Tôn Nữ Thị Huyền Trân', backUrl: '/operator/counter/a' };
  sample(counterHandoutPage, '', {
    ...{
      ...frame('/operator/counter'),
      ...handout,
      linked: ['Lotus Air', 'Song Thu Bank'],
      retired: null,
      code: null,
    },
  });
  sample(counterHandoutPage, 'code', {
    ...{ ...frame('/operator/counter'), ...handout, linked: [] },
    retired: [
      { name: 'Lotus Air', byHand: false },
      { name: 'Song Thu Bank', byHand: true },
    ],
    code: { code: '7K3M-Q9TX-0HVB-2R5D', until: at, address: 'https://id.example/counter' },
  });

  const form = { action: '/counter', csrf: 'token', errors: {} };
  sample(counterCodePage, '', { ...form, code: '7K3M', errors: { code: 'counter.code.closed' } });
  sample(counterWaysPage, '', {
    ...{
      ...form,
      action: '/counter/passkey',
      name: 'Công Tằng Tôn Nữ Thị Huyền Trân',
      challengeId: 'AAAA',
      cardEnding: '021',
    },
    options: {
      ...{
        challenge: 'AAAA',
        rp: { id: 'localhost', name: 'SenID' },
        user: { id: 'AAAA', name: 'A', displayName: 'A' },
      },
      ...{ pubKeyCredParams: [{ type: 'public-key', alg: -7 }], excludeCredentials: [] },
    },
    password: post('/counter/password'),
    errors: { password: 'sign-up.password.too-short' },
  });
  sample(counterDonePage, '', { accountUrl: '/account' });
}
