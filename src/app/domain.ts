import { createAssurancePolicies } from '../domain/assurance-policies/index.ts';
import { checkpointKey, createJournal, createVerifications } from '../domain/audit/index.ts';
import { createAuthenticators } from '../domain/authenticators/index.ts';
import { createAskedValues, createConsents } from '../domain/consents/index.ts';
import { createContacts } from '../domain/contacts/index.ts';
import { createDeliveries } from '../domain/deliveries/index.ts';
import { createGuardianships, createWardLocks } from '../domain/guardianships/index.ts';
import { createLockRequests } from '../domain/lock-requests/index.ts';
import {
  createNotices,
  createSimulatedChannel,
  createSmsGateway,
  createSmtp,
  type NoticeKind,
  type NoticeValues,
  type Reachable,
  signInCodes,
} from '../domain/notices/index.ts';
import { createOwnCase, createOwnsAccount } from '../domain/operators/index.ts';
import { createReaderSessions } from '../domain/proofing/index.ts';
import { createRecoveries } from '../domain/recovery/index.ts';
import { createRelyingParties } from '../domain/relying-parties/index.ts';
import { createSigningKeys } from '../domain/signing-keys/index.ts';
import { createSubscribers } from '../domain/subscribers/index.ts';
import { endingWrites, logoutListener } from '../oidc/logout/endings.ts';
import { createParting } from '../oidc/organisations/parting.ts';
import { createEgress } from '../platform/egress.ts';
import { createHashingPool } from '../platform/hashing-pool.ts';
import { derivedKey } from '../platform/sealed.ts';
import { applications } from './applications.ts';
import { cards } from './cards.ts';
import { counter } from './counter.ts';

import type { Foundation } from './foundation.ts';
import { inPerson } from './in-person/in-person.ts';
import { keystore } from './keystore.ts';
import { dataRights } from './my-account/data-rights.ts';
import { remoteProofing } from './my-account/remote-proofing.ts';
import { operators } from './operators.ts';
import { faces } from './registers/faces.ts';
import { organisations } from './registers/organisations.ts';
import { ofDocuments, registerEvents } from './registers/register-events.ts';
import { registers } from './registers.ts';
import { twoPeople } from './two-people.ts';

