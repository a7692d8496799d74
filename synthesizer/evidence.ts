/** The accesses below a node, in the few words that a grant keeps. Pure. */
import type { Evidence, EvidenceSample } from '../src/domain/policy.ts';
import { operationsOf, type NeedTree, type Node } from './need.ts';

const SAMPLES = 3;

/** Sums up a node, and with `deep` all below it. */
export function evidenceOf(node: Node, tree: NeedTree, deep: boolean): Evidence {
  const sum = { accesses: 0, operations: 0, runs: 0, samples: [] as EvidenceSample[] };
  addNode(node, sum, deep);
  return {
    accesses: sum.accesses,
    operations: operationsOf(sum.operations),
    recordings: tree.recordings.filter((_id, index) => sum.runs & (1 << Math.min(index, 30))),
    samples: sum.samples.slice(0, SAMPLES),
  };
}

interface Sum {
  accesses: number;
  operations: number;
  runs: number;
  readonly samples: EvidenceSample[];
}

function addNode(node: Node, sum: Sum, deep: boolean): void {
  sum.accesses += node.accesses;
  sum.operations |= node.operations;
  sum.runs |= node.runs;
  if (node.sample !== undefined) keep(sum.samples, node.sample);
  if (!deep) return;
  for (const child of node.children?.values() ?? []) addNode(child, sum, deep);
}

/** Keeps the first few in a fixed order, so that the order of the recordings' rows does not show. */
function keep(samples: EvidenceSample[], sample: EvidenceSample): void {
  if (samples.length === SAMPLES && compare(sample, samples[SAMPLES - 1]!) >= 0) return;
  samples.push(sample);
  samples.sort(compare);
  if (samples.length > SAMPLES) samples.pop();
}

function compare(a: EvidenceSample, b: EvidenceSample): number {
  return order(a.path, b.path) || order(a.recording, b.recording) || order(a.operation, b.operation);
}

function order(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
