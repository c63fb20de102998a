import * as vscode from 'vscode';
import { detach } from '../../base/detach.js';
import { DisposableStore } from '../../base/disposable.js';
import type { ErrorAction } from '../../base/errors.js';
import { makeLineVisible } from '../../base/visibleText.js';
import { speakerOf } from '../../core/search/groups.js';
import { LiveSearch, type LiveSearchServices, type SearchState } from '../../core/search/liveSearch.js';
import type { MessageOpener, SearchHit } from '../../core/search/search.js';
import type { SearchView } from './searchView.js';
import { dateText } from './dateText.js';

/** What the quick pick needs. */
export interface SearchPickParts extends LiveSearchServices {
  readonly opener: MessageOpener;
  readonly view: SearchView;
  /** Does what the button of a message says. */
  readonly act: (action: ErrorAction) => void;
}

interface Item extends vscode.QuickPickItem {
  readonly hit?: SearchHit;
  readonly action?: ErrorAction;
}

/** Shows a quick pick that searches all sessions while the user types; a hit opens at its message. */
export function showSearchPick(parts: SearchPickParts): void {
  const owned = new DisposableStore();
  const pick = owned.add(vscode.window.createQuickPick<Item>());
  const live = owned.add(new LiveSearch(parts));
  const showAll: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('list-tree'),
    tooltip: 'Show All in View',
  };
  const fail = (error: unknown): void => {
    parts.logger.error('A search result could not be opened', error);
  };
  pick.title = 'Search Sessions';
  pick.placeholder = 'Search what was said in all sessions of this workspace';
  pick.buttons = [showAll];
  // The editor sorts what a pick offers by how well it fits what was typed, which would tear the sessions apart. The
  // property is there in every release, though not in the declarations.
  Object.assign(pick, { sortByLabel: false });
  const render = (state: SearchState): void => {
    pick.busy = state.kind === 'searching';
    pick.items = itemsOf(state);
  };
  render(live.state);
  owned.add(live.onChange(render));
  owned.add(
    pick.onDidChangeValue((value) => {
      live.type(value);
    }),
  );
  owned.add(
    pick.onDidTriggerButton(() => {
      const { state } = live;
      if (state.kind !== 'searching' && state.kind !== 'done') return;
      detach(parts.view.show(pick.value, state.groups, state.truncated), fail);
      pick.hide();
    }),
  );
  owned.add(
    pick.onDidAccept(() => {
      const [item] = pick.selectedItems;
      if (item?.hit) {
        detach(parts.opener.openAt(item.hit.sessionId, item.hit.messageUuid), fail);
        pick.hide();
      } else if (item?.action) {
        parts.act(item.action);
        pick.hide();
      }
    }),
  );
  owned.add(
    pick.onDidHide(() => {
      owned.dispose();
    }),
  );
  pick.show();
}

function itemsOf(state: SearchState): readonly Item[] {
  switch (state.kind) {
    case 'idle':
      return [note(state.hint)];
    case 'failed': {
      const { what, next, detail, actions = [] } = state.explanation;
      const [action] = actions;
      const item = note(`$(error) ${what}`, [next, detail].filter((text) => text !== undefined).join(' '));
      return [action === undefined ? item : { ...item, action }];
    }
    case 'searching':
    case 'done':
      return [...state.groups.flatMap(groupItems), ...notesOf(state)];
  }
}

function groupItems({
  name,
  newestAt,
  hits,
}: Extract<SearchState, { kind: 'done' | 'searching' }>['groups'][number]): Item[] {
  const separator: Item = {
    kind: vscode.QuickPickItemKind.Separator,
    label: [makeLineVisible(name), dateText(newestAt)].filter((text) => text !== '').join(', '),
  };
  const items = hits.map((hit): Item => ({
    label: plainLabel(hit.excerpt),
    description: speakerOf(hit),
    alwaysShow: true,
    hit,
  }));
  return [separator, ...items];
}

function notesOf(state: Extract<SearchState, { kind: 'done' | 'searching' }>): Item[] {
  if (state.kind === 'searching') return state.hits === 0 ? [note('Searching…')] : [];
  const skipped =
    state.skipped === 0 ? [] : [note(`$(warning) ${String(state.skipped)} lines could not be read and were skipped.`)];
  if (state.hits === 0) return [note('No match in any session of this workspace.'), ...skipped];
  const more = state.truncated ? [note(`$(info) Only the first ${String(state.hits)} matches are shown.`)] : [];
  return [...more, ...skipped];
}

function note(label: string, detail?: string): Item {
  return {
    label,
    alwaysShow: true,
    ...(detail === undefined || detail === '' ? {} : { detail: makeLineVisible(detail) }),
  };
}

/** A label in which `$(name)` is no icon: what was said is never a picture. */
function plainLabel(text: string): string {
  return text.replaceAll(/\$\((?=[\w-]+(?:~[a-z]+)?\))/gi, String.raw`\$(`);
}
