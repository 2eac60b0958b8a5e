import type { Applications, SaidSince } from '../../domain/applications/index.ts';
import type { Journal } from '../../domain/audit/index.ts';
import type { Guardianships } from '../../domain/guardianships/index.ts';
import {
  createRegisterEvents,
  type Kind,
  type RegisterEvents,
  type RegisterSigner,
  type Reported,
} from '../../domain/register-events/index.ts';
import type { PopulationRegistry } from '../../domain/registry/index.ts';
import type { Subscribers } from '../../domain/subscribers/index.ts';
import { type Repetition, repeat } from '../../jobs/repeat.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import { publicJwk, sandboxReporterKey } from '../../sandbox/index.ts';
import type { Foundation } from '../foundation.ts';

/** Who reports to a sandbox that nobody else reports to: itself, by a key of its own. */
export const sandboxReporter = ({ settings }: Pick<Foundation, 'settings'>) => ({
  issuer: `${settings.issuer}/sandbox/register`,
  audience: settings.issuer,
  key: sandboxReporterKey(settings.masterSecret),
});

/** The configured register; in the sandbox, and nowhere else, the simulated one. */
export function reportingRegister(base: Foundation): RegisterSigner | undefined {
  const { registerEventsIssuer: issuer, registerEventsKeys: keys } = base.settings;
  if (issuer !== undefined && keys) return { issuer, keys };
  if (!base.sandbox) return undefined;
  const own = sandboxReporter(base);
  return { issuer: own.issuer, keys: { keys: [publicJwk(own.key)] } };
}

/** What the register reports, and what it does to everybody whom it concerns. */
export function registerEvents(
  base: Foundation,
  parts: {
    readonly journal: Journal;
    readonly subscribers: Subscribers;
    readonly guardianships: Guardianships;
    readonly applications: Pick<Applications, 'saidSince'> | undefined;
    readonly population?: Pick<PopulationRegistry, 'guardianship'>;
    readonly told: (subscriberId: string, kind: 'name_corrected' | 'number_changed') => Promise<readonly Write[]>;
  },
): RegisterEvents {
  const { applications, population } = parts;
  const signer = reportingRegister(base);
  return createRegisterEvents({
    ...{ database: base.database, clock: base.clock, sealer: base.sealer('register-events') },
    ...{ journal: parts.journal, subscribers: parts.subscribers },
    told: async (id, kind) => ((await parts.subscribers.mourned(id)) ? [] : parts.told(id, kind)),
    guardianships: parts.guardianships,
    ...(population
      ? { isNamed: async (of: Parameters<typeof population.guardianship>[0]) => !!(await population.guardianship(of)) }
      : {}),
    ...(signer ? { signer } : {}),
    ...(applications
      ? {
          applications: async (number: string, reported: Reported, of: Parameters<typeof saidSince>[1]) => {
            const said = saidSince(reported, of);
            return said ? applications.saidSince(number, said) : [];
          },
        }
      : {}),
    audience: base.settings.issuer,
    count: base.metrics.registerEvent,
  });
}

/** What it has reported of a card, or of a passport; for whoever is made before the part that hears it. */
export const ofDocuments = (
  reported: () => Pick<RegisterEvents, 'stands' | 'passportStands' | 'passportUntil'>,
  { identityNumber }: Pick<Subscribers, 'identityNumber'>,
) => ({
  stands: (number: string, documentNumber: string) => reported().stands(number, documentNumber),
  passportStands: (number: string, documentNumber: string) => reported().passportStands(number, documentNumber),
  passportUntil: (number: string) => reported().passportUntil(number),
  async holdsPassport(subscriberId: string, documentNumber: string): Promise<boolean> {
    const number = await identityNumber(subscriberId);
    return number !== undefined && reported().passportStands(number, documentNumber);
  },
});

const ENDS: Partial<Record<Kind, Extract<SaidSince, { ends: unknown }>['ends']>> = {
  death: 'deceased',
  'number-cancelled': 'number_cancelled',
  'number-reestablished': 'number_cancelled',
  'card-revoked': 'card_withdrawn',
  'card-held': 'card_withdrawn',
};

/** What a report says to applications; nothing where it says nothing to them. `guardian`: the account of whoever is one no more. */
export function saidSince(
  reported: Reported,
  { guardian, saidAt }: { readonly guardian?: string | undefined; readonly saidAt: Date },
): SaidSince | undefined {
  if (reported.kind === 'guardianship-ended')
    return guardian === undefined ? undefined : { relieved: guardian, saidAt };
  if (reported.kind === 'name-corrected') {
    const { full_name: fullName, family_name: familyName, middle_name: middleName, given_name: givenName } = reported;
    const parts = Object.entries({ familyName, middleName, givenName }).filter(([, value]) => value !== undefined);
    return { name: { fullName, ...Object.fromEntries(parts) } };
  }
  if (reported.kind === 'card-issued')
    return { card: reported.expires_on === undefined ? {} : { documentExpiresOn: reported.expires_on } };
  const ends = ENDS[reported.kind];
  return ends && { ends };
}

/** What time does to accounts by the register's word: cards run out at midnight, accounts are closed when their term is over. */
export const registerJobs = (
  parts: { readonly subscribers: Subscribers; readonly registerEvents: RegisterEvents },
  failed: (error: unknown) => void,
): Repetition[] => [
  repeat(() => parts.subscribers.meetCardExpiry(), 5_000, failed),
  repeat(
    async () => {
      while (await parts.registerEvents.closeNext());
    },
    60_000,
    failed,
  ),
];
