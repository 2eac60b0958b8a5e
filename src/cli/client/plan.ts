import { type FileClient, type FileFault, faultSentence, readClientFiles } from '../../domain/relying-parties/index.ts';
import type { Context } from '../context.ts';
import { type Terminal, visible } from '../terminal.ts';
import { type Compared, type Comparison, compare } from './compare.ts';
import { type Place, type PlaceOptions, placeOf } from './place.ts';

/** `senid client plan`: what `apply` would do. 0 nothing, 2 files with faults or what would be refused, 3 something. Throws `CommandFault`. */
export async function planCommand(
  context: Context,
  paths: readonly string[],
  options: PlaceOptions = {},
): Promise<number> {
  const { terminal } = context;
  const place = await placeOf(context, options);
  const read = await readFiles(place, paths);
  if (!read.read) return faulty(terminal, read.faults);
  const comparison = await place.with((registry) =>
    compare(registry, read.clients, terminal.progress('comparing clients')),
  );
  const drift = comparison.clients.some(({ state }) => state !== 'same');
  const refused = comparison.clients.some(({ findings }) => findings.some(({ level }) => level === 'error'));
  terminal.answer({ drift, ...told(comparison) }, linesOf(terminal, comparison));
  return refused ? 2 : drift ? 3 : 0;
}

/** Where files of clients are looked for when none are named. */
const FOLDER = 'clients';

export const readFiles = ({ sandbox }: Pick<Place, 'sandbox'>, paths: readonly string[]) =>
  readClientFiles(paths.length > 0 ? paths : [FOLDER], sandbox ? 'sandbox' : 'production');

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
  clients: clients.map(({ client, state, changes, findings, now }) => ({
    clientId: client.registration.clientId,
    ...fileOf(client),
    ...{ state, changes, findings, stopped: now?.disabled ?? false },
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
export function changeLines(terminal: Terminal, { client, state, changes, findings, now }: Compared): string[] {
  if (state === 'same') return [];
  const { clientId, relyingParty } = client.registration;
  const name = `${clientId} (${visible(relyingParty.name.en)})`;
  return [
    `${state === 'new' ? '+' : '~'} ${name}: ${state}${now?.disabled ? ', and stopped: only an operator starts it' : ''}`,
    ...changes.flatMap(({ path, before, after }) => [
      ...(before === undefined ? [] : [terminal.bad(`    - ${visible(path)}: ${shown(before)}`)]),
      ...(after === undefined ? [] : [terminal.ok(`    + ${visible(path)}: ${shown(after)}`)]),
    ]),
    ...findings.map(({ level, ...finding }) => {
      const sentence = visible(faultSentence(client.placed?.(finding) ?? finding));
      return level === 'error' ? terminal.bad(`  ✗ ${sentence}`) : `  ! ${sentence}`;
    }),
  ];
}

const shown = (value: unknown): string => visible(typeof value === 'string' ? value : JSON.stringify(value));

/** Enough of them to know what they are. */
const listed = (ids: readonly string[]): string =>
  ids.length > MOST ? `${ids.slice(0, MOST).join(', ')} and ${ids.length - MOST} more` : ids.join(', ');

const MOST = 20;
