import { createPictureIntake } from '../../src/domain/applications/index.ts';
import type { Policy, Proof } from '../../src/domain/assurance/index.ts';
import { createSimulatedFaceMatcher, createUsedPictures, type PadLevel } from '../../src/domain/biometrics/index.ts';
import {
  createDocumentStatuses,
  createSimulatedDocumentAuthority,
  type DocumentStatus,
} from '../../src/domain/proofing/index.ts';
import { createSimulatedPopulationRegistry } from '../../src/domain/registry/index.ts';
import { createRemoteProofings, type RemoteParts, type Visit } from '../../src/domain/remote-proofing/index.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { epochSeconds } from '../../src/platform/clock.ts';
import { createPortraitDecoder } from '../../src/platform/portrait-decoder/portrait-decoder.ts';
import { type drawPerson, look, sandboxRegister } from '../../src/sandbox/index.ts';
import { sandboxExaminer } from './examiner.ts';
import { testSealer } from './people.ts';
import { pictureOf } from './pictures.ts';
import type { TestServer } from './server.ts';
import { type CreationOptions, type SoftwarePasskey, softwarePasskey } from './software-passkey.ts';
import { evidenceOf, virtualCard } from './virtual-card.ts';

/** The flow on a server's database and people, with those who are asked in the test's own hands. */
export function remoteWorld(
  server: TestServer,
  { clock, policy, pad }: { clock: Clock; policy?: () => Promise<Policy>; pad?: 'none' | 'active-challenge' },
) {
  const { database, app } = server;
  const { journal, notices, subscribers, authenticators, recoveries, guardianships, policies } = app.parts;
  const statuses: Record<string, DocumentStatus> = {};
  const authority = createSimulatedDocumentAuthority({ clock, statuses });
  const population = createSimulatedPopulationRegistry({ clock, ...sandboxRegister() });
  const face = createSimulatedFaceMatcher({ look, ...(pad ? { pad } : {}) });
  const parts: RemoteParts = {
    ...{ database, clock, journal, notices, subscribers, authenticators, guardianships, population, face },
    sealer: testSealer('remote-proofing'),
    examineCard: sandboxExaminer(clock).examine,
    documentStatuses: createDocumentStatuses({
      ...{ database, sealer: testSealer('documents'), authority, freshness: 0, withoutAuthority: 'refused' },
    }),
    used: createUsedPictures({ database, clock, sealer: testSealer('pictures'), decoder: createPortraitDecoder() }),
    pictures: createPictureIntake(createPortraitDecoder({ timeoutMs: 10_000 })),
    pad: 'active-challenge',
    padRequired: async (): Promise<PadLevel> => 'none',
    assurance: policy ?? policies.inForce,
    on: true,
    stands: app.parts.registerEvents.stands,
    isRecovering: recoveries.isPaired,
    reachable: recoveries.addresses.reachable,
  };
  const remote = createRemoteProofings(parts);

  /** Reads a card for the question that the flow asks now. */
  const read = async (visit: Visit, card: Parameters<typeof virtualCard>[0]) => {
    const asked = await remote.askCard(visit);
    if (!asked.asked) return { asked };
    const challenge = Buffer.from(asked.challenge, 'base64url');
    const evidence = await evidenceOf(virtualCard(card), { challenge, session: asked.session });
    return { asked, evidence, token: asked.token };
  };
  const takeCard = async (visit: Visit, card: Parameters<typeof virtualCard>[0] = { persona: 'level-1' }) => {
    const { asked, evidence, token } = await read(visit, card);
    return evidence ? remote.takeCard(visit, { token, read: evidence }) : { taken: false as const, asked };
  };
  const takeFace = async (visit: Visit, of: string, mark?: Parameters<typeof drawPerson>[1]) => {
    const asked = await remote.askFace(visit);
    if (!asked.asked) return { taken: false as const, asked };
    return remote.takeFace(visit, { token: asked.token, picture: await pictureOf(of, mark) });
  };
  return { remote, parts, population, face, authority, statuses, read, takeCard, takeFace };
}

/** Somebody of the sandbox in a session that has just proven a passkey of theirs. */
export async function visitOf(
  server: TestServer,
  identifier: string,
  { clock, sessionKey = 'a-session' }: { clock: Clock; sessionKey?: string },
): Promise<Visit> {
  const { subscribers, authenticators } = server.app.parts;
  const subscriber = (await subscribers.locate(identifier))!;
  const passkey = (await authenticators.of(subscriber.id)).find(({ kind }) => kind === 'passkey');
  const proofs: Proof[] = passkey
    ? [{ kind: 'passkey', authenticatorId: passkey.id, userVerified: true, at: epochSeconds(clock.now()) }]
    : [];
  return { subscriber, sessionKey, proofs };
}

/** Gives somebody a passkey, as an office would: how people bind one by themselves is another test's business. */
export async function passkeyFor(server: TestServer, identifier: string): Promise<SoftwarePasskey> {
  const { subscribers, authenticators } = server.app.parts;
  const { id, fullName, locale } = (await subscribers.locate(identifier))!;
  const subscriber = { id, label: fullName, displayName: fullName, locale, ownData: [] };
  const asked = { kind: 'passkey', sessionKey: `for ${id}`, subscriber, authority: { by: 'system' } } as const;
  const begun = await authenticators.begin({ ...asked, purpose: 'bind', subscriberId: id });
  if (!begun.begun) throw new Error(begun.reason);
  const { hostname, origin } = new URL(server.issuer);
  const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
  const response = passkey.create(begun.request as CreationOptions);
  const challengeId = begun.challengeId ?? '';
  const bound = await authenticators.bind({ ...asked, challengeId, response });
  if (!bound.verified) throw new Error(bound.reason);
  return passkey;
}
