import type { Forest } from '../../../../src/core/tree/forest.js';
import type { NodeContent, TreeNode } from '../../../../src/core/tree/nodes.js';

/** What a view would show of one node. */
interface Shown {
  readonly content: NodeContent | undefined;
  readonly children: readonly string[];
}

/** Everything that a view would show of a forest, by key. */
export interface Picture {
  readonly roots: readonly string[];
  readonly nodes: ReadonlyMap<string, Shown>;
}

/** What is shown of one node. */
export function shown(forest: Forest, node: TreeNode): Shown {
  return { content: forest.content(node), children: forest.children(node).map(({ key }) => key) };
}

/** Walks a forest as a view does, from its roots. Fails when a node comes twice. */
export function picture(forest: Forest): Picture {
  const nodes = new Map<string, Shown>();
  const walk = (node: TreeNode): void => {
    if (nodes.has(node.key)) throw new Error(`${node.key} is shown twice`);
    nodes.set(node.key, shown(forest, node));
    for (const child of forest.children(node)) {
      if (forest.parent(child) !== node) throw new Error(`${child.key} does not know what it stands under`);
      walk(child);
    }
  };
  for (const root of forest.roots) {
    if (forest.parent(root) !== undefined) throw new Error(`${root.key} is no root`);
    walk(root);
  }
  return { roots: forest.roots.map(({ key }) => key), nodes };
}

/** The forest as indented lines, for expectations that can be read. */
export function lines(forest: Forest): string[] {
  const found: string[] = [];
  const walk = (node: TreeNode, indent: string): void => {
    found.push(`${indent}${line(forest.content(node))}`);
    for (const child of forest.children(node)) walk(child, `${indent}  `);
  };
  for (const root of forest.roots) walk(root, '');
  return found;
}

function line(content: NodeContent | undefined): string {
  switch (content?.kind) {
    case undefined:
      return 'nothing';
    case 'folder':
      return `[${content.name}]`;
    case 'session':
      return [content.summary.id, content.note].filter((part) => part !== null).join(' ');
    case 'forkPoint':
      return content.whole ? '@ whole' : `@ ${content.point?.text ?? 'unknown'}`;
    case 'more':
      return `${String(content.hidden)} more`;
  }
}
