import { type FileClient, type FileFault, faultSentence, readClientFiles } from '../../domain/relying-parties/index.ts';
import type { Context } from '../context.ts';
import { type Terminal, visible } from '../terminal.ts';
import { type Compared, type Comparison, compare } from './compare.ts';

/** `senid client plan`: what `apply` would do. 0 nothing, 2 files with faults, 3 something. */
export async function planCommand(context: Context, paths: readonly string[]): Promise<number> {
  const read = await readFiles(context, paths);
  if (!read.read) return faulty(context.terminal, read.faults);
  const { terminal, withApp } = context;
  const comparison = await withApp(({ parts }) =>
    compare(parts.relyingParties, read.clients, terminal.progress('comparing clients')),
  );
  const drift = comparison.clients.some(({ state }) => state !== 'same');
  terminal.answer({ drift, ...told(comparison) }, linesOf(terminal, comparison));
  return drift ? 3 : 0;
}

/** Where files of clients are looked for when none are named. */
const FOLDER = 'clients';

export const readFiles = ({ settings }: Pick<Context, 'settings'>, paths: readonly string[]) =>
  readClientFiles(paths.length > 0 ? paths : [FOLDER], settings().profile === 'sandbox' ? 'sandbox' : 'production');

/** Says every fault, and what no command does then. */
export function faulty(terminal: Terminal, faults: readonly FileFault[]): number {
  terminal.answer(
    { faults },
    faults.map((fault) => terminal.bad(`✗ ${visible(faultSentence(fault))}`)),
  );
  return 2;
}

/** The same for a program. Secrets are not part of it. */
const told = ({ clients, unlisted }: Comparison) => ({
  clients: clients.map(({ client, state, changes, stopped }) => ({
    clientId: client.registration.clientId,
    ...fileOf(client),
    ...{ state, changes, stopped },
  })),
  unlisted,
});

const fileOf = ({ placed }: FileClient) => (placed ? { file: placed({ path: '', message: '' }).file } : {});

function linesOf(terminal: Terminal, { clients, unlisted }: Comparison): string[] {
  const same = clients.filter(({ state }) => state === 'same').length;
  const different = clients.length - same;
  return [
    ...clients.flatMap((compared) => changeLines(terminal, compared)),
    ...(same > 0 ? [terminal.ok(`✓ as in the files: ${same}`)] : []),
    ...(different > 0 ? [`  different: ${different}. senid client apply brings them over.`] : []),
    ...(unlisted.length > 0 ? [`  in no file, and left alone: ${listed(unlisted)}`] : []),
  ];
}

/** The head of a client that differs, and each field of it. */
export function changeLines(terminal: Terminal, { client, state, changes, stopped }: Compared): string[] {
  if (state === 'same') return [];
  const { clientId, relyingParty } = client.registration;
  const name = `${clientId} (${visible(relyingParty.name.en)})`;
  return [
    `${state === 'new' ? '+' : '~'} ${name}: ${state}${stopped ? ', and stopped: only an operator starts it' : ''}`,
    ...changes.flatMap(({ path, before, after }) => [
      ...(before === undefined ? [] : [terminal.bad(`    - ${visible(path)}: ${shown(before)}`)]),
      ...(after === undefined ? [] : [terminal.ok(`    + ${visible(path)}: ${shown(after)}`)]),
    ]),
  ];
}

const shown = (value: unknown): string => visible(typeof value === 'string' ? value : JSON.stringify(value));

/** Enough of them to know what they are. */
const listed = (ids: readonly string[]): string =>
  ids.length > MOST ? `${ids.slice(0, MOST).join(', ')} and ${ids.length - MOST} more` : ids.join(', ');

const MOST = 20;
