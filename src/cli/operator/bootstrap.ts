import { invitationLink } from '../../app/operators.ts';
import type { Begun } from '../../domain/operators/index.ts';
import { CommandFault } from '../command-fault.ts';
import type { Context } from '../context.ts';
import { createInput, type Input } from '../reader/input.ts';

/** The options of `senid operator bootstrap`. */
export interface BootstrapOptions {
  readonly name: string;
  readonly email: string;
  readonly office: string;
}

/**
 * `senid operator bootstrap`: the first operator, and the link of their invitation, shown once. The identity number comes by
 * the input and never by the command line, which every user of the machine can see. 1 when it was done before; throws
 * `CommandFault` 64 for what was typed wrong.
 */
export async function bootstrapCommand(
  { terminal, settings, withApp }: Pick<Context, 'terminal' | 'settings' | 'withApp'>,
  { name, email, office }: BootstrapOptions,
  input: Pick<Input, 'line' | 'close'> = standardInput(),
): Promise<number> {
  try {
    const identityNumber = await input.line('Identity number of the operator (12 digits, not shown):');
    if (!identityNumber) throw new CommandFault(64, 'Who? Write the identity number to the input.');
    const begun = await withApp(({ parts }) => parts.operators.bootstrap({ name, email, office, identityNumber }));
    if (!begun.begun) return refused(begun, terminal);
    const link = invitationLink(settings().issuer, begun.code);
    terminal.answer({ operator: begun.operatorId, invitation: link, expiresAt: begun.expiresAt }, [
      terminal.ok(`✓ ${name} is the first operator. This link is shown once, works once, and for one hour:`),
      '',
      link,
      '',
      'Open it, type the identity number again and make a passkey. Then invite the second operator in the console:',
      'from then on two people decide.',
    ]);
    return 0;
  } finally {
    input.close();
  }
}

function refused(begun: Extract<Begun, { begun: false }>, terminal: Context['terminal']): number {
  if (begun.reason === 'faulty')
    throw new CommandFault(64, begun.faults.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  terminal.answer({ operator: null, reason: begun.reason }, [
    terminal.bad('✗ there are operators already: in the console one proposes a new one and another approves'),
  ]);
  return 1;
}

/** Until Ctrl-C. */
function standardInput(): Input {
  const abort = new AbortController();
  return createInput({ signal: abort.signal, interrupt: () => process.exit(130) });
}