/** The nouns. Each gets its own key, and the journal that its changes are written to. */
export function domain(base: Foundation) {
  const { settings, database, clock, sealer, sandbox, outbox, messages } = base;
  const checkpoints = { key: checkpointKey(base.master), folder: settings.checkpointFolder };
  const journal = createJournal({ database, clock, checkpoints });
  const smsUrl = settings.smsGatewayUrl?.reveal() ?? '';
  const channels = sandbox
    ? [createSimulatedChannel({ database, clock })]
    : [
        createSmsGateway({
          url: smsUrl,
          // The operator has named this origin: it may stand on a private network, where nothing else is reached.
          egress: createEgress({ allowOrigins: [new URL(smsUrl).origin] }),
          ...(settings.smsGatewayToken ? { token: settings.smsGatewayToken } : {}),
        }),
        createSmtp({ url: settings.smtpUrl!, from: settings.mailFrom! }),
      ];
  const notices = createNotices({
    ...{ database, clock, journal, outbox, messages, channels },
    sealer: sealer('notices'),
    brand: settings.brandName,
    host: new URL(settings.issuer).host,
    isOver: async ({ values }) => 'cancel' in values && recoveries.hasEnded(String(values.cancel).slice(-16)),
    count: base.metrics.message,
  });
  const relyingParties = createRelyingParties({
    ...{ database, clock, journal, sandbox },
    agreed: (id, subject) => byTwo.approvals.isAgreed({ id, kind: 'client', subject }),
    refused: (clientId) => base.log.warn('client refused', { clientId }),
  });
  const consents = createConsents({ database, clock, journal });
  const deliveries = createDeliveries({
    ...{ database, clock, outbox, journal },
    client: (clientId) => relyingParties.find(clientId),
  });
  const ending = {
    ...{ database, clock, deliveries },
    subjectOf: async (subscriberId: string, client: { clientId: string }): Promise<string> => {
      const record = await relyingParties.find(client.clientId);
      return record ? relyingParties.subjectFor(subscriberId, record.relyingParty.legalEntity) : subscriberId;
    },
    listener: async (clientId: string) => {
      const record = await relyingParties.find(clientId);
      return record && logoutListener(record);
    },
  };
  const subscribers = createSubscribers({
    ...{ database, clock, journal },
    sealer: sealer('subscribers'),
    endingWrites: async (subscriberId) => [
      ...(await endingWrites(ending, subscriberId)),
      ...(await recoveries.endingOpen(subscriberId)),
    ],
    releasing: (subscriberId) => authenticators.releasing(subscriberId),
    toldOf: (subscriberId, what) => told(subscriberId, `account_${what}`, {}),
    policy: () => policies.inForce(),
    toldOfLevel: async (person) =>
      notices.queueToAll('level_withdrawn', await recoveries.addresses.reachable(person), {}),
    toldOfReproofing: ({ id }) => told(id, 'level_lowered', {}),
  });
  const told = async <Kind extends NoticeKind>(subscriberId: string, kind: Kind, values: NoticeValues<Kind>) => {
    const person = await subscribers.find(subscriberId);
    return person ? notices.queueToAll(kind, await recoveries.addresses.reachable(person), values) : [];
  };
  const hashing = createHashingPool({
    ...(settings.hashingSlots ? { slots: settings.hashingSlots } : {}),
    pepper: derivedKey(base.master, 'password pepper'),
  });
  const { trustStore, documentStatuses, examiner } = cards(base, journal);
  const policies = createAssurancePolicies({ database });
  const known = registers(base);
  const looking = faces(base, subscribers, known);
  // Made further down, of what those are a part of that ask it.
  const said = ofDocuments(() => reported, subscribers);
  const authenticators = createAuthenticators({
    ...{ database, clock, journal, hashing },
    policy: policies.inForce,
    holdingUnlocked: subscribers.holdingUnlocked,
    ...{ examineCard: examiner.examine, ...said },
    faces: looking,
    sealer: sealer('authenticators'),
    relyingPartyId: new URL(settings.issuer).hostname,
    relyingPartyName: settings.brandName,
    origin: new URL(settings.issuer).origin,
    codes: signInCodes(notices),
    notify: async (change) => {
      const person = await subscribers.find(change.subscriberId);
      return person ? noticeWrites(notices, await recoveries.addresses.reachable(person), change, base) : [];
    },
  });
  const people = operators(base, journal, notices);
  const ownsAccount = createOwnsAccount({ operators: people.operators, numbersOf: subscribers.identityNumbers });
  const isOwnCase = createOwnCase({ operators: people.operators, locate: subscribers.locate, ownsAccount });
  const recoveries = createRecoveries({
    ...{ database, clock, journal, notices, subscribers, authenticators, ownsAccount },
    sealer: sealer('recovery'),
    ending: async (subscriberId) => [
      ...(await endingWrites(ending, subscriberId)),
      ...(await fromHome.ending(subscriberId)),
    ],
    issuer: settings.issuer,
    waitFactor: settings.recoveryWaitPercent / 100,
    failed: base.fault,
  });
  const signingKeys = createSigningKeys({ keystore: keystore(base, journal), clock, failed: base.fault });
  const { reachable } = recoveries.addresses;
  const readerSessions = createReaderSessions({ database, clock, sealer: sealer('reader-sessions') });
  const guardianships = createGuardianships({
    ...{ database, clock, journal, authenticators },
    told: (subscriberId, kind) => told(subscriberId, kind, {}),
  });
  const online = applications(
    base,
    { journal, notices, subscribers, authenticators, assurance: policies.inForce, reachable, guardianships },
    { ...known, trustStore },
  );
  const atCounter = counter(
    base,
    {
      ...{ journal, notices, subscribers, authenticators, recoveries, deliveries, policies, reported: said },
      ...{
        trustStore,
        examiner,
        operators: people.operators,
        relyingParties,
        consents,
        ending,
        isOwnCase,
        guardianships,
      },
    },
    known,
  );
  const fromHome = remoteProofing(
    base,
    {
      ...{ journal, notices, subscribers, authenticators, recoveries, guardianships, policies },
      ...{ trustStore, examiner, documentStatuses, stands: said.stands },
    },
    known,
  );
  const parted = createParting({
    ...{ clock, consents, deliveries, subjectOf: ending.subjectOf },
    listens: async (clientId) => {
      const client = await relyingParties.find(clientId);
      return client?.eventsUri !== undefined && client.disabledAt === undefined;
    },
  });
  const byTwo = twoPeople(base, { journal, relyingParties, trustStore, policies, signingKeys, ...people });
  const reported = registerEvents(base, {
    ...{ journal, subscribers, guardianships, applications: online, ...known },
    told: (subscriberId, kind) => told(subscriberId, kind, {}),
  });
  return {
    ...people,
    ...byTwo,
    ownsAccount,
    isOwnCase,
    journal,
    verifications: createVerifications({ database, clock, journal }),
    channels,
    outbox,
    notices,
    relyingParties,
    consents,
    deliveries,
    ending,
    subscribers,
    hashing,
    policies,
    authenticators,
    faces: looking,
    recoveries,
    contacts: createContacts({
      ...{ journal, notices, subscribers, authenticators, telephone: known.telephone },
      ...{ addresses: recoveries.addresses, codes: recoveries.codes },
    }),
    signingKeys,
    readerSessions,
    trustStore,
    documentStatuses,
    registers: known,
    applications: online,
    counter: atCounter,
    guardianships,
    wardLocks: createWardLocks({
      ...{ database, clock, subscribers, authenticators, assurance: policies.inForce },
      told: (subscriberId, kind) => told(subscriberId, kind, {}),
    }),
    inPerson: inPerson(base, {
      ...{ journal, subscribers, reported, signingKeys, consents, faces: looking, policy: policies.inForce },
      ...{ population: known.population, sessions: readerSessions, examineCard: examiner.examine },
    }),
    organisations: organisations(
      base,
      { journal, subscribers, authenticators, assurance: policies.inForce, told, parted },
      known,
    ),
    remoteProofings: fromHome,
    usedPictures: known.used,
    askedValues: createAskedValues({ database, clock, journal }),
    lockRequests: createLockRequests({
      database,
      clock,
      journal,
      sealer: sealer('lock-requests'),
      subscribers,
      ownsAccount,
    }),
    registerEvents: reported,
    ...dataRights(base, {
      ...{ journal, subscribers, told },
      ...(known.population ? { population: known.population } : {}),
    }),
  };
}
export type Domain = ReturnType<typeof domain>;

