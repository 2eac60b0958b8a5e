import { faultSentence } from '../../domain/relying-parties/index.ts';
import { CommandFault } from '../command-fault.ts';
import type { Context } from '../context.ts';
import { type Terminal, visible } from '../terminal.ts';
import { compare } from './compare.ts';
import { type DraftOutcome, draftChanges } from './drafts.ts';
import { changeLines, faulty, readFiles } from './plan.ts';

/** The options of `senid client apply`. */
export interface ApplyOptions {
  readonly reason?: string;
}

/**
 * `senid client apply`: in a sandbox the files are so at once, or none of them. In production nothing changes: each difference
 * becomes a change request that an operator has to propose and another person to approve. 0 done, 1 refused, 2 faults in the
 * files, 64 without a reason where one is needed.
 */
export async function applyCommand(
  context: Context,
  paths: readonly string[],
  { reason }: ApplyOptions = {},
): Promise<number> {
  const sandbox = context.settings().profile === 'sandbox';
  if (!sandbox && !reason?.trim())
    throw new CommandFault(64, 'In production say why: --reason "…". Two people read it.');
  const read = await readFiles(context, paths);
  if (!read.read) return faulty(context.terminal, read.faults);
  return context.withApp(async ({ parts }) => {
    const progress = context.terminal.progress('comparing clients');
    const { clients } = await compare(parts.relyingParties, read.clients, progress);
    const different = clients.filter(({ state }) => state !== 'same');
    if (!sandbox) {
      const { issuer } = context.settings();
      return answered(context, await draftChanges({ approvals: parts.approvals, issuer }, different, reason!));
    }
    const loaded = await parts.relyingParties.putSandboxClients(different.map(({ client }) => client));
    const { terminal } = context;
    if (!loaded.loaded) {
      const lines = loaded.faults.map((fault) => terminal.bad(`✗ ${visible(faultSentence(fault))}`));
      terminal.answer({ applied: [], faults: loaded.faults }, [...lines, 'Nothing was changed.']);
      return 1;
    }
    terminal.answer(
      { applied: different.map(({ client, state }) => ({ clientId: client.registration.clientId, state })) },
      different.length === 0
        ? [terminal.ok('✓ nothing to change')]
        : [...different.flatMap((each) => changeLines(terminal, each)), terminal.ok(`✓ applied: ${different.length}`)],
    );
    return 0;
  });
}

function answered({ terminal }: Context, outcomes: readonly DraftOutcome[]): number {
  const refused = outcomes.some(({ state }) => state === 'faulty');
  terminal.answer(
    { drafts: outcomes },
    outcomes.length === 0
      ? [terminal.ok('✓ nothing to change')]
      : [...outcomes.flatMap((outcome) => draftLines(terminal, outcome)), NOTHING_YET],
  );
  return refused ? 1 : 0;
}

function draftLines(terminal: Terminal, outcome: DraftOutcome): string[] {
  if (outcome.state === 'faulty')
    return outcome.faults.map((fault) => terminal.bad(`✗ ${outcome.clientId}: ${visible(fault)}`));
  const already = outcome.state === 'open' ? ', from an earlier run' : '';
  return [
    terminal.ok(`✓ ${outcome.clientId}: change request ${outcome.number}${already}`),
    `    ${outcome.url}`,
    ...(outcome.state === 'drafted' && outcome.secret !== undefined
      ? [`    client_secret: ${outcome.secret}`, `    ${SECRET_ONCE}`]
      : []),
  ];
}

const NOTHING_YET = 'Nothing is changed yet: an operator proposes each at its link, and another person approves it.';
const SECRET_ONCE = 'The secret is shown this once; only its hash is kept. It works when the change is made.';
