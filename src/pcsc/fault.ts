/** What keeps a reader from working, in a sentence that says what to do about it. */
export const PCSC_FAULTS = {
  absent: 'pcscd is not running. On Debian: apt-get install pcscd, then systemctl enable --now pcscd.socket.',
  denied: 'pcscd does not let this user in. Its policy (polkit, action org.debian.pcsc-lite.access_pcsc) says who may.',
  version: 'pcscd speaks another version of its protocol than this program.',
  silent: 'pcscd does not answer. systemctl restart pcscd helps, or another cable for the reader.',
  garbled: 'pcscd answers what its protocol does not have.',
  no_reader: 'No reader is connected. senid reader --list shows those that pcscd knows.',
  busy: 'Another program holds the card.',
  removed: 'The card was taken away.',
  mute: 'The chip does not answer. Lay the card flat on the reader, and leave it there.',
  failed: 'The reader reports an error.',
} as const satisfies Record<string, string>;

export type PcscFaultCode = keyof typeof PCSC_FAULTS;

/** A fault of reader, card or daemon: expected, and told to the person. `message` is one sentence. */
export class PcscFault extends Error {
  readonly code: PcscFaultCode;
  constructor(code: PcscFaultCode, about?: string) {
    super(about === undefined ? PCSC_FAULTS[code] : `${PCSC_FAULTS[code]} (${about})`);
    this.name = 'PcscFault';
    this.code = code;
  }
}