const NOTICE_OF = {
  bound: 'authenticator_bound',
  unbound: 'authenticator_unbound',
  disabled: 'authenticator_disabled',
  reinstated: 'authenticator_reinstated',
  changed: 'password_changed',
  verified_after_failures: 'sign_in_after_failures',
} as const;

/** Every change of an authenticator is told to the person's confirmed addresses (NIST SP 800-63B-4 §4.6). */
function noticeWrites(
  notices: Domain['notices'],
  person: Reachable,
  change: { change: keyof typeof NOTICE_OF; kind: string; name: string; failures?: number },
  base: Foundation,
) {
  // Without a name of its own an authenticator bears its kind's.
  const named = change.name !== '' && change.name !== change.kind;
  const authenticator = named ? change.name : base.messages.t(person.locale, `way.${change.kind}`);
  const time = new Intl.DateTimeFormat(person.locale === 'vi' ? 'vi-VN' : 'en-GB', {
    dateStyle: 'short',
    timeStyle: 'short',
    timeZone: 'Asia/Ho_Chi_Minh',
  }).format(base.clock.now());
  // What is replaced and is no password: an authenticator app, a sheet of recovery codes.
  const replaced = change.change === 'changed' && change.kind !== 'password';
  // Nobody has guessed: its holder said of a sign-in that it was not theirs.
  const frozen = change.change === 'disabled' && change.failures === undefined;
  const kind = replaced ? 'authenticator_changed' : frozen ? 'authenticator_frozen' : NOTICE_OF[change.change];
  return notices.queueToAll(kind, person, {
    authenticator,
    failures: change.failures ?? 0,
    time,
    help: `${base.settings.issuer}/help`,
  } as never);
}
