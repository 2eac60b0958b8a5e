import type { Operator, OperatorState, Operators } from '../../domain/operators/index.ts';
import { CommandFault } from '../command-fault.ts';
import type { Context } from '../context.ts';
import { columns, visible } from '../terminal.ts';

const STATES: readonly OperatorState[] = ['invited', 'active', 'suspended', 'retired'];

/** `senid operator list`: everybody, by name. Throws `CommandFault` 64 for a state that is none. */
export async function listCommand(
  { terminal, withApp }: Pick<Context, 'terminal' | 'withApp'>,
  { state }: { readonly state?: string },
): Promise<number> {
  const wanted = STATES.find((one) => one === state);
  if (state !== undefined && !wanted) throw new CommandFault(64, `--state is one of ${STATES.join(', ')}.`);
  const all = await withApp(({ parts }) => everybody(parts.operators, wanted));
  // Who the human is concerns nobody at a terminal, not even as a hash.
  const shown = all.map(({ person: _person, ...one }) => one);
  terminal.answer(
    { operators: shown },
    all.length === 0 ? ['No operator: senid operator bootstrap makes the first.'] : columns([HEAD, ...shown.map(row)]),
  );
  return 0;
}

const HEAD = ['id', 'name', 'office', 'state', 'last seen', 'roles'];
const row = ({ id, name, office, state, lastSeenAt, roles }: Omit<Operator, 'person'>): string[] => [
  ...[id, visible(name), office, state],
  lastSeenAt?.toISOString().slice(0, 16).replace('T', ' ') ?? 'never',
  roles.join(', '),
];

/** Page by page. */
async function everybody(operators: Pick<Operators, 'list'>, state?: OperatorState): Promise<Operator[]> {
  const all: Operator[] = [];
  for (;;) {
    const after = all.at(-1)?.id;
    const page = await operators.list({ limit: 200, ...(state ? { state } : {}), ...(after ? { after } : {}) });
    all.push(...page);
    if (page.length < 200) return all;
  }
}
