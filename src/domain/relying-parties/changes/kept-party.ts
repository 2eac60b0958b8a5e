import { fieldDiff } from '../../../platform/plain-values/field-diff.ts';
import type { Finding } from '../../approvals/index.ts';
import type { Bilingual, Fault } from '../client.ts';
import type { ParsedRegistration } from '../registration.ts';

/** What is kept of a relying party and its legal entity, and what a client is of: what a change of one client is held against. */
export interface KeptParty {
  /** As a registration says it; missing when the relying party is new. */
  readonly party?: ParsedRegistration['relyingParty'];
  /** Missing when the legal entity is new. */
  readonly entityName?: Bilingual;
  /** Missing when the client is new. */
  readonly client?: { readonly party: string; readonly entity: string };
}

/** What of a relying party and its legal entity a change of one client alters, by id; nothing of what stays as it is. */
export interface Altered {
  readonly party?: string;
  readonly entity?: string;
}

/** Clients that bear a name beside the one that changes: how many, and the first of them by id. */
export interface ClientsBeside {
  readonly count: number;
  readonly first: readonly string[];
}

type Said = Pick<ParsedRegistration, 'relyingParty'>;

/** The sector of a client and of a relying party stays: it would change every `sub` (decisions, "sub"). */
export const sectorFaults = ({ relyingParty }: Said, { party, client }: KeptParty): Fault[] =>
  [party?.legalEntity.id, client?.entity].some(
    (entity) => entity !== undefined && entity !== relyingParty.legalEntity.id,
  )
    ? [{ path: 'relyingParty.legalEntity.id', message: 'The legal entity never changes: it decides every sub.' }]
    : [];

/**
 * Whoever agrees to a client that comes to a relying party is shown no difference from what that party was: so it makes none. What
 * two people change of a party, and of a legal entity, they change at a client that it has, field by field.
 */
export function partyFaults(said: Said, kept: KeptParty): Fault[] {
  const sector = sectorFaults(said, kept);
  if (sector.length > 0) return sector;
  const has = held(said, kept);
  const diff = [...(has.party ? [] : partyDiff(said, kept)), ...(has.entity ? [] : entityDiff(said, kept))];
  return diff.map(({ path, before }) => ({
    path: `relyingParty.${path}`,
    message:
      before === undefined
        ? 'This relying party is registered without it. Who comes to it leaves it out; a client that it has may change that.'
        : `This relying party is registered with: ${written(before)}. Who comes to it says the same; a client that it has may change that.`,
  }));
}

/**
 * Everything about a relying party that whoever agrees to a change of one client must know: what does not fit, and which other
 * clients change with it. `beside` looks those up.
 */
export async function partyFindings(
  said: Said,
  kept: KeptParty,
  beside: (altered: Altered) => Promise<ClientsBeside>,
): Promise<Finding[]> {
  const faults = partyFaults(said, kept).map((fault): Finding => ({ level: 'error', ...fault }));
  return [...faults, ...besideFindings(await beside(altered(said, kept)))];
}

/** Which other clients change, as far as they do. */
export const besideFindings = ({ count, first }: ClientsBeside): Finding[] =>
  count === 0
    ? []
    : [
        {
          level: 'warning',
          path: 'relyingParty',
          message: `Other clients change with it, ${count} in all: ${first.join(', ')}${count > first.length ? ', …' : ''}.`,
        },
      ];

/** What a change of a client alters of what it has, for others that have it too. */
export function altered(said: Said, kept: KeptParty): Altered {
  const { id, legalEntity } = said.relyingParty;
  const has = held(said, kept);
  return {
    ...(has.party && partyDiff(said, kept).length > 0 ? { party: id } : {}),
    ...(has.entity && entityDiff(said, kept).length > 0 ? { entity: legalEntity.id } : {}),
  };
}

/** Whether the client is of this relying party and legal entity now. */
const held = ({ relyingParty }: Said, { client }: KeptParty) => ({
  party: client?.party === relyingParty.id,
  entity: client?.entity === relyingParty.legalEntity.id,
});

/** The name of the legal entity is another table's, and other relying parties have it too. */
function partyDiff({ relyingParty: { legalEntity: _, ...said } }: Said, { party }: KeptParty) {
  if (party === undefined) return [];
  const { legalEntity: __, ...kept } = party;
  return fieldDiff(kept, said);
}

const entityDiff = ({ relyingParty: { legalEntity } }: Said, { entityName }: KeptParty) =>
  entityName === undefined
    ? []
    : fieldDiff(entityName, legalEntity.name).map((change) => ({ ...change, path: `legalEntity.name.${change.path}` }));

const written = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
