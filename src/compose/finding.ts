import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../base/disposable.js';
import type { ErrorAction } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import { AddressResolver } from '../core/address/resolve.js';
import { Exporter } from '../core/export/exporter.js';
import { markdownExport } from '../core/export/markdownExport.js';
import type { MessageOpener } from '../core/search/search.js';
import { createMessageSource } from '../node/address/messageSource.js';
import { createExportSource } from '../node/export/exportSource.js';
import { createExportTarget } from '../node/export/exportTarget.js';
import { createImporter } from '../node/export/importer.js';
import { locateRipgrep } from '../node/search/locateRipgrep.js';
import { createSessionSearch } from '../node/search/sessionSearch.js';
import { transcriptFolders } from '../node/search/transcriptFolders.js';
import { systemClock } from '../node/systemClock.js';
import { openLink } from '../vscode/address/links.js';
import { MessageDocuments } from '../vscode/address/messageDocuments.js';
import { exportSession } from '../vscode/export/exportCommand.js';
import { importSession } from '../vscode/export/importCommand.js';
import type { SessionChoice } from '../vscode/export/sessionChoice.js';
import { showSearchPick } from '../vscode/search/searchPick.js';
import { SearchView } from '../vscode/search/searchView.js';
import type { TextDocuments } from '../vscode/textDocuments.js';
import type { Workspace } from '../vscode/workspace.js';
import type { Core } from './core.js';

/** What finding needs. */
export interface FindingParts {
  readonly core: Core;
  readonly workspace: Workspace;
  readonly documents: TextDocuments;
  readonly logger: Logger;
  /** Does something whose errors the user is told. */
  readonly told: (work: () => Promise<void>) => Promise<void>;
  /** Does what an error's button says. */
  readonly act: (action: ErrorAction) => void;
}

/** Finds sessions and messages again: search, links, export and import. */
export class Finding implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #parts: FindingParts;
  readonly #messages: MessageDocuments;
  readonly #searchView: SearchView;
  /** Shows a message; what goes wrong is told to the user. */
  readonly #opener: MessageOpener = {
    openAt: (sessionId, messageUuid) => this.#parts.told(() => this.#openAt(sessionId, messageUuid)),
  };

  /** @param parts what it needs */
  constructor(parts: FindingParts) {
    this.#parts = parts;
    const { core, logger } = parts;
    const source = createMessageSource((sessionId) => core.transcriptOf('', sessionId));
    const resolver = new AddressResolver(source, (id) => core.nameOf(id));
    this.#messages = this.#owned.add(new MessageDocuments(resolver));
    this.#searchView = this.#owned.add(new SearchView(this.#opener, logger));
  }

  /** Shows what a link to the editor names. */
  openLink(uri: vscode.Uri): Promise<void> {
    return this.#parts.told(() => openLink(uri, this.#opener));
  }

  /** Asks for words and shows where they were said. */
  search(): void {
    const { core, workspace, logger, act } = this.#parts;
    const { environment, platform, arch } = core.machine;
    showSearchPick({
      search: createSessionSearch({
        isTrusted: () => workspace.isTrusted,
        ripgrep: () =>
          locateRipgrep({ appRoot: vscode.env.appRoot, platform, arch, searchPath: environment['PATH'] ?? '' }),
        folders: () => transcriptFolders(core.configFolder(), workspace.folders),
      }),
      names: async () => new Map((await this.#choices()).map(({ id, name }) => [id, name])),
      clock: systemClock,
      logger,
      opener: this.#opener,
      view: this.#searchView,
      act,
    });
  }

  /** Takes away what the last search found. */
  clear(): Promise<void> {
    return this.#searchView.clear();
  }

  /** Asks for a session and a file, and writes the one into the other. */
  export(): Promise<void> {
    const { core, told } = this.#parts;
    const source = createExportSource((folder, sessionId) => core.transcriptOf(folder, sessionId));
    return told(() =>
      exportSession({
        exporter: new Exporter(source, createExportTarget(randomUUID)),
        clock: systemClock,
        sessions: () => this.#choices(),
        openId: () => core.sessions.open?.id ?? null,
      }),
    );
  }

  /** Asks for a transcript and makes a session of it. */
  import(): Promise<void> {
    const { core, workspace, told } = this.#parts;
    return told(async () => {
      const known = new Set((await this.#choices()).map(({ id }) => id));
      await importSession({
        importer: createImporter({
          configFolder: () => core.configFolder(),
          newUuid: randomUUID,
          isKnown: (id) => known.has(id),
        }),
        opener: this.#opener,
        chooseFolder: () => workspace.chooseFolder(),
      });
    });
  }

  async #choices(): Promise<readonly SessionChoice[]> {
    const directory = await this.#parts.core.directory();
    return directory
      .summaries()
      .map(({ id, name, folder, activeAt, costUsd }) => ({
        ...{ id, name, folder, activeAt },
        costUsd: costUsd > 0 ? costUsd : null,
      }))
      .sort((a, b) => b.activeAt - a.activeAt);
  }

  /** Shows a message as a document, a session as its Markdown: the chat cannot open any session at any place yet. */
  async #openAt(sessionId: string, messageUuid: string | null): Promise<void> {
    if (messageUuid !== null) {
      await this.#messages.show(sessionId, messageUuid);
      return;
    }
    const { core, documents } = this.#parts;
    const source = createExportSource((folder, id) => core.transcriptOf(folder, id));
    const { model, ...session } = await source.open('', sessionId);
    const name = core.nameOf(sessionId);
    const head = { id: sessionId, name, folder: '', model, costUsd: null, exportedAt: systemClock.now() };
    const pieces = Array.from(markdownExport({ ...session, head }), ({ text }) => text);
    await documents.show(`${sessionId}.md`, pieces.join(''));
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
