/** Calls on sockets → accesses: who is reached, who listens, which names are asked for. Pure. */
import type { AccessDetail, AccessObject, Operation, PathObject } from '../../src/domain/access.ts';
import { resolvePath } from '../../src/domain/path.ts';
import { detail } from './detail.ts';
import { readDns } from './dns.ts';
import type { SyscallLine } from './parse-line.ts';
import {
  bufferBytes,
  messageAddress,
  messageBytes,
  socketAddress,
  socketNumber,
  type SocketAddress,
} from './socket-address.ts';
import type { Row } from './syscalls.ts';

interface SocketFacts {
  readonly datagram: boolean;
  /** It talks to a name server. */
  readonly dns: boolean;
  /** It was bound to any port; which one is asked for later. */
  readonly anyPort: boolean;
}

const UNKNOWN_SOCKET: SocketFacts = { datagram: false, dns: false, anyPort: false };

const SOCKETS_AT_MOST = 10_000;

export class SocketCalls {
  /** By socket number: what is known of sockets that are not plain TCP. */
  private readonly sockets = new Map<number, SocketFacts>();
  /** The socket at a path. */
  private readonly at: (path: string, call: SyscallLine) => PathObject;

  constructor(at: (path: string, call: SyscallLine) => PathObject) {
    this.at = at;
  }

  socket(call: SyscallLine): readonly AccessDetail[] {
    const number = socketNumber(call.result);
    if (number === undefined || !(call.args[1] ?? '').includes('SOCK_DGRAM')) return [];
    if (this.sockets.size >= SOCKETS_AT_MOST) this.sockets.clear();
    this.sockets.set(number, { datagram: true, dns: false, anyPort: false });
    return [];
  }

  address(row: Row<'address'>, call: SyscallLine, text: string, cwd: string): readonly AccessDetail[] {
    const address = socketAddress(call.args[row.address]);
    const socket = this.socketOf(call);
    if (address === undefined)
      return row.data !== undefined && socket?.dns ? this.dns(bufferBytes(call.args[row.data]), call, text) : [];
    if (address.kind === 'inet' && address.port === 53) this.learnOf(call, { dns: true });
    if (address.kind === 'inet' && address.port === 0 && row.operation === 'listen')
      this.learnOf(call, { anyPort: true });
    const found = this.reach(row.operation, address, socket?.datagram ?? row.operation === 'send', call, text, cwd);
    const isQuestion = row.data !== undefined && address.kind === 'inet' && address.port === 53;
    return isQuestion ? [...found, ...this.dns(bufferBytes(call.args[row.data]), call, text)] : found;
  }

  private reach(
    operation: Operation,
    address: SocketAddress,
    datagram: boolean,
    call: SyscallLine,
    text: string,
    cwd: string,
  ): readonly AccessDetail[] {
    switch (address.kind) {
      case 'inet': {
        const protocol = datagram ? 'udp' : 'tcp';
        return [
          detail(operation, { kind: 'endpoint', protocol, address: address.address, port: address.port }, call, text),
        ];
      }
      case 'abstract':
        return [detail(operation, { kind: 'abstract-socket', name: address.name }, call, text)];
      case 'unix': {
        const object = this.at(resolvePath(cwd, address.path), call);
        const made = operation === 'listen' ? [detail('create', object, call, text)] : [];
        return [...made, detail(operation, object, call, text)];
      }
    }
  }

  receive({ data, address }: Row<'receive'>, call: SyscallLine, text: string): readonly AccessDetail[] {
    const from = socketAddress(call.args[address]);
    const isDns = this.socketOf(call)?.dns === true || (from?.kind === 'inet' && from.port === 53);
    return isDns && call.outcome === 'ok' ? this.dns(bufferBytes(call.args[data]), call, text) : [];
  }

  message(row: Row<'message'>, call: SyscallLine, text: string): readonly AccessDetail[] {
    const socket = this.socketOf(call);
    const message = call.args[row.message];
    const address = messageAddress(message);
    const isDns = socket?.dns === true || (address?.kind === 'inet' && address.port === 53);
    if (row.operation === 'receive' && call.outcome !== 'ok') return [];
    const sent: AccessDetail[] = [];
    if (row.operation === 'send' && address?.kind === 'inet') {
      sent.push(
        detail('send', { kind: 'endpoint', protocol: 'udp', address: address.address, port: address.port }, call, text),
      );
    }
    return isDns ? [...sent, ...this.dns(messageBytes(message), call, text)] : sent;
  }

  private dns(bytes: Uint8Array, call: SyscallLine, text: string): readonly AccessDetail[] {
    const message = readDns(bytes);
    if (message === undefined) return [];
    const object: AccessObject = { kind: 'name', name: message.name, addresses: message.addresses };
    const outcome = call.outcome !== 'ok' ? call.outcome : message.isAnswer ? 'ok' : 'unanswered';
    return [{ ...detail('resolve', object, call, text), outcome }];
  }

  private socketOf(call: SyscallLine): SocketFacts | undefined {
    const number = this.sockets.size === 0 ? undefined : socketNumber(call.args[0]);
    return number === undefined ? undefined : this.sockets.get(number);
  }

  private learnOf(call: SyscallLine, facts: Partial<SocketFacts>): void {
    const number = socketNumber(call.args[0]);
    if (number !== undefined) this.sockets.set(number, { ...(this.sockets.get(number) ?? UNKNOWN_SOCKET), ...facts });
  }

  ownAddress(row: Row<'own-address'>, call: SyscallLine, text: string, cwd: string): readonly AccessDetail[] {
    const socket = this.socketOf(call);
    const address =
      socket?.anyPort === true && call.outcome === 'ok' ? socketAddress(call.args[row.address]) : undefined;
    return address?.kind === 'inet' ? this.reach('listen', address, socket!.datagram, call, text, cwd) : [];
  }
}
