import { createHash } from 'node:crypto';
import type { Actor } from '../domain/audit/index.ts';
import type { ChipCardBinding } from '../domain/authenticators/index.ts';
import type { Guardianships } from '../domain/guardianships/index.ts';
import type { TrustStore } from '../domain/proofing/index.ts';
import type { RelyingParties } from '../domain/relying-parties/index.ts';
import type { Subscribers } from '../domain/subscribers/index.ts';
import type { Write } from '../platform/unit-of-work.ts';
import { genuineDocument, sandboxAuthority } from './cards/cards.ts';
import { passportOf } from './cards/passports.ts';
import type { SandboxClients } from './clients.ts';
import type { Newcomer } from './newcomer.ts';
import { NEWCOMERS } from './newcomers.ts';
import { applicantOf, proofingOf, totpSecretOf } from './people.ts';
import type { Persona } from './persona.ts';
import { PERSONAS } from './personas.ts';

/** Binds what a persona is said to have, each by the front door of authenticators. */
export interface Credentials {
  /** Kinds that are bound already. */
  kinds(subscriberId: string): Promise<readonly string[]>;
  bindPassword(subscriberId: string, password: string): Promise<unknown>;
  /** Base32. */
  bindTotp(subscriberId: string, secret: string): Promise<unknown>;
  /** E.164. */
  bindPhone(subscriberId: string, phone: string): Promise<unknown>;
  bindCard(subscriberId: string, card: ChipCardBinding): Promise<unknown>;
}

/** What seeding works with. */
export interface SeedParts {
  readonly subscribers: Subscribers;
  readonly relyingParties: RelyingParties;
  readonly credentials: Credentials;
  readonly clients: Pick<SandboxClients, 'registrations' | 'resourceServers'>;
  readonly trustStore: TrustStore;
  readonly guardianships: Pick<Guardianships, 'ofWard' | 'beginning'>;
  write(writes: readonly Write[]): Promise<void>;
  /** How a card, or a passport, is known again in what the register reports. */
  readonly documentKey: (documentNumber: string) => Buffer;
  readonly now: Date;
}

const system: Actor = { kind: 'system', id: 'sandbox' };

/** Puts one persona in place; each step looks first, so that a start that was killed half-way is finished by the next. */
async function seedPersona(persona: Persona, { subscribers, credentials, documentKey }: SeedParts): Promise<void> {
  const { subscriberId: id } = persona;
  const shown = cardInDrawer(persona);
  const named = persona.evidence === 'passport' ? passportOf(persona.identityNumber) : shown;
  if (!(await subscribers.find(id))) {
    const proofing = proofingOf(persona);
    const result = await subscribers.register(applicantOf(persona), {
      by: system,
      id,
      ...(proofing ? { proofing: { ...proofing, ...(named ? { card: documentKey(named.documentNumber) } : {}) } } : {}),
    });
    // Somebody registered under a persona's number by hand: say so rather than seed half a sandbox.
    if (!result.registered) throw new Error(`persona ${persona.id} cannot be seeded: ${JSON.stringify(result)}`);
  }
  const bound = new Set(await credentials.kinds(id));
  if (!bound.has('password')) await credentials.bindPassword(id, persona.password);
  if (persona.totp && !bound.has('totp')) await credentials.bindTotp(id, totpSecretOf(persona));
  if (persona.textMessages && persona.person.phone && !bound.has('message-otp')) {
    await credentials.bindPhone(id, persona.person.phone);
  }
  const card = persona.cardUnbound ? undefined : shown;
  if (card && !bound.has('chip-card')) await credentials.bindCard(id, card);
  // The lock comes last: an account must be open for something to be bound to it. One that somebody lifted stays lifted.
  if (persona.lock && (await subscribers.locks(id)).length === 0) await subscribers.lock(id, persona.lock, system);
}

/** The people and clients of a sandbox; doing it again changes nothing. */
export async function seedSandbox(parts: SeedParts): Promise<void> {
  const { relyingParties, clients } = parts;
  const loaded = await relyingParties.putSandboxClients(clients.registrations);
  if (!loaded.loaded) throw new Error(`the clients of the sandbox cannot be seeded: ${JSON.stringify(loaded.faults)}`);
  for (const server of clients.resourceServers) {
    if (await relyingParties.resourceServer(server.resource)) continue;
    const faults = await relyingParties.putResourceServer(server, system);
    if (faults.length > 0) throw new Error(`${server.resource} cannot be seeded: ${JSON.stringify(faults)}`);
  }
  await seedTrust(parts);
  // Two at a time: all at once they would wait for each other's password hashes longer than the pool lets anybody wait.
  const waiting = PERSONAS.values();
  const lane = async (): Promise<void> => {
    for (const persona of waiting) await seedPersona(persona, parts);
  };
  await Promise.all([lane(), lane()]);
  for (const ward of NEWCOMERS) if (ward.accountBy !== undefined) await seedWard(ward, ward.accountBy, parts);
}

/** An account that a guardian has made: of level 1, without an authenticator, to be taken over by its holder. */
async function seedWard({ person }: Newcomer, guardianId: string, parts: SeedParts): Promise<void> {
  const { contacts: _, documentExpiresOn: cardUntil, ...applicant } = person;
  const id = guardianId.replace('-8000-', '-a000-');
  if (!(await parts.subscribers.find(id))) {
    const card = cardUntil === undefined ? {} : { cardUntil };
    const made = await parts.subscribers.register(
      { ...applicant, locale: 'vi', test: true },
      { by: system, id, ...card },
    );
    if (!made.registered) throw new Error(`ward ${person.fullName} cannot be seeded: ${JSON.stringify(made)}`);
  }
  if (await parts.guardianships.ofWard(id)) return;
  // The application that made it is as invented as they are.
  await parts.write(parts.guardianships.beginning({ wardId: id, guardianId, applicationId: id }));
}

const SEEDER = { by: 'sandbox' };

/** The sandbox's own country, a foreign one, and their revocation lists of today. */
async function seedTrust({ trustStore, now }: SeedParts): Promise<void> {
  const authority = sandboxAuthority();
  const done = [
    await trustStore.pinNational(authority.certificate('national'), SEEDER),
    await trustStore.importCertificate(authority.certificate('foreign'), SEEDER),
    await trustStore.importRevocationList(authority.revocationList('national', now), SEEDER),
  ];
  for (const outcome of done) {
    // A list that was imported later today, by a clock ahead of ours, is newer than ours and good.
    if (outcome.done || ('refusal' in outcome && outcome.refusal.code === 'crl.rollback')) continue;
    throw new Error(`the trust store of the sandbox cannot be seeded: ${JSON.stringify(outcome)}`);
  }
}

/** What a counter knew of a persona's card, when it was shown and when it was bound there. */
function cardInDrawer({ id, evidence, accountLevel }: Persona): ChipCardBinding | undefined {
  if (accountLevel < 2 || !evidence?.startsWith('chip')) return undefined;
  const document = genuineDocument(id);
  if (!document) return undefined;
  const { documentNumber, expiresOn, dg15 } = document;
  return { issuingState: 'VNM', documentNumber, expiresOn, key: createHash('sha256').update(dg15).digest('hex') };
}
