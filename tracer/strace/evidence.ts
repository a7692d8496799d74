/** What is kept of a line as evidence: never the data that a call carried, nor an environment. Pure. */
import type { SyscallLine } from './parse-line.ts';

export const EVIDENCE_AT_MOST = 400;
/** Which argument holds data, by call. */
const DATA: Readonly<Record<string, number>> = { sendto: 1, recvfrom: 1, setxattr: 2, lsetxattr: 2, fsetxattr: 2 };

/** The line of a call, with `…` in place of what was sent, received or set. */
export function evidenceOf(call: SyscallLine, text: string): string {
  const at = DATA[call.name];
  const data = at === undefined ? undefined : call.args[at];
  if (data !== undefined && data !== '') return text.replace(data, () => '…').slice(0, EVIDENCE_AT_MOST);
  if (!call.name.endsWith('msg')) return text.slice(0, EVIDENCE_AT_MOST);
  return text.replace(/(iov_base|msg_control)=("(?:[^"\\]|\\.)*"(?:\.\.\.)?)/g, '$1=…').slice(0, EVIDENCE_AT_MOST);
}

/** A line that was not understood. That of an exec may hold an environment: its values are taken out. */
export function evidenceOfUnparsed(line: string): string {
  const bare = line.includes('exec') ? line.replace(/"([A-Za-z_]\w*)=(?:[^"\\]|\\.)*"?/g, '"$1=…"') : line;
  return bare.slice(0, EVIDENCE_AT_MOST);
}
