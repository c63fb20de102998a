import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as vscode from 'vscode';
import { ArborError } from '../../../../src/base/errors.js';
import type { TreeNode } from '../../../../src/core/tree/nodes.js';
import { sessionCommandNames, type SessionCommandName } from '../../../../src/vscode/contributions.js';
import { registerSessionCommands } from '../../../../src/vscode/tree/sessionCommands.js';
import { SessionsView } from '../../../../src/vscode/tree/sessionsView.js';
import { ManualClock, settled } from '../../../support/fakes/manualClock.js';
import { RecordingLogger } from '../../../support/fakes/recordingLogger.js';
import { folder, fork, start, summary } from '../../core/tree/summaries.js';
import { FakeDirectory } from './fakeDirectory.js';
import { FakeEditor, type FakeTreeView } from './fakeEditor.js';

const hoisted = vi.hoisted(() => ({ editor: null as { module: object } | null }));
vi.mock('vscode', () => {
  // Looked up at each use, because each test has an editor of its own.
  const part = (name: string): object =>
    new Proxy(function standsFor() {}, {
      get: (_, key) => Reflect.get(Reflect.get(hoisted.editor?.module ?? {}, name) as object, key) as unknown,
      construct: (_, args) =>
        Reflect.construct(Reflect.get(hoisted.editor?.module ?? {}, name) as new () => object, args) as object,
    });
  const names = ['EventEmitter', 'TreeItem', 'ThemeColor', 'ThemeIcon', 'TreeItemCollapsibleState', 'env', 'window'];
  return Object.fromEntries([...names, 'commands'].map((name) => [name, part(name)]));
});

/** A key's command, as the manifest's keybindings call it, in an editor that does not tell what has the focus. */
const byKey = { $treeViewId: 'arbor.sessions', $focusedTreeItem: true };

class Stage {
  readonly editor = new FakeEditor();
  readonly clock = new ManualClock(start + 60_000);
  readonly logger = new RecordingLogger();
  readonly kept = new Map<string, unknown>();
  readonly errors: unknown[] = [];
  readonly fired: (readonly string[] | undefined)[] = [];
  readonly directory: FakeDirectory;
  readonly view: SessionsView;
  readonly tree: FakeTreeView;
  readonly provider: vscode.TreeDataProvider<TreeNode>;
  connected = 0;
  readonly #commands: { dispose(): void };

  constructor(directory: FakeDirectory, kept: Readonly<Record<string, unknown>> = {}) {
    hoisted.editor = this.editor;
    this.directory = directory;
    for (const [key, value] of Object.entries(kept)) this.kept.set(key, value);
    this.view = new SessionsView({
      connect: () => {
        this.connected += 1;
        return Promise.resolve(directory);
      },
      memory: {
        keys: () => [...this.kept.keys()],
        get: (key: string) => this.kept.get(key) as undefined,
        update: (key: string, value: unknown) => Promise.resolve(void this.kept.set(key, value)),
      },
      clock: this.clock,
      logger: this.logger,
    });
    this.#commands = registerSessionCommands(this.view, (error) => this.errors.push(error));
    const [tree] = this.editor.views;
    if (!tree) throw new Error('No view was made');
    this.tree = tree;
    this.provider = tree.options.treeDataProvider as vscode.TreeDataProvider<TreeNode>;
    this.provider.onDidChangeTreeData?.((nodes) => {
      this.fired.push(Array.isArray(nodes) ? nodes.map(({ key }) => key) : undefined);
    });
  }

  children(node?: TreeNode): readonly TreeNode[] {
    return this.provider.getChildren(node) as readonly TreeNode[];
  }

  item(node: TreeNode): vscode.TreeItem {
    return this.provider.getTreeItem(node) as vscode.TreeItem;
  }

  /** All nodes, asked for as the editor does when everything is open. */
  open(node?: TreeNode): readonly TreeNode[] {
    return this.children(node).flatMap((child) => {
      this.item(child);
      return [child, ...this.open(child)];
    });
  }

