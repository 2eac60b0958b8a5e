import { padRequired } from '../../config/profiles.ts';
import { createPictureIntake } from '../../domain/applications/index.ts';
import type { AssurancePolicies } from '../../domain/assurance-policies/index.ts';
import type { Journal } from '../../domain/audit/index.ts';
import type { Authenticators } from '../../domain/authenticators/index.ts';
import type { Guardianships } from '../../domain/guardianships/index.ts';
import type { Notices } from '../../domain/notices/index.ts';
import type { ChipExaminer, DocumentStatuses, TrustStore } from '../../domain/proofing/index.ts';
import type { Recoveries } from '../../domain/recovery/index.ts';
import type { RegisterEvents } from '../../domain/register-events/index.ts';
import { createRemoteProofings, type RemoteProofings } from '../../domain/remote-proofing/index.ts';
import type { Subscribers } from '../../domain/subscribers/index.ts';
import { createPortraitDecoder } from '../../platform/portrait-decoder/portrait-decoder.ts';
import type { Foundation } from '../foundation.ts';
import type { Registers } from '../registers.ts';

/** The nouns that a proofing over the network works with. */
interface Nouns {
  readonly journal: Journal;
  readonly notices: Notices;
  readonly subscribers: Subscribers;
  readonly authenticators: Authenticators;
  readonly recoveries: Recoveries;
  readonly guardianships: Guardianships;
  readonly policies: AssurancePolicies;
  readonly trustStore: TrustStore;
  readonly examiner: ChipExaminer;
  readonly documentStatuses: DocumentStatuses;
  readonly stands: RegisterEvents['stands'];
}

/**
 * Proofings over the network. Where REMOTE_PROOFING is off nobody begins one and none counts, but a recovery ends what was there: it
 * would count again when somebody turns it on. Where people are real only an engine that a laboratory has tested counts.
 */
export function remoteProofing(base: Foundation, nouns: Nouns, registers: Registers): RemoteProofings {
  const { settings, database, clock, sealer, sandbox } = base;
  const { journal, notices, subscribers, authenticators, recoveries, guardianships, policies, trustStore, examiner } =
    nouns;
  return createRemoteProofings({
    ...{ database, clock, journal, notices, subscribers, authenticators, guardianships },
    sealer: sealer('remote-proofing'),
    examineCard: examiner.examine,
    ...{ documentStatuses: nouns.documentStatuses, stands: nouns.stands },
    pictures: createPictureIntake(createPortraitDecoder({ timeoutMs: 10_000 })),
    ...{ population: registers.population, face: registers.face, used: registers.used },
    pad: sandbox ? 'active-challenge' : 'tested',
    padRequired: async () => (sandbox ? padRequired(settings) : (await trustStore.rules()).inForce.FACE_PAD_REQUIRED),
    assurance: policies.inForce,
    on: settings.remoteProofing === 'on',
    isRecovering: recoveries.isPaired,
    reachable: recoveries.addresses.reachable,
  });
}
