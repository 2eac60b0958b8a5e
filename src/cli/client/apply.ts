import { faultSentence } from '../../domain/relying-parties/index.ts';
import { CommandFault } from '../command-fault.ts';
import type { Context } from '../context.ts';
import { type Terminal, visible } from '../terminal.ts';
import { type Compared, compare } from './compare.ts';
import { type DraftOutcome, draftChanges } from './drafts.ts';
import { type PlaceOptions, placeOf } from './place.ts';
import { changeLines, faulty, readFiles } from './plan.ts';

/** The options of `senid client apply`. */
export interface ApplyOptions extends PlaceOptions {
  readonly reason?: string;
}

/**
 * `senid client apply`: in a sandbox the files are so at once, or none of them. In production nothing changes: each difference
 * becomes a change request, which an operator proposes and another person approves; with `--as` it is proposed at once, in the
 * name of the operator whose API client that is. 0 done, 1 refused, 2 faults in the files, 64 without a reason where one is
 * needed. Throws `CommandFault`.
 */
export async function applyCommand(
  context: Context,
  paths: readonly string[],
  { reason = '', ...options }: ApplyOptions = {},
): Promise<number> {
  const { terminal } = context;
  const place = await placeOf(context, options);
  if (!place.sandbox && reason.trim() === '')
    throw new CommandFault(64, 'In production say why: --reason "…". Two people read it.');
  const read = await readFiles(place, paths);
  if (!read.read) return faulty(terminal, read.faults);
  return place.with(async (registry) => {
    const { clients } = await compare(registry, read.clients, terminal.progress('comparing clients'));
    const different = clients.filter(({ state }) => state !== 'same');
    if (place.sandbox) return putAtOnce(context, different);
    return drafted(terminal, await draftChanges({ registry, issuer: place.issuer, reason }, different));
  });
}

async function putAtOnce({ terminal, withApp }: Context, different: readonly Compared[]): Promise<number> {
  const put = await withApp(({ parts }) =>
    parts.relyingParties.putSandboxClients(different.map(({ client }) => client)),
  );
  if (!put.loaded) {
    const lines = put.faults.map((fault) => terminal.bad(`✗ ${visible(faultSentence(fault))}`));
    terminal.answer({ applied: [], faults: put.faults }, [...lines, 'Nothing was changed.']);
    return 1;
  }
  terminal.answer(
    { applied: different.map(({ client, state }) => ({ clientId: client.registration.clientId, state })) },
    different.length === 0
      ? [NOTHING(terminal)]
      : [...different.flatMap((each) => changeLines(terminal, each)), terminal.ok(`✓ applied: ${different.length}`)],
  );
  return 0;
}

const NOTHING = (terminal: Terminal): string => terminal.ok('✓ nothing to change');

function drafted(terminal: Terminal, outcomes: readonly DraftOutcome[]): number {
  const stopped = outcomes.some((outcome) => 'faults' in outcome);
  terminal.answer(
    { changes: outcomes },
    outcomes.length === 0
      ? [NOTHING(terminal)]
      : [...outcomes.flatMap((outcome) => outcomeLines(terminal, outcome)), NOTHING_YET],
  );
  return stopped ? 1 : 0;
}

const STANDS = {
  drafted: 'drafted: an operator has to propose it',
  proposed: 'proposed: another person has to approve it',
  open: 'there from an earlier run, and not decided on',
} as const;

function outcomeLines(terminal: Terminal, outcome: DraftOutcome): string[] {
  const { clientId, faults = [] } = outcome;
  const wrong = faults.map((fault) => terminal.bad(`✗ ${clientId}: ${visible(fault)}`));
  if (outcome.state === 'refused') return wrong;
  return [
    terminal.ok(`✓ ${clientId}: change request ${outcome.number}, ${STANDS[outcome.state]}`),
    `    ${outcome.url}`,
    ...wrong,
    ...(outcome.secret === undefined ? [] : [`    client_secret: ${outcome.secret}`, `    ${SECRET_ONCE}`]),
  ];
}

const NOTHING_YET = 'Nothing is changed yet: that takes two people, at these links.';
const SECRET_ONCE = 'The secret is shown this once; only its hash is kept. It works when the change is made.';
