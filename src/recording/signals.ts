/** Signals that reach leastwise while a workload runs. */

/** A terminal sends these to the workload as well: here they only must not end leastwise. */
const SHARED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];
/** Sent to one process: the workload must hear of them. */
const PASSED: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];

export interface SignalTargets {
  /** A signal that only leastwise got. */
  pass(name: NodeJS.Signals): void;
  /** A signal that the terminal sent to all. */
  shared(name: NodeJS.Signals): void;
}

/** @returns a function that takes the handlers away again */
export function handleSignals(targets: SignalTargets): () => void {
  const handlers: (readonly [NodeJS.Signals, () => void])[] = [
    ...SHARED.map((name) => [name, () => targets.shared(name)] as const),
    ...PASSED.map((name) => [name, () => targets.pass(name)] as const),
  ];
  for (const [name, handler] of handlers) process.on(name, handler);
  return () => {
    for (const [name, handler] of handlers) process.off(name, handler);
  };
}
