/** Which connections of a replay the enforcement stopped: it leaves the workload a loopback of its own. Pure. */
import { EPHEMERAL_FROM, isLoopback } from '../../synthesizer/network.ts';
import { succeeded, type AccessObject } from '../domain/access.ts';
import type { Recorded } from './recorded.ts';
import type { ReplayAccess } from './watch.ts';

/** Ports that the workload's own processes listened on during the replay. */
export interface Listeners {
  has(port: number): boolean;
  /** Whether one let the system choose a port, which may be any. */
  readonly anyPort: boolean;
}

export interface NetworkFinding {
  readonly object: string;
  readonly because: string;
}

export function listenersOf(accesses: readonly ReplayAccess[]): Listeners {
  const ports = new Set<number>();
  for (const { operation, object, outcome } of accesses) {
    if (operation === 'listen' && object.kind === 'endpoint' && succeeded(outcome)) ports.add(object.port);
  }
  return { has: (port) => ports.has(port), anyPort: ports.has(0) };
}

/** @returns undefined where nothing was denied */
export function judgeNetwork(
  access: ReplayAccess,
  recorded: Recorded,
  listeners: Listeners,
): NetworkFinding | undefined {
  const { object, operation } = access;
  if (operation !== 'connect' && operation !== 'send' && operation !== 'resolve') return undefined;
  const well = recorded.succeeded(operation, object);
  const asBefore = !well && !succeeded(access.outcome) && recorded.failed(operation, object, access.outcome);
  if (asBefore) return undefined;
  switch (object.kind) {
    case 'endpoint':
      return judgeEndpoint(access, object, recorded, listeners, well);
    case 'abstract-socket':
      if (succeeded(access.outcome) || !well) return undefined;
      return { object: `@${object.name}`, because: "abstract sockets of the machine are out of the sandbox's reach" };
    case 'name':
      if (succeeded(access.outcome) || object.addresses.length > 0 || recorded.asksInVain) return undefined;
      return { object: object.name, because: 'the policy grants no network, and no name server' };
    case 'path':
    case 'pair':
    case 'descriptor':
      return undefined;
  }
}

const UNREACHABLE = new Set([
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ETIMEDOUT',
  'EPERM',
  'EACCES',
  'EADDRNOTAVAIL',
]);
const NAME_SERVER = 53;

type Endpoint = Extract<AccessObject, { kind: 'endpoint' }>;

function judgeEndpoint(
  access: ReplayAccess,
  end: Endpoint,
  recorded: Recorded,
  listeners: Listeners,
  well: boolean,
): NetworkFinding | undefined {
  const object = endpointText(end);
  if (end.protocol === 'udp' && end.port === 0) return undefined; // only asks which way it would go
  if (end.port === NAME_SERVER) return judgeNameServer(access, object, recorded);
  if (isLoopback(end.address)) return judgeLoopback(access, end, recorded, listeners, well);
  if (!UNREACHABLE.has(access.outcome)) return undefined;
  return { object, because: 'the policy grants no network' };
}

function judgeNameServer(access: ReplayAccess, object: string, recorded: Recorded): NetworkFinding | undefined {
  if (recorded.asksInVain || succeeded(access.outcome)) return undefined;
  return { object, because: 'a name look-up: the policy grants no network, and no name server' };
}

/** The loopback inside is not the machine's: what answers there is the workload itself, and nothing else can. */
function judgeLoopback(
  access: ReplayAccess,
  end: Endpoint,
  recorded: Recorded,
  listeners: Listeners,
  well: boolean,
): NetworkFinding | undefined {
  const object = endpointText(end);
  const failed = !succeeded(access.outcome);
  if (failed && access.outcome !== 'ECONNREFUSED' && !UNREACHABLE.has(access.outcome)) return undefined;
  const own = listeners.has(end.port) || (end.port >= EPHEMERAL_FROM && listeners.anyPort);
  if (own && (failed || end.port >= EPHEMERAL_FROM || recorded.knowsPort(end.port))) return undefined;
  if (own) {
    return { object, because: "not in the recordings; answered inside the sandbox's own loopback, nothing left it" };
  }
  if (failed && well)
    return { object, because: "a service of the machine, which the sandbox's own loopback does not reach" };
  if (recorded.knowsPort(end.port) || end.protocol === 'udp') return undefined;
  return { object, because: "not in the recordings; nothing answers on the sandbox's own loopback" };
}

function endpointText(end: { readonly address: string; readonly port: number }): string {
  return end.address.includes(':') ? `[${end.address}]:${end.port}` : `${end.address}:${end.port}`;
}
