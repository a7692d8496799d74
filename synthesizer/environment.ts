/** Which environment variables a policy names. Pure; values are never seen. */
import type { EnvironmentGrant } from '../src/domain/policy.ts';
import type { EnvironmentUse, RecordingInfo } from '../src/domain/recording.ts';

export interface EnvironmentChoice {
  readonly grants: readonly EnvironmentGrant[];
  /** Variables that look like secrets and are spoken of: a person decides. */
  readonly secrets: readonly EnvironmentUse[];
}

/** @param decided what a person decided for a name; undefined for nothing */
export function chooseEnvironment(
  recordings: readonly RecordingInfo[],
  decided: (name: string) => 'allow' | 'deny' | undefined,
): EnvironmentChoice {
  const uses = mergeUses(recordings);
  const grants: EnvironmentGrant[] = [];
  const secrets: EnvironmentUse[] = [];
  for (const use of uses) {
    const effect = decided(use.name);
    if (effect === 'deny') continue;
    if (effect === 'allow') grants.push({ name: use.name, reason: 'decision', seenIn: use.seenIn });
    else if (looksSecret(use.name)) secrets.push(use);
    else
      grants.push({ name: use.name, reason: use.seenIn.length === 0 ? 'standard' : 'mentioned', seenIn: use.seenIn });
  }
  return { grants, secrets };
}

/** Whether a variable's name says that its value should not leave its owner. */
function looksSecret(name: string): boolean {
  return SECRET.test(name);
}

const SECRET =
  /(?:^|_)(?:API_?KEY|KEY|TOKENS?|SECRETS?|PASS(?:WORD|WD|PHRASE)?|PWD_?FILE|CREDENTIALS?|CREDS|AUTH|COOKIES?|PRIVATE|PAT|DSN|SESSION)(?:_|$)|(?:TOKEN|PASSWORD|SECRET|APIKEY)$|^(?:SSH_AUTH_SOCK|SSH_AGENT_PID|GPG_AGENT_INFO|DOCKER_HOST|DBUS_SESSION_BUS_ADDRESS|XAUTHORITY|DATABASE_URL|KUBECONFIG|NETRC)$/i;

function mergeUses(recordings: readonly RecordingInfo[]): EnvironmentUse[] {
  const seen = new Map<string, Set<string>>();
  for (const recording of recordings) {
    for (const use of recording.environment) {
      const files = seen.get(use.name) ?? new Set();
      for (const file of use.seenIn) files.add(file);
      seen.set(use.name, files);
    }
  }
  return [...seen]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, files]) => ({ name, seenIn: [...files].sort().slice(0, 3) }));
}
