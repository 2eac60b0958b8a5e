import { isOperatorName } from '../../domain/proofing/index.ts';
import { maskedNumber, VIEW_REASONS } from '../../domain/subscribers/index.ts';
import { CommandFault } from '../command-fault.ts';
import type { Context } from '../context.ts';
import { operatorBehind } from '../operator/behind.ts';
import { createInput, type Input } from '../reader/input.ts';
import { columns } from '../terminal.ts';

/** The options of `senid subscriber find`. */
export interface FindOptions {
  readonly by: string;
  readonly reason: string;
}

/**
 * `senid subscriber find`: how an account stands, by identity number or telephone, and nothing of who the person is. The number
 * comes by the input and never by the command line, which every user of the machine can see. Where there are operators, one of
 * them looks who may do so in the console too. Journalled before it is answered; the person reads it. 1 when there is nobody. Throws `CommandFault` 64.
 */
export async function findCommand(
  { terminal, withApp }: Pick<Context, 'terminal' | 'withApp'>,
  { by, reason }: FindOptions,
  input: Pick<Input, 'line' | 'close'> = standardInput(),
): Promise<number> {
  try {
    if (!isOperatorName(by)) throw new CommandFault(64, '--by must be a name of 2 to 100 characters.');
    const why = VIEW_REASONS.find((each) => each === reason);
    if (!why) throw new CommandFault(64, `--reason is one of ${VIEW_REASONS.join(', ')}.`);
    const typed = await input.line('Identity number or telephone:');
    if (!typed) throw new CommandFault(64, 'Whom? Write the identity number or telephone to the input.');
    const found = await withApp(async ({ parts }) => {
      const viewing = {
        ...(await operatorBehind(parts, by, LOOKS_AT_PEOPLE)),
        way: 'command line',
        reason: why,
      } as const;
      const subscriber = await parts.subscribers.view(typed, viewing);
      if (!subscriber) return undefined;
      const { id, state, accountLevel } = subscriber;
      const number = await parts.subscribers.identityNumber(id);
      const locks = (await parts.subscribers.locks(id)).filter(({ liftedAt }) => liftedAt === undefined);
      return {
        ...{ id, state, accountLevel },
        number: number === undefined ? null : maskedNumber(number),
        locks: locks.map(({ ground, openedAt }) => ({ ground, openedAt })),
        authenticators: (await parts.authenticators.of(id)).map(({ kind, status }) => ({ kind, status })),
      };
    });
    terminal.answer({ found: found ?? null }, found ? linesOf(found) : [terminal.bad('✗ nobody has this number')]);
    return found ? 0 : 1;
  } finally {
    input.close();
  }
}

const LOOKS_AT_PEOPLE = { permission: 'subscribers.view', does: 'looks at people' } as const;

function linesOf({
  id,
  number,
  state,
  accountLevel,
  locks,
  authenticators,
}: {
  readonly id: string;
  readonly number: string | null;
  readonly state: string;
  readonly accountLevel: number;
  readonly locks: readonly { readonly ground: string; readonly openedAt: Date }[];
  readonly authenticators: readonly { readonly kind: string; readonly status: string }[];
}): string[] {
  const kinds = authenticators.map(({ kind, status }) => (status === 'active' ? kind : `${kind} (${status})`));
  return columns([
    ['number', number ?? 'none in force'],
    ['state', state],
    ['level', String(accountLevel)],
    ...locks.map(({ ground, openedAt }) => ['lock', `${ground}, since ${openedAt.toISOString()}`]),
    ['sign-in', kinds.length > 0 ? kinds.join(', ') : 'nothing bound'],
    ['in the journal', id],
  ]);
}

function standardInput(): Input {
  const person = new AbortController();
  return createInput({ signal: person.signal, interrupt: () => process.exit(130) });
}
