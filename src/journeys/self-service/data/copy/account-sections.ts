import { date } from '../../../../platform/formats.ts';
import { withoutComparisons } from './comparisons.ts';
import { atOnce, type Section } from './section.ts';

const until = (key: string, at: Date | null | undefined) => (at ? [{ key, values: { date: date(at) } }] : []);

/** The account itself: how one signs in, how one gets back in, and how it came to be and to stand as it does. */
export const ACCOUNT_SECTIONS: readonly Section[] = [
  atOnce(
    'authenticators',
    async ({ parts, subscriber }) => (await parts.authenticators.of(subscriber.id)).map(({ id: _, ...one }) => one),
    ({ createdAt, kind, name }) => ({
      at: createdAt,
      words: [`way.${kind}`, ...(name === kind || name === '' ? [] : [{ text: name }])],
    }),
  ),
  atOnce(
    'sessions',
    async ({ parts, subscriber }) => (await parts.sessions(subscriber.id)).map(({ uid: _, ...session }) => session),
    async ({ startedAt, device, clientIds }, { nameOf }) => ({
      at: startedAt ?? null,
      words: [
        ...[device.browser, device.system, device.network].flatMap((text) => (text ? [{ text }] : [])),
        ...(await Promise.all(clientIds.map(async (id) => ({ text: await nameOf(id) })))),
      ],
    }),
  ),
  atOnce(
    'recovery_addresses',
    ({ parts, subscriber }) => parts.recoveries.addresses.of(subscriber.id),
    ({ medium, address, confirmedAt }) => ({
      at: confirmedAt,
      words: [`printed.address.${medium}`, { text: address }],
    }),
  ),
  atOnce(
    'recoveries',
    ({ parts, subscriber }) => parts.kept.recoveries(subscriber.id),
    ({ startedAt, state, endedAt }) => ({
      at: startedAt,
      words: [`printed.recovery.${state}`, ...until('printed.until', endedAt)],
    }),
  ),
  atOnce(
    'locks',
    async ({ parts, subscriber }) =>
      // Neither which officer nor which document of an authority: the ground is what somebody has to know.
      (await parts.subscribers.locks(subscriber.id)).map(({ ground, openedAt, liftedAt }) => ({
        ...{ ground, openedAt, liftedAt: liftedAt ?? null },
      })),
    ({ ground, openedAt, liftedAt }) => ({
      at: openedAt,
      words: [`lock.ground.${ground}`, ...until('printed.until', liftedAt)],
    }),
  ),
  atOnce(
    'applications',
    async ({ parts, subscriber }) => (await parts.kept.applications(subscriber.id)).map(withoutComparisons),
    ({ reference, state, activation, submittedAt, forWard, consentGivenBy }) => ({
      at: submittedAt ?? null,
      words: [
        { text: reference },
        ...(forWard
          ? [`wards.state.${lined(state)}`, 'printed.application.for-ward']
          : [`sign-up.state.${wordOf(state, activation)}`]),
        ...(consentGivenBy === 'guardian' ? ['printed.application.by-guardian'] : []),
      ],
    }),
  ),
  atOnce(
    'counter_applications',
    async ({ parts, subscriber }) => (await parts.kept.counterApplications(subscriber.id)).map(withoutComparisons),
    ({ receivedAt, reference, form, state, phase }) => ({
      at: receivedAt,
      words: [
        { text: reference },
        `console.level-2.form.${form}`,
        state === 'APPROVED' || state === 'REFUSED' || state === 'WITHDRAWN'
          ? `console.level-2.state.${state}`
          : `console.level-2.phase.${phase}`,
      ],
    }),
  ),
  atOnce(
    'guardianships',
    async ({ parts, subscriber: { id } }, limit) =>
      (await parts.guardianships.ofPerson(id, limit)).map(({ guardianId, basis, until: lastDay, ...one }) => ({
        as: guardianId === id ? ('guardian' as const) : ('ward' as const),
        ...{ basis, lastDay: lastDay ?? null },
        ...{ beganAt: one.beganAt, handedOverAt: one.handedOver?.at ?? null },
        ...{ viewUntil: one.handedOver?.viewUntil ?? null, endedAt: one.endedAt ?? null },
      })),
    ({ as, beganAt, handedOverAt }) => ({
      at: beganAt,
      words: [`printed.guardianship.${as}`, ...until('printed.guardianship.handed-over', handedOverAt)],
    }),
  ),
  atOnce(
    'organisations',
    async ({ parts, subscriber }, limit) =>
      ((await parts.organisations?.representationsOf(subscriber.id, limit)) ?? []).map(
        ({ organisation: { name, enterpriseCode }, role, beganAt, endedAt, endReason }) => ({
          ...{ name, enterpriseCode, role, beganAt, endedAt: endedAt ?? null, endReason: endReason ?? null },
        }),
      ),
    ({ name, role, beganAt, endedAt }) => ({
      at: beganAt,
      words: [{ text: name }, `organisations.role.${role}`, ...until('printed.until', endedAt)],
    }),
  ),
  atOnce(
    'organisation_applications',
    async ({ parts, subscriber }, limit) =>
      ((await parts.organisations?.applicationsOf(subscriber.id, limit)) ?? []).map(
        ({ reference, enterpriseCode, state, reason, submittedAt, decidedAt }) => ({
          ...{ reference, enterpriseCode, state, reason: reason ?? null, submittedAt, decidedAt: decidedAt ?? null },
        }),
      ),
    ({ reference, enterpriseCode, state, submittedAt }) => ({
      at: submittedAt,
      words: [
        { text: reference },
        { text: enterpriseCode },
        `organisations.state.${state === 'SUBMITTED' ? 'checking' : lined(state)}`,
      ],
    }),
  ),
  atOnce(
    'organisation_consents',
    async ({ parts, subscriber }, limit) => (await parts.organisations?.answersOf(subscriber.id, limit)) ?? [],
    ({ reference, enterpriseCode, answer, answeredAt }) => ({
      at: answeredAt,
      words: [{ text: reference }, { text: enterpriseCode }, `organisations.answer.${answer}`],
    }),
  ),
  atOnce(
    'proofings',
    ({ parts, subscriber }) => parts.kept.proofings(subscriber.id),
    ({ decidedAt, accountLevel, channel, evidence }) => ({
      at: decidedAt,
      words: [
        { key: 'printed.proofing', values: { level: accountLevel } },
        `printed.proofing.${channel}`,
        ...new Set(evidence.map(({ kind }) => `printed.evidence.${kind}`)),
      ],
    }),
  ),
  atOnce(
    'reproofings',
    ({ parts, subscriber }) => parts.kept.reproofings(subscriber.id),
    ({ begunAt, decidedAt }) => ({
      at: begunAt,
      words: ['printed.reproofing', ...until('printed.reproofing.confirmed', decidedAt)],
    }),
  ),
];

/** As the applicant reads of it: an approved one goes on with its activation. */
const wordOf = (state: string, activation: string | undefined): string => {
  if (state === 'APPROVED') return activation ?? 'issued';
  return state === 'SUBMITTED' || state === 'DRAFT' ? 'checking' : lined(state);
};

const lined = (state: string): string => state.toLowerCase().replace('_', '-');
