/** Recordings, policy and replay → verdict. Pure: what the machine holds is passed in. */
import { broadFolders } from '../../synthesizer/baseline.ts';
import type { Coverage } from '../../synthesizer/coverage.ts';
import { compileDecisions } from '../../synthesizer/decisions.ts';
import { fromTemplate, toTemplate, type Variables } from '../../synthesizer/template.ts';
import { changesFolder, pathsOf, succeeded, type Operation } from '../domain/access.ts';
import type { Problem } from '../domain/event.ts';
import { displayText } from '../domain/path.ts';
import type { Policy } from '../domain/policy.ts';
import type { OutputFile, Recording, RecordingInfo } from '../domain/recording.ts';
import type { PolicyFileReference } from '../domain/reference.ts';
import type { Denial, Effect, Verdict } from '../domain/verdict.ts';
import { judgeFile, type Finding, type JudgedHost } from './denials.ts';
import { judgeEffects, type FinalView } from './effects.ts';
import { expectedExit, exitNumber } from './exit-code.ts';
import { judgeNetwork, listenersOf } from './network-denials.ts';
import { recall, type Recorded } from './recorded.ts';
import { shapeOf } from './shape.ts';
import type { ReplayAccess, Watched } from './watch.ts';

export interface JudgeInput {
  readonly policy: Policy;
  readonly reference: PolicyFileReference;
  readonly policyHash: string | null;
  /** What `${workspace}` and its kin stand for in this replay. */
  readonly variables: Variables;
  readonly command: readonly string[];
  /** Those that the policy was learned from, as far as they are still there. */
  readonly recordings: readonly Recording[];
  readonly watched: Watched;
  readonly coverage: (path: string) => Coverage;
  readonly host: JudgedHost;
  readonly before: Pick<FinalView, 'typeOf'>;
  readonly after: FinalView;
  readonly overlay: boolean;
  /** The exit code of the sandbox's own program, where the workload's first process was not seen to end. */
  readonly sandboxExit: number | null;
  /** What kept the replay from being one; undefined for nothing. */
  readonly failure?: string;
  /** Said in addition to what the judge finds. */
  readonly caveats: readonly string[];
}

export function judge(input: JudgeInput): Verdict {
  const infos = input.recordings.map((recording) => recording.info);
  const recorded = recall(input.recordings, input.watched.accesses, (recording) =>
    translation(recording.info, input.variables),
  );
  const { denials, limits } = findDenials(input, recorded);
  const like = infos.filter((info) => sameCommand(info, input));
  const expected = outputsOf(like.length > 0 ? like : infos, input.variables);
  const isPrivate = (path: string) => input.coverage(path).visibility === 'private';
  // What never ran left nothing behind, and that says nothing.
  const effects = input.failure === undefined ? judgeEffects({ recordings: expected, isPrivate }, input.after) : [];
  const exitCode = {
    expected: expectedExit(like.length > 0 ? like : infos),
    seen: input.watched.exit === undefined ? input.sandboxExit : exitNumber(input.watched.exit),
  };
  const outcome = decide(input, denials, effects, exitCode);
  const caveats = [...input.caveats, ...limits, ...problemsOf(input.watched.problems)];
  const stale = outcome.verdict === 'differs' && denials.length === 0 && holdsAlready(expected, input);
  return {
    ...outcome,
    policy: input.reference,
    policyHash: input.policyHash,
    denials,
    effects,
    exitCode,
    recordings: infos.map((info) => info.id).sort(),
    caveats: stale ? [...caveats, STALE] : caveats,
  };
}

const STALE =
  'the workspace holds the results of the recorded run already, which may be why it went another way: reset it, or record with --disposable';

type Outcome = Pick<Verdict, 'verdict' | 'reason'>;

function decide(
  input: JudgeInput,
  denials: readonly Denial[],
  effects: readonly Effect[],
  exitCode: Verdict['exitCode'],
): Outcome {
  if (input.failure !== undefined) return { verdict: 'could not run', reason: input.failure };
  const denial = denials.find((one) => !one.decided);
  if (denial) return { verdict: 'denied', reason: denialReason(denial, input.variables) };
  const { expected, seen } = exitCode;
  if (expected !== null && seen !== expected) {
    return {
      verdict: 'differs',
      reason: `it exited with ${seen ?? 'no code'} where the recording exited with ${expected}`,
    };
  }
  const effect = effects.find((one) => one.counts);
  if (effect) return { verdict: 'differs', reason: effectReason(effect, input.variables) };
  return { verdict: 'holds', reason: 'everything that it did in the recordings, it could do under the policy' };
}

function denialReason(denial: Denial, variables: Variables): string {
  const object = denial.kind === 'file' ? toTemplate(denial.object, variables) : denial.object;
  return `${denial.operation} of ${displayText(object)} was ${denial.errno === null ? 'not let through' : 'denied'} (${denial.because})`;
}

function effectReason(effect: Effect, variables: Variables): string {
  const path = displayText(toTemplate(effect.path, variables));
  if (effect.kind === 'missing') return `${path} is missing, which the recorded run left behind`;
  return `${path} is a ${effect.seen}, and was a ${effect.expected} in the recording`;
}

