/** The throw-away place of the demo: a project to work on, and a home with a fake credential in it. */
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Stage {
  readonly folder: string;
  readonly workspace: string;
  readonly home: string;
  /** What the fake credential holds, and nothing else anywhere. */
  readonly secret: string;
  /** The project as it was; recordings in it stay. */
  putBack(): void;
  /** Whether the project is as it was. */
  untouched(): boolean;
  /** Files that hold the secret's bytes, the credential itself left out. */
  leaks(): string[];
  remove(): void;
}

const PROJECT = fileURLToPath(new URL('workspace', import.meta.url));
const OWN = new Set(['.leastwise']);

/** Not in /tmp: a sandbox has a /tmp of its own. */
export function makeStage(environment: NodeJS.ProcessEnv): Stage {
  const cache = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'leastwise-demo-'));
  const workspace = join(folder, 'project');
  const home = join(folder, 'home');
  const credential = join(home, '.aws', 'credentials');
  const secret = `fake-secret-of-the-demo-${randomBytes(12).toString('hex')}`;
  cpSync(PROJECT, workspace, { recursive: true });
  mkdirSync(join(home, '.aws'), { recursive: true });
  writeFileSync(credential, `[default]\naws_secret_access_key = ${secret}\n`, { mode: 0o600 });
  return {
    folder,
    workspace,
    home,
    secret,
    putBack: () => putBack(workspace),
    untouched: () => contents(workspace) === contents(PROJECT) && !existsSync(join(home, '.profile')),
    leaks: () => filesBelow(folder).filter((file) => file !== credential && readFileSync(file).includes(secret)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function putBack(workspace: string): void {
  for (const name of readdirSync(workspace)) {
    if (!OWN.has(name)) rmSync(join(workspace, name), { recursive: true });
  }
  cpSync(PROJECT, workspace, { recursive: true });
}

function contents(folder: string): string {
  const files = filesBelow(folder).filter((file) => !OWN.has(file.slice(folder.length + 1).split('/')[0]!));
  return JSON.stringify(files.map((file) => [file.slice(folder.length), readFileSync(file, 'utf8')]));
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.toSorted();
}
