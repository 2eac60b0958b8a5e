import type { Office } from '../../domain/operators/index.ts';
import { CommandFault } from '../command-fault.ts';
import type { Context } from '../context.ts';
import { visible } from '../terminal.ts';

/** The options of `senid operator offices`. */
export interface OfficesOptions {
  readonly add?: string;
  readonly below?: string;
  readonly vi?: string;
  readonly en?: string;
  readonly training?: boolean;
}

const SAYS = {
  faulty: 'a code is of lower case letters, figures and dashes; a name has 1 to 120 characters',
  taken: 'code or name are taken, or nothing can stand below that office',
  forbidden: 'this is not allowed',
} as const;

/** `senid operator offices`: the tree; with `--add` one more in it. 1 when it cannot be added. Throws `CommandFault` 64. */
export async function officesCommand(
  { terminal, withApp }: Pick<Context, 'terminal' | 'withApp'>,
  { add, below, vi, en, training = false }: OfficesOptions,
): Promise<number> {
  if (add === undefined) {
    const offices = await withApp(({ parts }) => parts.operators.offices());
    terminal.answer({ offices }, treeOf(offices));
    return 0;
  }
  if (!below || !vi || !en) throw new CommandFault(64, '--add takes --below, --vi and --en too.');
  const office = { id: add, parentId: below, name: { vi, en }, training };
  const outcome = await withApp(({ parts }) => parts.operators.addOffice(office, 'command line'));
  terminal.answer(outcome, [
    outcome.added ? terminal.ok(`✓ ${add} stands below ${below}`) : terminal.bad(`✗ ${SAYS[outcome.reason]}`),
  ]);
  return outcome.added ? 0 : 1;
}

/** Each office below its parent, two spaces further in. */
function treeOf(offices: readonly Office[], parentId?: string, depth = 0): string[] {
  return offices
    .filter((office) => office.parentId === parentId)
    .flatMap(({ id, name, training }) => [
      `${'  '.repeat(depth)}${id}  ${visible(name.vi)} (${visible(name.en)})${training ? ', for training' : ''}`,
      ...treeOf(offices, id, depth + 1),
    ]);
}