function findDenials(input: JudgeInput, recorded: Recorded): { denials: Denial[]; limits: string[] } {
  const decisions = compileDecisions(input.policy.decisions, input.variables);
  const listeners = listenersOf(input.watched.accesses);
  const made = madeBy(input.watched.accesses);
  const ask = {
    ...input,
    recorded,
    leftOut: leftOutOf(input.policy, input.variables),
    made: (path: string) => made.has(path),
  };
  const found = new Map<string, Denial>();
  const limits = new Set<string>();
  for (const access of input.watched.accesses) {
    const paths = pathsOf(access.object);
    const finding = paths.length > 0 ? judgeFile(access, paths, ask) : undefined;
    const network = paths.length > 0 ? undefined : judgeNetwork(access, recorded, listeners);
    if (network) add(found, access, { kind: 'network', grant: null, decided: false, ...network });
    if (finding?.kind === 'limit') limits.add(`${displayText(finding.path)}: ${finding.because}`);
    if (finding?.kind !== 'denial') continue;
    const decided = decisions.forPath(finding.path) === 'deny';
    add(found, access, {
      kind: kindOf(access),
      object: finding.path,
      grant: finding.grant,
      decided,
      because: becauseOf(finding, decided),
    });
  }
  return { denials: [...found.values()].sort(byWeight), limits: [...limits].sort() };
}

/** Paths at which something came to be. */
function madeBy(accesses: readonly ReplayAccess[]): Set<string> {
  const made = new Set<string>();
  for (const { object, operation, outcome } of accesses) {
    const to =
      succeeded(outcome) && changesFolder(operation) && operation !== 'delete' ? pathsOf(object).at(-1) : undefined;
    if (to !== undefined) made.add(to.real ?? to.path);
  }
  return made;
}

function becauseOf(finding: Finding, decided: boolean): string {
  return decided ? 'a decision in the policy denies it' : finding.because;
}

function kindOf(access: ReplayAccess): Denial['kind'] {
  return access.operation === 'connect' || access.operation === 'send' ? 'socket' : 'file';
}

/** One line for each object, operation and program, however often and with whatever error. */
function add(
  found: Map<string, Denial>,
  access: ReplayAccess,
  what: Pick<Denial, 'kind' | 'object' | 'grant' | 'decided' | 'because'>,
): void {
  const key = `${what.object}\0${access.operation}\0${access.program.executable}`;
  const known = found.get(key);
  const errno = access.outcome === 'ok' || access.outcome === 'EINPROGRESS' ? null : access.outcome;
  found.set(
    key,
    known
      ? { ...known, count: known.count + access.count }
      : { ...what, operation: access.operation, errno, program: access.program, count: access.count },
  );
}

/** Undecided ones first, changes before looks, then in the order in which they happened. */
function byWeight(a: Denial, b: Denial): number {
  return Number(a.decided) - Number(b.decided) || Number(isLook(a.operation)) - Number(isLook(b.operation));
}

function isLook(operation: Operation): boolean {
  return operation === 'stat' || operation === 'probe' || operation === 'list';
}

/** What learning gives nothing for, though it was looked at: broad folders, and what it says that it left out. */
function leftOutOf(policy: Policy, variables: Variables): (operation: Operation, path: string) => boolean {
  const { workspace, home, tmp } = variables;
  const isBroad = broadFolders({ workspaces: [workspace], homes: [home], tmps: [tmp] });
  const known = new Map<string, ReadonlySet<Operation>>();
  for (const left of policy.leftOut) {
    const path = fromTemplate(left.path, variables);
    if (path !== undefined) known.set(shapeOf(path), new Set(left.operations));
  }
  return (operation, path) => known.get(shapeOf(path))?.has(operation) === true || isBroad(path);
}

/** A path of a recording's machine → the same one on this machine. */
function translation(info: RecordingInfo, variables: Variables): (path: string) => string {
  const { workspace, home, tmp } = info;
  if (workspace === variables.workspace && home === variables.home && tmp === variables.tmp) return (path) => path;
  return (path) => fromTemplate(toTemplate(path, { workspace, home, tmp }), variables) ?? path;
}

function sameCommand(info: RecordingInfo, input: JudgeInput): boolean {
  const here = translation(info, input.variables);
  const command = info.command.map((word) => (word.startsWith('/') ? here(word) : word));
  return command.length === input.command.length && command.every((word, index) => word === input.command[index]);
}

function outputsOf(infos: readonly RecordingInfo[], variables: Variables): OutputFile[][] {
  return infos.map((info) => {
    const here = translation(info, variables);
    return info.outputs.map((output) => ({ ...output, path: here(output.path) }));
  });
}

function holdsAlready(recordings: readonly (readonly OutputFile[])[], input: JudgeInput): boolean {
  const outputs = recordings[0] ?? [];
  return outputs.length > 0 && outputs.every((output) => input.before.typeOf(output.path) === output.type);
}

function problemsOf(problems: readonly Problem[]): string[] {
  return problems.map(
    ({ kind, detail, count }) => `the trace of the replay: ${kind} (${count}): ${displayText(detail.slice(0, 200))}`,
  );
}
