import { type ConsoleActing, may, type Permission } from '../../domain/operators/index.ts';

/** What stands around every page of the console: where one can go, and who one is. */
export interface Frame {
  readonly console: {
    readonly name: string;
    readonly office: string;
    readonly navigation: readonly { readonly href: string; readonly label: string; readonly current: boolean }[];
    readonly signOut: { readonly action: string; readonly csrf: string };
  };
}

/** Where one can go, in this order; each needs the permission of its page. */
export const NAVIGATION: readonly {
  readonly href: string;
  /** Key of the words. */
  readonly label: string;
  readonly permission: Permission | 'operator';
}[] = [
  { href: '/operator', label: 'operator.nav.home', permission: 'operator' },
  { href: '/operator/changes', label: 'operator.nav.changes', permission: 'changes.view' },
  { href: '/operator/clients', label: 'operator.nav.clients', permission: 'clients.view' },
  { href: '/operator/people', label: 'operator.nav.people', permission: 'subscribers.view' },
  { href: '/operator/counter', label: 'operator.nav.level-2', permission: 'counter.view' },
  { href: '/operator/online-applications', label: 'operator.nav.online', permission: 'counter.view' },
  { href: '/operator/recoveries', label: 'operator.nav.recoveries', permission: 'recovery.confirm' },
  { href: '/operator/lock-requests', label: 'operator.nav.lock-requests', permission: 'lock_requests.view' },
  { href: '/operator/cases', label: 'operator.nav.cases', permission: 'cases.view' },
  { href: '/operator/data-requests', label: 'operator.nav.data-requests', permission: 'data_requests.view' },
  { href: '/operator/operators', label: 'operator.nav.operators', permission: 'operators.view' },
  { href: '/operator/keys', label: 'operator.nav.keys', permission: 'keys.view' },
  { href: '/operator/trust', label: 'operator.nav.trust', permission: 'trust.view' },
  { href: '/operator/policy', label: 'operator.nav.policy', permission: 'policy.view' },
  { href: '/operator/deliveries', label: 'operator.nav.deliveries', permission: 'deliveries.view' },
  { href: '/operator/notices', label: 'operator.nav.messages', permission: 'messages.view' },
  { href: '/operator/journal', label: 'operator.nav.journal', permission: 'journal.view' },
  { href: '/operator/passkeys', label: 'operator.nav.passkeys', permission: 'operator' },
  { href: '/operator/api-clients', label: 'operator.nav.api-clients', permission: 'operator' },
];

/** The frame of a page, for whoever looks at it. */
export function frameOf(
  acting: ConsoleActing,
  page: {
    readonly path: string;
    readonly locale: 'vi' | 'en';
    readonly signOut: Frame['console']['signOut'];
  },
): Frame {
  const open = NAVIGATION.filter(({ permission }) => permission === 'operator' || may(acting.roles, permission));
  // The longest that the page lies below: every page lies below the first.
  const here = open
    .filter(({ href }) => page.path === href || page.path.startsWith(`${href}/`))
    .sort((one, other) => other.href.length - one.href.length)[0];
  return {
    console: {
      name: acting.name,
      office: acting.officeName[page.locale],
      navigation: open.map(({ href, label }) => ({ href, label, current: href === here?.href })),
      signOut: page.signOut,
    },
  };
}
