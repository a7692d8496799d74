/** Which destinations a workload reached, and on which side of the sandbox's wall they are. Pure. */
import { succeeded, type Access } from '../src/domain/access.ts';
import type { NetworkDestination, NetworkPolicy } from '../src/domain/policy.ts';

/** Collects network accesses of one or many recordings; the order does not matter. */
export class NetworkCollector {
  private readonly reached = new Map<string, { protocol: 'tcp' | 'udp'; address: string; port: number }>();
  private readonly listening = new Set<string>();
  private readonly names = new Map<string, Set<string>>();
  private answered = false;
  private readonly abstractReached = new Set<string>();
  private readonly abstractOwn = new Set<string>();

  add(access: Access): void {
    const { object, operation } = access;
    if (object.kind === 'abstract-socket' && succeeded(access.outcome))
      (operation === 'listen' ? this.abstractOwn : this.abstractReached).add(object.name);
    if (object.kind === 'name') this.addName(object.name, object.addresses);
    if (object.kind !== 'endpoint' || !succeeded(access.outcome)) return;
    if (operation === 'listen') this.listening.add(`${object.protocol}:${object.port}`);
    else if (operation === 'connect' || operation === 'send') {
      this.reached.set(`${object.protocol}:${object.address}:${object.port}`, object);
    }
  }

  /** Name servers count only where a name was answered: asking in vain needs no grant. */
  policy(): NetworkPolicy {
    const destinations = [...this.reached.values()]
      .filter((end) => end.port !== 53 || this.answered)
      .filter((end) => !(end.protocol === 'udp' && end.port === 0))
      .map((end) => this.destination(end))
      .filter((end) => end.side !== 'inside')
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    return { mode: destinations.length === 0 ? 'none' : 'unsupported', destinations };
  }

  /** Abstract sockets that others listen at: nothing can be granted of them, the sandbox has a network of its own. */
  foreignAbstract(): string[] {
    return [...this.abstractReached].filter((name) => !this.abstractOwn.has(name)).sort();
  }

  private addName(name: string, addresses: readonly string[]): void {
    if (addresses.length > 0) this.answered = true;
    for (const address of addresses) {
      const names = this.names.get(address) ?? new Set();
      names.add(name);
      this.names.set(address, names);
    }
  }

  private destination(end: { protocol: 'tcp' | 'udp'; address: string; port: number }): NetworkDestination {
    const names = [...(this.names.get(end.address) ?? [])].sort();
    return { protocol: end.protocol, address: end.address, port: end.port, names, side: this.sideOf(end) };
  }

  private sideOf(end: { protocol: string; address: string; port: number }): NetworkDestination['side'] {
    if (!isLoopback(end.address)) return 'outside';
    const anyPort = this.listening.has(`${end.protocol}:0`) && end.port >= EPHEMERAL_FROM;
    return anyPort || this.listening.has(`${end.protocol}:${end.port}`) ? 'inside' : 'host';
  }
}

/** Ports that Linux gives to those who ask for any. */
export const EPHEMERAL_FROM = 32_768;

/** Whether an address is the machine's own; `0.0.0.0` and `::` reach it too. */
export function isLoopback(address: string): boolean {
  return /^127\.|^::1$|^::ffff:127\.|^0\.0\.0\.0$|^::$/i.test(address);
}

function keyOf(end: NetworkDestination): string {
  return `${end.address} ${end.protocol} ${String(end.port).padStart(5, '0')}`;
}
