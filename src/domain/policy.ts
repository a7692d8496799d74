/**
 * The policy document: what a workload may do, and why. Canonical: sorted, without duplicates, immutable.
 * Paths in it are templates: `${workspace}`, `${home}` and `${tmp}` stand for folders of the machine it is used on.
 */
import type { Operation } from './access.ts';
import type { PathFlavour } from './path.ts';

export const POLICY_VERSION = 1;

export interface Policy {
  readonly $schema?: string;
  /** Version of the document's form. */
  readonly leastwise: number;
  readonly name: string;
  readonly flavour: PathFlavour;
  readonly workload: {
    /** Program and arguments, templates. */
    readonly command: readonly string[];
    /** Relative to the workspace, or a template where it lies outside. */
    readonly cwd: string;
    /** A command that says whether the workload did its work. */
    readonly check?: readonly string[];
  };
  readonly filesystem: readonly FileGrant[];
  readonly environment: readonly EnvironmentGrant[];
  readonly network: NetworkPolicy;
  /** What a person decided, oldest first. */
  readonly decisions: readonly Decision[];
  /** What a person has yet to decide; denied until then. */
  readonly pending: readonly PendingDecision[];
  /** Accesses that were seen and got no grant, with the reason. */
  readonly leftOut: readonly LeftOut[];
  /** The recordings that it was learned from. */
  readonly recordings: readonly RecordingReference[];
}

/** `empty`: an empty folder of the sandbox's own stands in its place, writable and thrown away. */
export type GrantAccess = 'read-only' | 'read-write' | 'denied' | 'empty';

export interface FileGrant {
  /** A template, see the head of this file. */
  readonly path: string;
  readonly access: GrantAccess;
  /** A folder grant holds for all below it. */
  readonly scope: 'file' | 'folder';
  /** The folder must be made before the workload starts: it made it itself, and its parent is not granted. */
  readonly create?: boolean;
  /** Names of the folder's entries that stay visible; all others that exist are denied. Undefined: no such bound. */
  readonly only?: readonly string[];
  readonly reason: GrantReason;
  /** One sentence for people; undefined where the reason says it all. */
  readonly note?: string;
  readonly evidence: Evidence;
}

export type GrantReason =
  | 'observed' // exactly what was asked for
  | 'folder-change' // an entry was created, deleted or renamed: the mechanism needs the folder
  | 'listed' // the folder's entries were read
  | 'generalised' // several entries of one folder became the folder
  | 'symlink' // a link on the way
  | 'presence' // only that it exists matters: an empty stand-in
  | 'temporary' // a folder for temporary files: an empty stand-in
  | 'guarded' // a guarded place within a grant, masked
  | 'decision';

/** The accesses that asked for a grant. */
export interface Evidence {
  /** How many distinct accesses. */
  readonly accesses: number;
  readonly operations: readonly Operation[];
  /** Ids of the recordings, sorted. */
  readonly recordings: readonly string[];
  /** A few of them, whole. */
  readonly samples: readonly EvidenceSample[];
}

export interface EvidenceSample {
  readonly recording: string;
  readonly operation: Operation;
  /** The path as recorded, not a template. */
  readonly path: string;
  readonly program: string;
  readonly syscall: string;
}

export interface EnvironmentGrant {
  readonly name: string;
  readonly reason: 'standard' | 'mentioned' | 'decision';
  readonly seenIn: readonly string[];
}

/** `none`: loopback inside the sandbox only. `unsupported`: destinations were seen that this version cannot grant. */
export interface NetworkPolicy {
  readonly mode: 'none' | 'unsupported';
  readonly destinations: readonly NetworkDestination[];
}

export interface NetworkDestination {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  /** Names that were resolved to the address; empty for none. */
  readonly names: readonly string[];
  /** `inside`: a process of the workload listened there, or it is the sandbox's own loopback. */
  readonly side: 'inside' | 'host' | 'outside';
}

export type DecisionEffect = 'allow' | 'allow-read' | 'deny';

export interface Decision {
  /** A template, exact or with `*` (within one name) and `**` (across names); or `env:NAME`. */
  readonly pattern: string;
  readonly effect: DecisionEffect;
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly why?: string;
}

export interface PendingDecision {
  /** Stable for the same question. */
  readonly id: string;
  readonly kind: 'guarded' | 'broad' | 'rename' | 'secret-variable' | 'network';
  /** What to write after `--allow` or `--deny`. */
  readonly pattern: string;
  readonly question: string;
  readonly risk: 'high' | 'medium' | 'low';
  /** The grants that `--allow` would add. */
  readonly proposal: readonly Pick<FileGrant, 'path' | 'access' | 'scope'>[];
  readonly evidence: Evidence;
}

export interface LeftOut {
  readonly path: string;
  readonly operations: readonly Operation[];
  readonly why: string;
}

export interface RecordingReference {
  readonly id: string;
  readonly command: readonly string[];
  readonly status: 'complete' | 'incomplete';
  readonly exitCode: number | null;
}
