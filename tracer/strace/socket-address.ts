/** Socket addresses and messages as strace prints them. Pure. */
import { stringArgument, unescapeBytes } from './parse-line.ts';

export type SocketAddress =
  | { readonly kind: 'inet'; readonly address: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'abstract'; readonly name: string };

/** @param text such as `{sa_family=AF_INET, sin_port=htons(80), …}`; undefined for other families and for none */
export function socketAddress(text: string | undefined): SocketAddress | undefined {
  if (text === undefined) return undefined;
  const port = /sin6?_port=htons\((\d+)\)/.exec(text);
  if (port !== null) {
    const address = /inet_addr\("([^"]*)"\)|inet_pton\(AF_INET6, "([^"]*)"/.exec(text);
    return { kind: 'inet', address: address?.[1] ?? address?.[2] ?? '?', port: Number(port[1]) };
  }
  const unix = /sun_path=(@?)("(?:[^"\\]|\\.)*")/.exec(text);
  if (unix === null) return undefined;
  const path = stringArgument(unix[2])!;
  return unix[1] === '@' ? { kind: 'abstract', name: path } : { kind: 'unix', path };
}

/** Where a message goes or comes from: the first `msg_name` of a `msghdr`, or of several. */
export function messageAddress(text: string | undefined): SocketAddress | undefined {
  const name = /msg_name=(\{sa_family=(?:[^{}"]|"(?:[^"\\]|\\.)*")*\})/.exec(text ?? '');
  return socketAddress(name?.[1]);
}

/** The bytes of the first buffer of a message. Empty for none. */
export function messageBytes(text: string | undefined): Uint8Array {
  const base = /iov_base="((?:[^"\\]|\\.)*)"/.exec(text ?? '');
  return base === null ? new Uint8Array() : unescapeBytes(base[1]!);
}

/** The bytes of a printed buffer. Empty for none. */
export function bufferBytes(arg: string | undefined): Uint8Array {
  if (arg === undefined || !arg.startsWith('"')) return new Uint8Array();
  return unescapeBytes(arg.slice(1, arg.lastIndexOf('"')));
}

/** The number of a socket, as in `6<socket:[8511]>` or `6<UDP:[8511]>`; undefined for what is no socket. */
export function socketNumber(arg: string | undefined): number | undefined {
  const number = /<[A-Za-z0-9]+:\[(\d+)\]>/.exec(arg ?? '');
  return number === null ? undefined : Number(number[1]);
}
