/** `leastwise replay`: policy + workload → verdict. */
import { coverageOf } from '../../synthesizer/coverage.ts';
import { compileMxc } from '../../synthesizer/targets/mxc.ts';
import type { Console } from '../console.ts';
import { EXIT, LeastwiseError } from '../domain/errors.ts';
import { ancestorsOf, displayText } from '../domain/path.ts';
import type { Verdict, VerdictKind } from '../domain/verdict.ts';
import { pickSandbox, pickTracer } from '../platform.ts';
import { launchOf } from '../policy-launch.ts';
import { readPolicy } from '../policy-file.ts';
import { refuseMissingCommand } from '../replay/command.ts';
import { judge, type JudgeInput } from '../replay/judge.ts';
import { recordingsOf } from '../replay/recordings.ts';
import { reportVerdict } from '../replay/report.ts';
import { runPrepared, type ReplayRun } from '../replay/run.ts';
import { viewAfter, type View } from '../sandbox/final-view.ts';
import { hostFacts, judgedHost } from '../sandbox/host-facts.ts';
import type { PreparedSandbox } from '../sandbox/sandbox.ts';
import { storeFolder } from '../store/folder.ts';
import { openStore } from '../store/open.ts';
import type { RecordingStore } from '../store/store.ts';
import { workspaceOf } from '../workspace.ts';

export interface ReplayFlags {
  readonly inPlace?: boolean;
  readonly timeout?: string;
  readonly workspace?: string;
  readonly store?: string;
  readonly json?: boolean;
}

const CODES: Readonly<Record<VerdictKind, number>> = {
  holds: EXIT.ok,
  denied: EXIT.finding,
  differs: EXIT.finding,
  'could not run': EXIT.failed,
};

export async function runReplay(
  file: string,
  command: readonly string[],
  flags: ReplayFlags,
  console: Console,
): Promise<number> {
  const timeoutSeconds = secondsOf(flags.timeout);
  const { policy, reference } = readPolicy(file);
  const workspace = workspaceOf(flags.workspace);
  const host = hostFacts(workspace);
  const launch = launchOf(policy, host.variables, command);
  const compiled = compileMxc(policy, launch, host);
  const overlay = flags.inPlace !== true;
  const store = tryStore(flags, workspace);
  try {
    const { recordings, caveats } = recordingsOf(policy, store);
    const before: View = {
      typeOf: (path) => host.typeOf(path),
      list: (folder) => host.list(folder).map((entry) => entry.name),
    };
    let after = before;
    const made = new Set(compiled.create.flatMap((folder) => [folder, ...ancestorsOf(folder)]));
    let prepared: PreparedSandbox | undefined;
    let run: ReplayRun;
    try {
      refuseMissingCommand(launch);
      const sandbox = await pickSandbox();
      prepared = await sandbox.prepare({
        request: compiled.request,
        command: launch.command,
        create: compiled.create,
        overlay,
      });
      run = await runPrepared(prepared, await pickTracer(), { timeoutSeconds, outputTaken: flags.json === true });
      if (overlay && run.failure === undefined) after = viewAfter(await prepared.overlay.changes(), before);
    } catch (error) {
      run = notRun(error);
    } finally {
      prepared?.dispose();
    }
    const input: JudgeInput = {
      policy,
      reference,
      recordings,
      before,
      // Folders that were made for the run are gone with it; they were there as far as the workload is concerned.
      after: { ...after, typeOf: (path) => (made.has(path) ? 'folder' : after.typeOf(path)) },
      overlay,
      policyHash: run.policyHash,
      variables: host.variables,
      command: launch.command,
      watched: run.watched,
      coverage: coverageOf(compiled),
      host: judgedHost,
      sandboxExit: run.sandboxExit,
      caveats: [...caveats, ...compiled.caveats, ...(run.failure?.remedy ? [run.failure.remedy] : [])],
      ...(run.failure === undefined ? {} : { failure: run.failure.message }),
    };
    const verdict = judge(input);
    show(verdict, flags, console);
    return CODES[verdict.verdict];
  } finally {
    store?.close();
  }
}

function show(verdict: Verdict, flags: ReplayFlags, console: Console): void {
  if (flags.json) console.out(JSON.stringify(verdict, null, 2));
  else reportVerdict(verdict, console);
}

/** What keeps a replay from running is a verdict too; anything else is a bug, and says so. */
function notRun(error: unknown): ReplayRun {
  if (!(error instanceof LeastwiseError)) throw error;
  const watched = { started: false, exit: undefined, accesses: [], problems: [] };
  return { watched, sandboxExit: null, policyHash: null, failure: error };
}

/** A policy can be replayed where nothing was recorded. */
function tryStore(flags: ReplayFlags, workspace: string): RecordingStore | undefined {
  try {
    return openStore(storeFolder(flags, workspace), 'read');
  } catch (error) {
    if (error instanceof LeastwiseError && error.code === 'no-recording') return undefined;
    throw error;
  }
}

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 2_000_000) return seconds;
  throw new LeastwiseError('usage', `--timeout takes a number of seconds, not ${displayText(text)}`);
}
