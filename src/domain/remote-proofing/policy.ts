/** The rules of one time for proofings over the network. What was decided names their version. */
export interface RemotePolicy {
  readonly version: string;
  /** The first moment at which they hold. */
  readonly from: Date;
  readonly source: string;
  /** Below this age a guardian acts, and nobody is proofed from home. */
  readonly fromYears: number;
  /** Minutes from the consent to the last picture. */
  readonly sittingMinutes: number;
  /** After so many failures the next one waits, `pauseMinutes` and twice as long each time, to `longestMinutes`. */
  readonly tries: number;
  readonly pauseMinutes: number;
  readonly longestMinutes: number;
  /** Days after which failures that nobody added to are forgotten. */
  readonly forgetDays: number;
}

/** The newest last. */
export const REMOTE_POLICIES: readonly RemotePolicy[] = [
  {
    version: 'remote-chip-face@2024-07-01',
    from: new Date('2024-06-30T17:00:00Z'),
    source: 'NIST SP 800-63A-4 §4.2.6, §3.11 (unattended remote, chip and automated comparison); the figures are ours',
    fromYears: 14,
    sittingMinutes: 20,
    tries: 5,
    pauseMinutes: 15,
    longestMinutes: 24 * 60,
    forgetDays: 30,
  },
];

/** The rules that hold at a moment. */
export function remotePolicyAt(now: Date, policies: readonly RemotePolicy[] = REMOTE_POLICIES): RemotePolicy {
  const held = policies.filter(({ from }) => from <= now).at(-1) ?? policies[0];
  if (!held) throw new Error('there are no rules for proofings over the network');
  return held;
}