  node(id: string): TreeNode {
    const found = this.open().find((one) => one.key === `session:${id}`);
    if (!found) throw new Error(`${id} is not shown`);
    return found;
  }

  async run(command: SessionCommandName, ...args: readonly unknown[]): Promise<void> {
    await this.editor.commands.get(command)?.(...args);
  }

  dispose(): void {
    this.#commands.dispose();
    this.view.dispose();
  }
}

describe('The view of sessions', () => {
  let stage: Stage;
  const begin = async (directory: FakeDirectory, kept?: Readonly<Record<string, unknown>>): Promise<void> => {
    stage = new Stage(directory, kept);
    expect(stage.connected).toBe(0);
    await stage.provider.getChildren();
  };
  beforeEach(async () => {
    await begin(
      new FakeDirectory([summary('a', { name: 'Parser' }), summary('b', { activeAt: 1 }), fork('f', 'a', 3)]),
    );
  });
  afterEach(() => {
    stage.dispose();
    expect(stage.clock.pending).toBe(0);
    expect(stage.editor.commands.size).toBe(0);
    expect(stage.logger.errors).toEqual([]);
  });

  it('F3 asks for the sessions only when the tree is first shown', () => {
    expect(stage.open().map(({ key }) => key)).toEqual(['session:a', 'message:a:at-3', 'session:f', 'session:b']);
    stage.children();
    expect(stage.connected).toBe(1);
  });

  it('F3 U4 U5 gives the editor plain texts, an icon, and words for a screen reader', () => {
    const item = stage.item(stage.node('a'));
    expect(item).toMatchObject({
      label: 'Parser',
      id: 'session:a',
      collapsibleState: 1,
      description: '1 min · 1 fork',
      contextValue: 'session stop=0 star=0 archive=0 unread=0',
      command: { command: 'arbor.session.open' },
      iconPath: { id: 'comment' },
    });
    expect(item.accessibilityInformation?.label).toBe('Parser, asleep, active 1 minute ago, no cost known, 1 fork');
    expect(typeof item.tooltip).toBe('string');
    expect(stage.item(stage.node('f')).collapsibleState).toBe(0);
  });

  it('F3 tells the editor of what changed, and of nothing else', () => {
    stage.open();
    stage.directory.set(fork('f', 'a', 3, { name: 'New' }));
    stage.directory.set(summary('b', { activeAt: 1 }));
    expect(stage.fired).toEqual([['session:f']]);
  });

  it('F3 keeps ages right while the view is seen', () => {
    stage.open();
    stage.clock.advance(4 * 60_000);
    expect(stage.fired).toContainEqual(['session:a', 'session:f']);
    stage.tree.show(false);
    expect(stage.clock.pending).toBe(0);
  });

  it('F3 shows how many sessions wait for the user', () => {
    stage.open();
    expect(stage.tree.badge).toBeUndefined();
    stage.directory.set(summary('b', { waiting: true }), fork('f', 'a', 3, { state: 'waiting' }));
    expect(stage.tree.badge).toEqual({ value: 2, tooltip: '2 sessions wait for you' });
    stage.directory.set(summary('b'), fork('f', 'a', 3));
    expect(stage.tree.badge).toBeUndefined();
  });

  it('F3 reveals the session that the chat shows, at once or when the view is seen again', async () => {
    const f = stage.node('f');
    await stage.directory.open('f');
    expect(stage.tree.revealed).toEqual([]);
    stage.clock.advance(200);
    // The tree changes meanwhile: the editor is given time to fetch that.
    stage.directory.set(summary('b', { name: 'Other' }));
    stage.clock.advance(200);
    expect(stage.tree.revealed).toEqual([]);
    stage.clock.advance(100);
    expect(stage.tree.revealed).toEqual([f]);
    stage.tree.show(false);
    await stage.directory.open('a');
    stage.clock.advance(300);
    expect(stage.tree.revealed).toEqual([f]);
    stage.tree.show(true);
    expect(stage.tree.revealed).toEqual([f, stage.node('a')]);
    expect(f).toBe(stage.node('f'));
  });

  it('F3 leaves what the user has chosen as it is', async () => {
    stage.tree.selection = [stage.node('f'), stage.node('b')];
    await stage.directory.open('f');
    stage.clock.advance(300);
    expect(stage.tree.revealed).toEqual([]);
  });

  it('S9 follows the folders of the workspace', () => {
    stage.open();
    stage.directory.setFolders([folder('/work/two'), folder('/work/one', { branch: 'main' })]);
    const [two, one] = stage.children();
    expect(two && stage.item(two)).toMatchObject({ label: 'two', collapsibleState: 2, contextValue: 'folder' });
    expect(one && stage.item(one).description).toBe('main');
  });

  it('S4 has every command', () => {
    expect([...stage.editor.commands.keys()]).toEqual([...sessionCommandNames]);
  });

  it('S4 does what is chosen with the clicked session, or with the selection that it is part of', async () => {
    const [a, b, f] = ['a', 'b', 'f'].map((id) => stage.node(id));
    await stage.run('arbor.session.star', a);
    stage.tree.selection = [b, f];
    await stage.run('arbor.session.archive', a);
    expect(
      stage.directory
        .summaries()
        .filter(({ archived }) => archived)
        .map(({ id }) => id),
    ).toEqual(['a']);
    await stage.run('arbor.session.markUnread', b, [b, f]);
    await stage.run('arbor.session.tag', f);
    expect(
      stage.directory
        .summaries()
        .filter(({ unread }) => unread)
        .map(({ id }) => id),
    ).toEqual(['b', 'f']);
    expect(stage.editor.asked.at(-1)?.[1]).toMatchObject({ title: 'Tag 2 Sessions' });
    expect(stage.directory.summary('a')).toMatchObject({ starred: true, unread: false });
  });

  it('S4 does with a key what is meant by the selection, and from the palette what is meant for the open session', async () => {
    stage.tree.selection = [stage.node('b')];
    stage.editor.answers.push(' Second ');
    await stage.run('arbor.session.rename', byKey);
    expect(stage.directory.summary('b')?.name).toBe('Second');
    await stage.run('arbor.session.copyId');
    expect(stage.editor.asked.at(-1)?.[0]).toBe('information');
    await stage.directory.open('f');
    await stage.run('arbor.session.copyId');
    expect(stage.editor.clipboard).toEqual(['f']);
    await stage.run('arbor.session.fork');
    await stage.run('arbor.session.stop', stage.node('a'));
    expect(stage.directory.done).toEqual(['open f', 'fork f', 'stop a']);
  });

  it('S4 takes no node but its own', async () => {
    stage.open();
    await stage.run('arbor.session.star', { kind: 'session', key: 'session:a', id: 'a' });
    await stage.run('arbor.session.star', null, [{ kind: 'session', key: 'session:b', id: 'b' }, 7]);
    expect(stage.directory.summaries().some(({ starred }) => starred)).toBe(false);
  });

  it('S4 asks before it deletes; the transcript stays unless the user says otherwise', async () => {
    stage.directory.set(summary('b', { state: 'running', name: 'Runs\u202E' }));
    await stage.run('arbor.session.delete', stage.node('b'));
    expect(stage.directory.done).toEqual([]);
    const [, question, options, ...buttons] = stage.editor.asked.at(-1) ?? [];
    expect(question).toBe('Delete “Runs⟨U+202E⟩”?');
    expect(options).toMatchObject({ modal: true });
    expect(JSON.stringify(options)).toMatch(/running.*leaves the transcript.*Forks stay/u);
    expect(buttons).toEqual(['Delete', 'Delete With Transcript']);
    stage.editor.answers.push('Delete');
    await stage.run('arbor.session.delete', stage.node('b'));
    const [a, f] = [stage.node('a'), stage.node('f')];
    stage.editor.answers.push('Delete With Transcripts');
    await stage.run('arbor.session.delete', a, [a, f]);
    expect(stage.directory.done).toEqual(['delete b', 'delete a f with transcripts']);
    expect(stage.children()).toEqual([]);
  });

  it('S4 tags several sessions and leaves the tags that they do not share', async () => {
    stage.directory.set(summary('a', { tags: ['red', 'old'] }), summary('b', { tags: ['red'] }));
    const [a, b] = [stage.node('a'), stage.node('b')];
    stage.editor.answers.push('blue, , blue ,green');
    await stage.run('arbor.session.tag', a, [a, b]);
    expect(stage.editor.asked.at(-1)?.[1]).toMatchObject({ value: 'red' });
    expect(stage.directory.summary('a')?.tags).toEqual(['old', 'blue', 'green']);
    expect(stage.directory.summary('b')?.tags).toEqual(['blue', 'green']);
  });

  it('F3 filters while the user types, and goes back on Escape', async () => {
    stage.open();
    const typing = stage.run('arbor.sessions.filter');
    await settled();
    const [input] = stage.editor.inputs;
    input?.type('message is:green');
    expect(input?.validationMessage).toBe('Not known: is:green');
    expect(stage.open().map((node) => stage.item(node).id)).toEqual([
      'session:a found',
      'message:a:at-3 found',
      'session:f found',
    ]);
    expect(stage.item(stage.node('a')).collapsibleState).toBe(2);
    expect(stage.tree.description).toBe('Filter: message is:green');
    expect(stage.editor.context.get('arbor.sessions.filtered')).toBe(true);
    input?.hide();
    await typing;
    expect(stage.children()).toHaveLength(2);
    const again = stage.run('arbor.sessions.filter');
    await settled();
    stage.editor.inputs[1]?.type('parser');
    stage.editor.inputs[1]?.accepted.fire(undefined);
    await again;
    expect(stage.children()).toHaveLength(1);
    await stage.run('arbor.sessions.clearFilter');
    expect(stage.children()).toHaveLength(2);
    expect(stage.editor.context.get('arbor.sessions.filtered')).toBe(false);
  });

  it('S6 keeps the order and whether archived sessions are shown', async () => {
    stage.directory.set(summary('z', { name: 'A', archived: true, activeAt: 0 }));
    stage.editor.answers.push('By Name');
    await stage.run('arbor.sessions.sort');
    await stage.run('arbor.sessions.showArchived');
    expect(stage.children().map(({ key }) => key)).toEqual(['session:z', 'session:a', 'session:b']);
    const { directory } = stage;
    const kept = Object.fromEntries(stage.kept);
    stage.dispose();
    await begin(directory, kept);
    expect(stage.children().map(({ key }) => key)).toEqual(['session:z', 'session:a', 'session:b']);
    await stage.run('arbor.sessions.hideArchived');
    expect(stage.children().map(({ key }) => key)).toEqual(['session:a', 'session:b']);
    stage.dispose();
    await begin(directory, { 'sessions.order': 'no order', 'sessions.archived': 'yes' });
    expect(stage.children()).toHaveLength(2);
  });

  it('S2 shows more of a long list when asked', async () => {
    stage.directory.set(...Array.from({ length: 300 }, (_, index) => summary(`n${String(index)}`)));
    const more = stage.children().at(-1);
    expect(more && stage.item(more)).toMatchObject({
      label: 'Show More (102)',
      command: { command: 'arbor.sessions.showMore', arguments: [more] },
    });
    await stage.run('arbor.sessions.showMore', more);
    expect(stage.children()).toHaveLength(302);
  });

  it('S4 says what went wrong', async () => {
    const inUse = new ArborError({ code: 'sessionInUse', what: 'It is open in another window.' });
    const disk = new Error('disk');
    stage.directory.failure = inUse;
    await stage.run('arbor.session.stop', stage.node('a'));
    stage.directory.failure = disk;
    await stage.run('arbor.sessions.refresh');
    expect(stage.errors).toEqual([inUse, disk]);
  });
});
