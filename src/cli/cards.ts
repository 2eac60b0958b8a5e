import type { Command } from 'commander';
import { family, runs, several } from './command.ts';

/** `senid chip` and `senid reader`: on a kiosk, or on an examiner's desk without a network. */
export function addCardCommands(program: Command): void {
  const verify = family(program, 'chip', 'chips of documents')
    .command('verify')
    .description('check a dumped card offline: 0 genuine, 1 refused, 2 unreadable')
    .argument('<files...>', 'EF_SOD.bin, DG1.bin, EF.DG14 …, or a folder of them')
    .option(
      '--trust <path>',
      'authorities to trust: .cer .crt .der .pem, a master list .ml, or a folder; may be repeated',
      several,
    )
    .option('--root <file>', 'the certificate under which the signer of the master lists stands')
    .option('--crl <path>', 'a revocation list, or a folder of .crl; may be repeated', several)
    .option('--profile <name>', 'national or foreign', 'foreign')
    .option('--at <date>', 'examine as of this moment instead of now')
    .option('--aa-challenge <hex>', 'what the chip was asked to sign, eight octets')
    .option('--aa-response <hex>', 'what it answered')
    .option('--show-holder', "print the holder's data too")
    .option('--json', 'answer with one JSON value')
    .exitOverride();
  runs(verify, async () => (await import('./chip.ts')).chipVerifyCommand);

  const reader = family(
    program,
    'reader',
    'read the card on the reader of this machine for a sign-in: 0 read, 1 refused, 69 no reader',
  )
    .argument('[link]', 'as the sign-in page shows it; - takes it from the first line of the input')
    .option(
      '--can <digits>',
      'card access number (every user of this machine sees it: better type it, or write it to the input)',
    )
    .option('--mrz-file <file>', 'machine readable zone, for a card without that number')
    .option('--reader <name>', 'this reader, by its name or a part of it')
    .option('--list', 'list the readers and do nothing else')
    .option('--mode <mode>', 'aa, handover, relay or any', 'any')
    .option('--timeout <seconds>', 'give up after so long', '120')
    .option('--json', 'answer with one JSON value');
  runs(reader, async () => (await import('./reader.ts')).readerCommand);
}
