import { openPcsc, type Pcsc, PcscFault } from '../pcsc/pcscd.ts';
import { type LineEnd, type ReadCardOptions, type ReadingStep, readCard } from '../reader/read-card.ts';
import { CommandFault } from './command-fault.ts';
import type { Context } from './context.ts';
import { adviceOn } from './reader/advice.ts';
import { createInput } from './reader/input.ts';
import { linkFrom } from './reader/link.ts';
import { passwordFrom } from './reader/secret.ts';
import { columns } from './terminal.ts';

/** The options of `senid reader`. */
export interface ReaderOptions {
  readonly can?: string;
  readonly mrzFile?: string;
  readonly reader?: string;
  readonly list?: boolean;
  readonly mode?: string;
  readonly timeout?: string;
  readonly json?: boolean;
}

const MODES = ['any', 'aa', 'handover', 'relay'] as const satisfies ReadCardOptions['mode'][];
/** As long as a session of the server. */
const SECONDS = '120';
const UNAVAILABLE = 69;

/**
 * `senid reader LINK`: reads the card on this machine's reader for a sign-in. 0 the server has what it asked for (whether
 * that is genuine, the sign-in says: a reader in a forger's hand learns nothing), 1 refused, 69 when pcscd, a reader or the
 * server is not there. Throws `CommandFault`.
 */
export async function readerCommand(
  { terminal, environment }: Pick<Context, 'terminal' | 'environment'>,
  link: string | undefined,
  options: ReaderOptions,
): Promise<number> {
  const mode = MODES.find((each) => each === (options.mode ?? 'any'));
  if (!mode) throw new CommandFault(64, `There is no mode ${options.mode}: ${MODES.join(', ')}.`);
  const seconds = Number(options.timeout ?? SECONDS);
  if (!(seconds >= 1 && seconds <= 3_600)) throw new CommandFault(64, '--timeout takes 1 to 3600 seconds.');
  const person = new AbortController();
  const cancel = () => person.abort();
  process.once('SIGINT', cancel).once('SIGTERM', cancel);
  const late = AbortSignal.timeout(seconds * 1_000);
  const signal = AbortSignal.any([person.signal, late]);
  const socket = environment.PCSCLITE_CSOCK_NAME;
  const input = createInput({ signal, interrupt: cancel });
  const say = (step: string) => void (options.json || process.stderr.write(`… ${step}\n`));
  let pcsc: Pcsc | undefined;
  try {
    if (options.list) {
      pcsc = await openPcsc({ signal, ...(socket ? { socket } : {}) });
      return await list(pcsc, terminal);
    }
    const typed = link === '-' ? await input.line('Link of the sign-in page:') : link;
    if (!typed) throw new CommandFault(64, 'Which session? senid reader LINK, as the sign-in page shows it.');
    const session = linkFrom(typed);
    pcsc = await openPcsc({ signal, ...(socket ? { socket } : {}) });
    const reader = await readerNamed(options.reader, pcsc);
    // In relay mode the server opens the chip.
    const password = mode === 'relay' ? undefined : await passwordFrom(options, { input, now: new Date() });
    const end = await readOn(pcsc, { ...{ reader, signal, say }, ...session, mode, ...(password ? { password } : {}) });
    return answered(end, terminal);
  } catch (error) {
    if (error instanceof PcscFault) throw new CommandFault(UNAVAILABLE, error.message);
    if (late.aborted)
      return answered({ status: 'refused', code: 'reader', advice: `Nothing came within ${seconds} s.` }, terminal);
    if (person.signal.aborted) return answered({ status: 'refused', code: 'reader', advice: 'Cancelled.' }, terminal);
    throw error;
  } finally {
    process.off('SIGINT', cancel).off('SIGTERM', cancel);
    input.close();
    pcsc?.close();
  }
}

interface End extends LineEnd {
  readonly reader?: string;
  readonly advice?: string;
}

/** Waits for a card and reads it. What the reader itself reports goes before the coarse word of the server. */
async function readOn(
  pcsc: Pcsc,
  {
    reader,
    say,
    ...session
  }: { reader: string | undefined; say: (step: string) => void; signal: AbortSignal } & Omit<
    ReadCardOptions,
    'transmit' | 'signal'
  >,
): Promise<End> {
  say('waiting for a card');
  const { name } = await pcsc.cardOn(reader);
  let fault: PcscFault | undefined;
  const noted = (error: unknown): never => {
    if (error instanceof PcscFault) fault = error;
    throw error;
  };
  const card = await pcsc.connect(name);
  try {
    const end = await readCard({
      ...session,
      platform: 'kiosk',
      transmit: (command) => card.transmit(command).catch(noted),
      onProgress: (step, file) => say(PROGRESS[step] + (file ? ` ${file}` : '')),
    });
    const { status, code } = end;
    if (status === 'accepted') return { reader: name, status };
    return { reader: name, status, ...(code ? { code } : {}), advice: fault?.message ?? adviceOn(code) };
  } finally {
    await card.disconnect();
  }
}

const PROGRESS = {
  connected: 'connected with the server',
  opening: 'opening the chip',
  reading: 'reading',
  proving: 'letting the chip prove itself',
  sent: 'all sent',
} as const satisfies Record<ReadingStep, string>;

/** A reader by its name or a part of it. */
async function readerNamed(wanted: string | undefined, pcsc: Pcsc): Promise<string | undefined> {
  const names = (await pcsc.readers()).map(({ name }) => name);
  if (names.length === 0) throw new PcscFault('no_reader');
  if (wanted === undefined || names.includes(wanted)) return wanted;
  const found = names.filter((name) => name.toLowerCase().includes(wanted.toLowerCase()));
  if (found.length === 1) return found[0];
  const about = found.length === 0 ? 'No reader is called' : 'Several readers are called';
  throw new CommandFault(found.length === 0 ? UNAVAILABLE : 64, `${about} ${wanted}: ${names.join(', ')}.`);
}

async function list(pcsc: Pcsc, terminal: Context['terminal']): Promise<number> {
  const readers = (await pcsc.readers()).map(({ name, present }) => ({ name, card: present }));
  if (readers.length === 0) throw new PcscFault('no_reader');
  terminal.answer(
    { readers },
    columns(readers.map(({ name, card }) => [name, card ? 'a card lies on it' : 'no card'])),
  );
  return 0;
}

function answered(end: End, terminal: Context['terminal']): number {
  const { status, code, advice = '' } = end;
  if (status === 'accepted') {
    terminal.answer(end, [terminal.ok('✓ Read and sent. The sign-in page says whether the card is accepted.')]);
    return 0;
  }
  terminal.answer(end, [terminal.bad(`✗ Refused${code ? ` (${code})` : ''}: ${advice}`)]);
  return code === 'connection' ? UNAVAILABLE : 1;
}
