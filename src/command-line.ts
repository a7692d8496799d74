/** The verbs and their flags. A verb's code is loaded only when it runs, so that `--help` stays quick. */
import { Command, CommanderError, Option } from 'commander';
import { systemConsole, type Console } from './console.ts';
import { EXIT, LeastwiseError } from './domain/errors.ts';
import { displayText } from './domain/path.ts';
import type { Exit } from './domain/recording.ts';
import { VERSION } from './version.ts';

const EXAMPLES = `
Examples:
  leastwise record -- npm test              watch a command work, allowing everything
  leastwise learn -o policies/npm-test.json make the smallest policy it can work under
  leastwise replay policies/npm-test.json   run it under that policy and judge the outcome
  leastwise doctor                          what this machine can do

Exit codes: 0 it holds, 1 a finding, 2 could not do it. "record" passes on the workload's own.`;

/** Runs one command line. @returns how the program is to end; never throws for what a user can cause. */
export async function runCommandLine(argv: readonly string[]): Promise<Exit> {
  const console = systemConsole();
  let result: Exit = { code: EXIT.ok };
  const program = buildProgram(console, (exit) => {
    result = typeof exit === 'number' ? { code: exit } : exit;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return result;
  } catch (error) {
    if (error instanceof CommanderError) return { code: error.exitCode === 0 ? EXIT.ok : EXIT.failed };
    report(error, console, argv.includes('--debug'));
    return { code: EXIT.failed };
  }
}

type Done = (exit: number | Exit) => void;

function buildProgram(console: Console, done: Done): Command {
  const program = new Command('leastwise')
    .description('Watches an agent work, learns the smallest policy it can work under, and proves it.')
    .version(VERSION)
    .option('--debug', 'show where an error came from')
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(leastwise --help shows how)')
    .enablePositionalOptions()
    .exitOverride();
  addRecord(program, console, done);
  addRuns(program, console, done);
  addLearn(program, console, done);
  addExport(program, console, done);
  addReplay(program, console, done);
  addDoctor(program, console, done);
  return program;
}

function verb(program: Command, usage: string, description: string, examples: readonly string[]): Command {
  const command = program
    .command(usage)
    .description(description)
    .option('--debug', 'show where an error came from')
    .exitOverride();
  return command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`);
}

function storeOption(): Option {
  return new Option('--store <dir>', 'where recordings are kept (default: .leastwise in the workspace)').env(
    'LEASTWISE_STORE',
  );
}

const WORKSPACE = ['--workspace <dir>', 'the folder that the workload works in (default: this one)'] as const;
const JSON_FLAG = ['--json', 'print the result as JSON'] as const;

function addRecord(program: Command, console: Console, done: Done): void {
  verb(program, 'record', 'run a command, allow everything, and record what it does', [
    'leastwise record -- npm test',
    'leastwise record --name fix --disposable -- my-agent "fix the build"',
  ])
    .argument('<command...>', 'the program and its arguments, after --')
    .option('--name <name>', 'what the workload is called (default: the name of the program)')
    .option(...WORKSPACE)
    .option('--disposable', 'run over an overlay: list the changes at the end, and drop them')
    .option('--keep', 'with --disposable: keep the changes after all')
    .option(...JSON_FLAG)
    .addOption(storeOption())
    .passThroughOptions()
    .action(async (command: string[], flags) => {
      const { runRecord } = await import('./commands/record.ts');
      done(await runRecord(command, flags, console));
    });
}

function addRuns(program: Command, console: Console, done: Done): void {
  verb(program, 'runs', 'list the recordings', ['leastwise runs', 'leastwise runs --json'])
    .option('--name <name>', 'only those of this name')
    .option(...WORKSPACE)
    .option(...JSON_FLAG)
    .addOption(storeOption())
    .action(async (flags) => {
      const { runRuns } = await import('./commands/runs.ts');
      done(await runRuns(flags, console));
    });
  verb(program, 'show', 'read a recording: files, hosts, and processes as a tree', [
    'leastwise show last',
    'leastwise show 20261123T190501Z-3f9a --json',
  ])
    .argument('<run>', 'its id, the beginning of it, or "last"')
    .option(...WORKSPACE)
    .option(...JSON_FLAG)
    .addOption(storeOption())
    .action(async (run: string, flags) => {
      const { runShow } = await import('./commands/show.ts');
      done(await runShow(run, flags, console));
    });
  verb(program, 'rm', 'delete a recording', ['leastwise rm 20261123T190501Z-3f9a'])
    .argument('<run...>', 'ids, beginnings of them, or "last"')
    .option(...WORKSPACE)
    .option(...JSON_FLAG)
    .addOption(storeOption())
    .action(async (runs: string[], flags) => {
      const { runRm } = await import('./commands/rm.ts');
      done(await runRm(runs, flags, console));
    });
}

function addLearn(program: Command, console: Console, done: Done): void {
  verb(program, 'learn', 'make a policy from all recordings of a name', [
    'leastwise learn -o policies/npm-test.json',
    `leastwise learn --name fix --allow '\${home}/.npmrc' --deny '\${workspace}/.env' -o fix.json`,
  ])
    .option('--name <name>', 'which recordings (default: the name of the latest one)')
    .option('--runs <id...>', 'only these recordings')
    .option('-o, --output <file>', 'where the policy goes (default: standard output); decisions in it are kept')
    .option('--allow <pattern...>', 'decide: read and write what matches may be granted as it was used')
    .option('--allow-read <pattern...>', 'decide: the same, but never more than reading')
    .option('--deny <pattern...>', 'decide: what matches stays denied')
    .option('--why <text>', 'the reason that is kept with these decisions')
    .option('--check <command>', 'a command that says whether the workload did its work; kept in the policy')
    .option('--accept-incomplete', 'learn from incomplete recordings too')
    .option(...WORKSPACE)
    .option(...JSON_FLAG)
    .addOption(storeOption())
    .action(async (flags) => {
      const { runLearn } = await import('./commands/learn.ts');
      done(await runLearn(flags, console));
    });
}

function addExport(program: Command, console: Console, done: Done): void {
  verb(program, 'export', 'compile a policy for an enforcement', [
    'leastwise export policies/npm-test.json --to mxc > request.json',
  ])
    .argument('<file>', 'the policy')
    .addOption(new Option('--to <target>', 'what for').choices(['mxc']).default('mxc'))
    .option('-o, --output <file>', 'where it goes (default: standard output)')
    .option(...WORKSPACE)
    .action(async (file: string, flags) => {
      const { runExport } = await import('./commands/export.ts');
      done(await runExport(file, flags, console));
    });
}

function addReplay(program: Command, console: Console, done: Done): void {
  verb(program, 'replay', 'run the workload under the policy and judge the outcome', [
    'leastwise replay policies/npm-test.json',
    'leastwise replay fix.json --json -- my-agent "another task"',
  ])
    .argument('<file>', 'the policy')
    .argument('[command...]', 'another command in place of the recorded one, after --')
    .option('--in-place', 'no overlay: the workload changes the real files')
    .option('--timeout <seconds>', 'end it after so long (default: never)')
    .option(...WORKSPACE)
    .option(...JSON_FLAG)
    .addOption(storeOption())
    .passThroughOptions(false)
    .action(async (file: string, command: string[], flags) => {
      const { runReplay } = await import('./commands/replay.ts');
      done(await runReplay(file, command, flags, console));
    });
}

function addDoctor(program: Command, console: Console, done: Done): void {
  verb(program, 'doctor', 'what this machine can do, and how to mend what it cannot', ['leastwise doctor'])
    .option(...JSON_FLAG)
    .action(async (flags) => {
      const { runDoctor } = await import('./commands/doctor.ts');
      done(await runDoctor(flags, console));
    });
}

function report(error: unknown, console: Console, debug: boolean): void {
  const message = error instanceof Error ? error.message : String(error);
  console.note(`leastwise: ${harmless(message)}`);
  if (error instanceof LeastwiseError && error.remedy) console.note(`  ${harmless(error.remedy)}`);
  if (!debug || !(error instanceof Error)) return;
  console.note(error.stack ?? '');
  if (error.cause instanceof Error) console.note(`caused by: ${error.cause.stack ?? error.cause.message}`);
}

/** What is shown in a message is escaped already: its backslashes stay as they are. */
function harmless(text: string): string {
  return displayText(text).replaceAll('\\\\', '\\');
}
