import {
  type Change,
  isOperatorName,
  type MasterListChange,
  type NeedsTwo,
  type Note,
  type Outcome,
  type TrustStore,
} from '../../domain/proofing/index.ts';
import { REFUSALS, type Refusal } from '../../standards/icao9303/refusal.ts';
import { CommandFault } from '../command-fault.ts';
import type { Context } from '../context.ts';
import type { Terminal } from '../terminal.ts';
import { type FileKind, readOne } from './file.ts';
import { answerNational, draftNational } from './national.ts';

/** A command that changes what is trusted: what it takes, what it does, and what it says when it is done. */
interface ChangeCommand {
  /** Of the file that is given; without one it takes the beginning of a hash. */
  readonly file?: FileKind;
  run(
    store: TrustStore,
    given: Buffer | string,
    operator: { by: string },
  ): Promise<Outcome<Change | MasterListChange> | NeedsTwo>;
  done(change: Change): string;
}

/** Every such command, by its name. */
export const CHANGES = {
  'pin-national': {
    file: 'certificate',
    run: (store, der, operator) => store.pinNational(der as Buffer, operator),
    done: ({ subject, country }) => `pinned: ${subject}. Only pinned authorities vouch for cards of ${country}.`,
  },
  'import-csca': {
    file: 'certificate',
    run: (store, der, operator) => store.importCertificate(der as Buffer, operator),
    done: ({ subject }) => `imported: ${subject}.`,
  },
  'pin-root': {
    file: 'certificate',
    run: (store, der, operator) => store.pinMasterListRoot(der as Buffer, operator),
    done: ({ subject, country }) => `pinned: master lists of ${country} stand under ${subject}.`,
  },
  'import-master-list': {
    file: 'master list',
    run: (store, bytes, operator) => store.importMasterList(bytes as Buffer, operator),
    done: ({ country, subject }) => `imported: the master list of ${country}, under ${subject}.`,
  },
  'import-crl': {
    file: 'revocation list',
    run: (store, der, operator) => store.importRevocationList(der as Buffer, operator),
    done: ({ subject }) => `imported: the revocation list of ${subject}.`,
  },
  remove: {
    run: (store, sha256, operator) => store.remove(sha256 as string, operator),
    done: ({ subject }) => `removed: ${subject}. No list brings it back; an import by command does.`,
  },
} as const satisfies Record<string, ChangeCommand>;

export type ChangeName = keyof typeof CHANGES;

const NOTES: Readonly<Record<Note, string>> = {
  own_country:
    'Of our own country, and not pinned: it vouches for no card of ours. senid trust pin-national does that.',
  not_yet_valid: 'It is not valid yet.',
  past_next_update: 'It is past its next update: what it revokes is revoked, but a newer one is due.',
};

/** `senid trust …`: makes one change, or drafts it where two people decide; 0 done or drafted, 1 refused, 2 unreadable, 64 without a name. */
export async function changeCommand(
  { terminal, settings, withApp }: Context,
  name: ChangeName,
  given: string,
  { by }: { readonly by: string },
): Promise<number> {
  if (!isOperatorName(by))
    throw new CommandFault(64, '--by must be a name of 2 to 100 characters: the journal keeps it.');
  const command: ChangeCommand = CHANGES[name];
  const what = command.file ? readOne(given, command.file) : given;
  const outcome = await withApp(async ({ parts }) => {
    const made = await command.run(parts.trustStore, what, { by });
    if (!('needsTwo' in made)) return made;
    // Only these two touch what vouches for our own cards.
    const wish = { command: name as 'pin-national' | 'remove', given: what, by };
    return draftNational(parts, wish, settings().issuer);
  });
  if ('drafted' in outcome) return answerNational(terminal, outcome);
  terminal.answer(
    outcome.done ? outcome : { ...outcome, says: REFUSALS[outcome.refusal.code].says },
    outcome.done
      ? doneLines(terminal, command, outcome)
      : [terminal.bad(`✗ ${given}: ${refusalSentence(outcome.refusal)}`)],
  );
  return outcome.done ? 0 : 1;
}

const refusalSentence = ({ code, about }: Refusal): string =>
  `${code}${about === undefined ? '' : ` (${about})`}. ${REFUSALS[code].says} Nothing was changed.`;

function doneLines(terminal: Terminal, command: ChangeCommand, change: Change | MasterListChange): string[] {
  if (!change.changed) return [terminal.ok(`✓ nothing to change: ${change.subject} is held already.`)];
  return [
    terminal.ok(`✓ ${command.done(change)}`),
    `  SHA-256 ${change.sha256}`,
    ...('signedAt' in change ? masterListLines(change) : []),
    ...(change.notes ?? []).map((note) => `  ${NOTES[note]}`),
  ];
}

function masterListLines({ signedAt, certificates, came, ended, skipped, withheld }: MasterListChange): string[] {
  return [
    `  Signed ${signedAt.toISOString()}: ${certificates} certificates, ${came} of them new.`,
    ...ended.map(({ sha256, subject }) => `  Trusted no more: ${subject} (${sha256.slice(0, 12)})`),
    ...skipped.map(
      ({ sha256, code, about }) => `  Left out: ${sha256.slice(0, 12)}, ${code}${about ? `, ${about}` : ''}`,
    ),
    ...(withheld > 0 ? [`  ${withheld} were removed by an operator before, and stay so.`] : []),
  ];
}
