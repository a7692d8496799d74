/** The tools of the sample agent. Each gives the text that the model gets to see, or throws. */
import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** What a model may give a tool; which of it a tool needs is for the tool to say. */
export interface ToolInput {
  readonly path?: string;
  readonly old?: string;
  readonly new?: string;
  readonly text?: string;
  readonly command?: readonly string[];
  readonly url?: string;
}

export const TOOLS: Readonly<Record<string, (input: ToolInput) => Promise<string>>> = {
  list_files: async (input) => (await filesBelow(place(input))).join('\n'),
  read_file: (input) => readFile(place(input), 'utf8'),
  edit_file: async (input) => {
    const before = await readFile(place(input), 'utf8');
    const old = input.old ?? '';
    if (before.split(old).length !== 2) throw new Error('the text to replace is not there exactly once');
    await writeFile(
      place(input),
      before.replace(old, () => input.new ?? ''),
    );
    return 'done';
  },
  write_file: async (input) => {
    await mkdir(dirname(place(input)), { recursive: true });
    await writeFile(place(input), input.text ?? '');
    return 'done';
  },
  run_command: (input) => runCommand(input.command ?? []),
  http_get: async (input) => {
    const response = await fetch(input.url ?? '', { signal: AbortSignal.timeout(5000) });
    return `${response.status} ${await response.text()}`;
  },
};

function place(input: ToolInput): string {
  const path = input.path ?? '.';
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(path);
}

/** All files but those that a leading dot hides, in order. */
async function filesBelow(folder: string, prefix = ''): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const name = `${prefix}${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesBelow(join(folder, entry.name), `${name}/`)));
    else found.push(name);
  }
  return found.toSorted();
}

/** The command's exit code and what it printed. `node` is the one that runs the agent. */
async function runCommand([program, ...args]: readonly string[]): Promise<string> {
  const child = spawn(program === 'node' ? process.execPath : program!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (printed += data.toString()));
  const code = await new Promise<number | null>((done, failed) => child.on('error', failed).on('close', done));
  return `exit code ${code}\n${printed}`;
}
