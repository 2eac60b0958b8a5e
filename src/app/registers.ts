import {
  createEmbeddedFaceMatcher,
  createHttpFaceMatcher,
  createHttpFingerprintMatcher,
  createSimulatedFaceMatcher,
  createSimulatedFingerprintMatcher,
  createUsedPictures,
  type EmbeddedFaceMatcher,
  FACE_TIMEOUT,
  type FaceMatcher,
  type FingerprintMatcher,
  PICTURES_WAITING,
  type UsedPictures,
} from '../domain/biometrics/index.ts';
import {
  createHttpEnterpriseRegistry,
  createHttpPopulationRegistry,
  createHttpTelephoneRegistry,
  createSimulatedEnterpriseRegistry,
  createSimulatedPopulationRegistry,
  createSimulatedTelephoneRegistry,
  type EnterpriseRegistry,
  POPULATION_ANSWER_LIMIT,
  type PopulationRegistry,
  type TelephoneRegistry,
} from '../domain/registry/index.ts';
import { EidError } from '../platform/errors.ts';
import type { Reachable } from '../platform/partner/partner.ts';
import { createPortraitDecoder } from '../platform/portrait-decoder/portrait-decoder.ts';
import { look, SANDBOX_ENTERPRISES, sandboxRegister, sandboxTelephones } from '../sandbox/index.ts';
import type { Foundation } from './foundation.ts';
import { partnerParts } from './registers/partners.ts';

/**
 * Those who know people better than we do: over HTTPS where one is configured, simulated in the sandbox and nowhere else. Each is
 * missing where there is none; without all three nobody signs up online.
 */
export interface Registers {
  readonly population?: PopulationRegistry;
  readonly telephone?: TelephoneRegistry;
  /** Without it nobody acts for an organisation. */
  readonly enterprises?: EnterpriseRegistry;
  readonly face?: FaceMatcher;
  /** The same where it is one of this process: checked, begun, looked at and closed with it. */
  readonly embedded?: EmbeddedFaceMatcher;
  /** Without it nobody reaches level 2 at a counter. */
  readonly fingerprints?: FingerprintMatcher;
  /** Which pictures of faces have come before, whoever looked at them. */
  readonly used: UsedPictures;
  /** How each stands, for whoever looks after the server: nobody is asked about anybody. */
  standing(): Promise<readonly RegisterStanding[]>;
}

/** One of them, the register of enterprises only where there is one: not configured, simulated, in this process, or over HTTPS with an access token or the reason why there is none. */
export interface RegisterStanding {
  readonly what:
    | 'population register'
    | 'telephone register'
    | 'register of enterprises'
    | 'face engine'
    | 'fingerprint system';
  readonly how: 'off' | 'simulated' | 'embedded' | 'https';
  readonly silence?: string;
}

export function registers(base: Foundation): Registers {
  const { population = populationRegistry(base), telephone = telephoneRegistry(base) } = base.known;
  const enterprises = enterpriseRegistry(base);
  const embedded = base.known.face ? undefined : embeddedFaceMatcher(base);
  const face = base.known.face ?? embedded ?? faceMatcher(base);
  const fingerprints = fingerprintMatcher(base);
  return {
    ...(population ? { population } : {}),
    ...(telephone ? { telephone } : {}),
    ...(enterprises ? { enterprises } : {}),
    ...(face ? { face } : {}),
    ...(embedded ? { embedded } : {}),
    ...(fingerprints ? { fingerprints } : {}),
    used: createUsedPictures({
      ...{ database: base.database, clock: base.clock, sealer: base.sealer('pictures') },
      decoder: createPortraitDecoder({ maxQueue: PICTURES_WAITING }),
    }),
    standing: () =>
      Promise.all([
        standingOf('population register', population),
        standingOf('telephone register', telephone),
        ...(enterprises ? [standingOf('register of enterprises', enterprises)] : []),
        standingOf('face engine', face),
        standingOf('fingerprint system', fingerprints),
      ]),
  };
}

async function standingOf(what: RegisterStanding['what'], port: object | undefined): Promise<RegisterStanding> {
  if (!port) return { what, how: 'off' };
  if ('isWarm' in port) return { what, how: 'embedded' };
  if (!isReachable(port)) return { what, how: 'simulated' };
  try {
    await port.greet();
    return { what, how: 'https' };
  } catch (error) {
    if (!(error instanceof EidError)) throw error;
    return { what, how: 'https', silence: String(error.facts.reason) };
  }
}

const isReachable = (port: object): port is Reachable => 'greet' in port;

function populationRegistry(base: Foundation): PopulationRegistry | undefined {
  const parts = partnerParts(base, 'populationRegistry', { limit: POPULATION_ANSWER_LIMIT });
  if (parts) return parts.watched(createHttpPopulationRegistry(parts));
  return base.sandbox ? createSimulatedPopulationRegistry({ clock: base.clock, ...sandboxRegister() }) : undefined;
}

function telephoneRegistry(base: Foundation): TelephoneRegistry | undefined {
  const parts = partnerParts(base, 'telephoneRegistry');
  if (parts) return parts.watched(createHttpTelephoneRegistry(parts));
  return base.sandbox
    ? createSimulatedTelephoneRegistry({ clock: base.clock, holders: sandboxTelephones() })
    : undefined;
}

function enterpriseRegistry(base: Foundation): EnterpriseRegistry | undefined {
  const parts = partnerParts(base, 'enterpriseRegistry');
  if (parts) return parts.watched(createHttpEnterpriseRegistry(parts));
  return base.sandbox
    ? createSimulatedEnterpriseRegistry({ clock: base.clock, enterprises: SANDBOX_ENTERPRISES })
    : undefined;
}

/** Where it is chosen, in the sandbox too: what it is worth stands in `domain/biometrics`. */
function embeddedFaceMatcher({ settings, metrics }: Foundation): EmbeddedFaceMatcher | undefined {
  if (settings.faceMatcher !== 'embedded') return undefined;
  const embedded = createEmbeddedFaceMatcher({
    decoder: createPortraitDecoder({ maxQueue: PICTURES_WAITING }),
    threshold: settings.faceThreshold,
    asked: (outcome) => metrics.partner({ partner: 'face_matcher', outcome }),
  });
  metrics.gauge('senid_face_matcher_warm', 'Whether the embedded engine is warm.', () => (embedded.isWarm() ? 1 : 0));
  return embedded;
}

function faceMatcher(base: Foundation): FaceMatcher | undefined {
  const parts = partnerParts(base, 'faceMatcher', { timeout: FACE_TIMEOUT });
  if (parts) return parts.watched(createHttpFaceMatcher({ ...parts, pad: base.settings.faceMatcherPad }));
  return base.sandbox ? createSimulatedFaceMatcher({ look }) : undefined;
}

function fingerprintMatcher(base: Foundation): FingerprintMatcher | undefined {
  const parts = partnerParts(base, 'fingerprintMatcher');
  if (parts) return parts.watched(createHttpFingerprintMatcher(parts));
  return base.sandbox ? createSimulatedFingerprintMatcher({ clock: base.clock }) : undefined;
}
