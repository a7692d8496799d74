/** Recordings → policy. Pure, and the same bytes for the same recordings. */
import type {
  Decision,
  EnvironmentGrant,
  FileGrant,
  LeftOut,
  PendingDecision,
  Policy,
  RecordingReference,
} from '../src/domain/policy.ts';
import { POLICY_VERSION } from '../src/domain/policy.ts';
import type { Recording, RecordingInfo } from '../src/domain/recording.ts';
import { isWithin } from '../src/domain/path.ts';
import { broadFolders } from './baseline.ts';
import { compileDecisions, patternOfTemplate, type Decisions } from './decisions.ts';
import { chooseEnvironment, type EnvironmentChoice } from './environment.ts';
import { evidenceOf } from './evidence.ts';
import type { Draft, Rules } from './draft.ts';
import { generalise, type Generalised } from './generalise.ts';
import { guardedPlaceOf } from './guard.ts';
import { collectNeeds, nodeAt, operationsOf, type NeedTree } from './need.ts';
import { NetworkCollector } from './network.ts';
import { argumentToTemplate, toTemplate, type Variables } from './template.ts';

export interface LearnOptions {
  readonly name: string;
  readonly decisions: readonly Decision[];
  /** Kept in the document; undefined for none. */
  readonly check?: readonly string[];
}

export interface Learned {
  readonly policy: Policy;
  /** Whether any recording touched a path. */
  wasTouched(path: string): boolean;
}

/** @param recordings at least one; all of one flavour */
export function learnPolicy(recordings: readonly Recording[], options: LearnOptions): Learned {
  const ordered = [...recordings].sort((a, b) => (a.info.id < b.info.id ? -1 : 1));
  const infos = ordered.map((recording) => recording.info);
  const latest = infos.at(-1)!;
  const network = new NetworkCollector();
  const tree = collectNeeds(ordered, (access) => network.add(access));
  const decisions = compileDecisions(options.decisions, latest);
  const result = generalise(tree, rulesFor(infos, decisions));
  const environment = chooseEnvironment(infos, (name) => decisions.forVariable(name));
  const policy: Policy = {
    leastwise: POLICY_VERSION,
    name: options.name,
    flavour: latest.flavour,
    workload: workloadOf(latest, options.check),
    filesystem: grantsOf(result.drafts, tree, latest),
    environment: sortGrants(environment.grants),
    network: network.policy(),
    decisions: options.decisions,
    pending: pendingOf(result, environment, tree, latest, decisions),
    leftOut: leftOutOf(result, network, latest),
    recordings: infos.map(referenceOf),
  };
  return { policy, wasTouched: (path) => nodeAt(tree.root, path)?.seen === true };
}

function rulesFor(infos: readonly RecordingInfo[], decisions: Decisions): Rules {
  const homes = unique(infos.flatMap((info) => [info.home, ...info.homes]));
  const tmps = unique(infos.flatMap((info) => [info.tmp, ...info.tmps]));
  return {
    isBroad: broadFolders({ workspaces: unique(infos.map((info) => info.workspace)), homes, tmps }),
    guarded: (path, change) => guardedPlaceOf(path, change),
    decided: (path) => decisions.forPath(path),
    tmps,
  };
}

function workloadOf(info: RecordingInfo, check: readonly string[] | undefined): Policy['workload'] {
  const command = info.command.map((argument) => argumentToTemplate(argument, info));
  return { command, cwd: relativeFolder(info), ...(check === undefined ? {} : { check }) };
}

function relativeFolder(info: RecordingInfo): string {
  if (!isWithin(info.cwd, info.workspace)) return toTemplate(info.cwd, info);
  const rest = info.cwd.slice(info.workspace.length).replace(/^\/+/, '');
  return rest === '' ? '.' : rest;
}

function grantsOf(drafts: readonly Draft[], tree: NeedTree, variables: Variables): FileGrant[] {
  const grants = drafts.map((draft): FileGrant => {
    const { access, scope, create, only, reason, note } = draft;
    const path = toTemplate(draft.path, variables);
    const evidence = evidenceOf(draft.node, tree, scope === 'folder' && access !== 'denied');
    return {
      path,
      access,
      scope,
      ...(create ? { create } : {}),
      ...(only === undefined ? {} : { only }),
      reason,
      ...(note === undefined ? {} : { note }),
      evidence,
    };
  });
  return grants.sort((a, b) => order(a.path, b.path) || order(a.access, b.access));
}

function pendingOf(
  result: Generalised,
  environment: EnvironmentChoice,
  tree: NeedTree,
  variables: Variables,
  decisions: Decisions,
): PendingDecision[] {
  const files = result.questions.map(({ kind, proposal, text, risk }): PendingDecision => {
    const path = toTemplate(proposal.path, variables);
    const pattern = patternOfTemplate(path);
    const evidence = evidenceOf(proposal.node, tree, false);
    const { access, scope } = proposal;
    return {
      id: `${kind}:${pattern}`,
      kind,
      pattern,
      question: text,
      risk,
      proposal: [{ path, access, scope }],
      evidence,
    };
  });
  const secrets = environment.secrets.map(({ name, seenIn }): PendingDecision => {
    const question = `the variable ${name} looks like a secret; ${seenIn[0] ?? 'the workload'} speaks of it`;
    const evidence = { accesses: 0, operations: [], recordings: tree.recordings, samples: [] };
    return {
      id: `secret-variable:${name}`,
      kind: 'secret-variable',
      pattern: `env:${name}`,
      question,
      risk: 'high',
      proposal: [],
      evidence,
    };
  });
  return [...files, ...secrets]
    .filter((pending) => !decisions.hasPattern(pending.pattern))
    .sort((a, b) => order(a.id, b.id));
}

function leftOutOf(result: Generalised, network: NetworkCollector, variables: Variables): LeftOut[] {
  const files = result.omissions.map(({ path, node, why }) => ({
    path: toTemplate(path, variables),
    operations: operationsOf(node.operations),
    why,
  }));
  const sockets = network.foreignAbstract().map((name): LeftOut => {
    const why = 'an abstract socket of this machine: the sandbox has a network of its own';
    return { path: `@${name}`, operations: ['connect'], why };
  });
  return [...files, ...sockets].sort((a, b) => order(a.path, b.path) || order(a.why, b.why));
}

function referenceOf(info: RecordingInfo): RecordingReference {
  const exitCode = info.exit !== undefined && 'code' in info.exit ? info.exit.code : null;
  const status = info.status === 'complete' ? 'complete' : 'incomplete';
  return { id: info.id, command: info.command.map((argument) => argumentToTemplate(argument, info)), status, exitCode };
}

function sortGrants(grants: readonly EnvironmentGrant[]): EnvironmentGrant[] {
  return [...grants].sort((a, b) => order(a.name, b.name));
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].filter((value) => value.startsWith('/')).sort();
}

function order(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
