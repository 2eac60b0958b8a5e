import type { ChildProcess } from 'node:child_process';

/** Everything a process says from now on, as text and line by line. */
export function listenTo(child: ChildProcess): { readonly text: string; readonly lines: string[] } {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (more: string | Buffer) => {
      text += more;
    });
  }
  return {
    get text() {
      return text;
    },
    // A line may end in \n alone: whatever else moves to a new line somewhere must not stand in one.
    get lines() {
      return text.split('\n').filter((line) => line !== '');
    },
  };
}
