import type { Context } from '../context.ts';

const SAYS = {
  unknown: 'there is no operator of this id: senid operator list',
  no_access: 'this operator has no access that could be taken away',
  forbidden: 'this is not allowed',
  self: 'nobody suspends themselves',
} as const;

/** `senid operator suspend`: ends access and sessions at once; 1 when there is nothing to end. */
export async function suspendCommand(
  { terminal, withApp }: Pick<Context, 'terminal' | 'withApp'>,
  id: string,
): Promise<number> {
  const outcome = await withApp(({ parts }) => parts.operators.suspend(id, 'command line'));
  const done = outcome === 'suspended';
  terminal.answer({ operator: id, outcome }, [
    done
      ? terminal.ok('✓ suspended, and signed out everywhere. Access is given back by a change request.')
      : terminal.bad(`✗ ${SAYS[outcome]}`),
  ]);
  return done ? 0 : 1;
}
