import { createHash } from 'node:crypto';
import { countSimulated } from '../domain/notices/index.ts';
import { countRealOperators, countTestOperators } from '../domain/operators/index.ts';
import { countTestPins, countTestProofings, countTrusted } from '../domain/proofing/index.ts';
import { countProductionClients, countSandboxClients } from '../domain/relying-parties/index.ts';
import { countRealSubscribers, countTestSubscribers } from '../domain/subscribers/index.ts';
import type { Queryable } from '../platform/database.ts';
import { sandboxAuthority } from './cards/cards.ts';

/** Certificates of the sandbox's authorities that somebody trusts: whoever has this source can issue cards under them. */
const countSandboxAuthorities = (database: Queryable): Promise<number> => {
  const hashes = (['national', 'foreign', 'unknown'] as const).map((name) =>
    createHash('sha256').update(sandboxAuthority().certificate(name)).digest('hex'),
  );
  return countTrusted(database, hashes);
};

const remains: [(database: Queryable) => Promise<number>, (count: number) => string][] = [
  [
    countTestSubscribers,
    (count) => `The database holds ${count} invented ${count === 1 ? 'person' : 'people'} of a sandbox.`,
  ],
  [
    countTestProofings,
    (count) => `The database holds ${count} proofing ${count === 1 ? 'record' : 'records'} with evidence of a sandbox.`,
  ],
  [
    countSandboxAuthorities,
    (count) =>
      `The database trusts ${count} ${count === 1 ? 'authority' : 'authorities'} for identity cards of a sandbox.`,
  ],
  [
    countTestPins,
    (count) =>
      `The database holds ${count} ${count === 1 ? 'authority' : 'authorities'} of our own country by the word of a sandbox.`,
  ],
  [
    countTestOperators,
    (count) => `The database holds ${count} invented ${count === 1 ? 'operator' : 'operators'} of a sandbox.`,
  ],
  [countSandboxClients, (count) => `The database holds ${count} ${count === 1 ? 'client' : 'clients'} of a sandbox.`],
  [countSimulated, (count) => `The database holds ${count} simulated ${count === 1 ? 'message' : 'messages'}.`],
];

/** Why production must not start on this database, as sentences; empty when nothing of a sandbox is in it. */
export async function productionFaults(database: Queryable): Promise<string[]> {
  const faults: string[] = [];
  for (const [countRemains, sentence] of remains) {
    const count = await countRemains(database);
    if (count > 0) faults.push(sentence(count));
  }
  return faults;
}

/**
 * Why a sandbox must not be started on this database, as sentences: its people, their passwords and its open pages would stand
 * among people who exist.
 */
export async function sandboxFaults(database: Queryable): Promise<string[]> {
  const people = await countRealSubscribers(database);
  const clients = await countProductionClients(database);
  const operators = await countRealOperators(database);
  const strangers = [
    ...(people + clients === 0 ? [] : [`${people} people and ${clients} clients`]),
    ...(operators === 0 ? [] : [`${operators} operators`]),
  ];
  return strangers.map(
    (who) => `The database holds ${who} that are not of a sandbox: give the sandbox a database of its own.`,
  );
}
