/** Names and addresses out of a DNS message. Pure; the message is hostile, and may be cut short. */
export interface DnsMessage {
  readonly isAnswer: boolean;
  /** What was asked for, without a dot at the end; empty where it could not be read. */
  readonly name: string;
  readonly addresses: readonly string[];
}

/** @returns undefined for what is no DNS message with a question */
export function readDns(bytes: Uint8Array): DnsMessage | undefined {
  if (bytes.length < 17) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const questions = view.getUint16(4);
  const answers = view.getUint16(6);
  if (questions !== 1) return undefined;
  const question = readName(bytes, 12);
  if (question === undefined || question.name === '') return undefined;
  const isAnswer = (bytes[2]! & 0x80) !== 0;
  const addresses = isAnswer ? readAddresses(bytes, view, question.end + 4, answers) : [];
  return { isAnswer, name: question.name, addresses };
}

const RECORDS_AT_MOST = 100;
const LABELS_AT_MOST = 128;

function readName(bytes: Uint8Array, from: number): { readonly name: string; readonly end: number } | undefined {
  const labels: string[] = [];
  let at = from;
  let end = -1;
  for (let steps = 0; steps < LABELS_AT_MOST; steps += 1) {
    const length = bytes[at];
    if (length === undefined) return undefined;
    if (length === 0) return { name: labels.join('.'), end: end < 0 ? at + 1 : end };
    if (length >= 0xc0) {
      const low = bytes[at + 1];
      if (low === undefined) return undefined;
      if (end < 0) end = at + 2;
      at = ((length & 0x3f) << 8) | low;
      continue;
    }
    if (length > 63 || at + length >= bytes.length) return undefined;
    labels.push(String.fromCharCode(...bytes.subarray(at + 1, at + 1 + length)));
    at += length + 1;
  }
  return undefined;
}

function readAddresses(bytes: Uint8Array, view: DataView, from: number, count: number): string[] {
  const found: string[] = [];
  let at = from;
  for (let index = 0; index < Math.min(count, RECORDS_AT_MOST); index += 1) {
    const name = readName(bytes, at);
    if (name === undefined || name.end + 10 > bytes.length) break;
    const type = view.getUint16(name.end);
    const length = view.getUint16(name.end + 8);
    const data = bytes.subarray(name.end + 10, name.end + 10 + length);
    if (type === 1 && data.length === 4) found.push(data.join('.'));
    if (type === 28 && data.length === 16) found.push(ipv6Text(data));
    at = name.end + 10 + length;
  }
  return found;
}

function ipv6Text(bytes: Uint8Array): string {
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(((bytes[at]! << 8) | bytes[at + 1]!).toString(16));
  const text = groups.join(':');
  const zeros = [...text.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length)[0];
  if (zeros === undefined) return text;
  return `${text.slice(0, zeros.index)}::${text.slice(zeros.index + zeros[0].length).replace(/^:/, '')}`;
}
