import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../base/disposable.js';
import type { ErrorAction } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import { Exporter } from '../core/export/exporter.js';
import type { MessageOpener } from '../core/search/search.js';
import type { Reveals } from '../core/chat/reveals.js';
import { createLinePlaces } from '../node/address/linePlaces.js';
import { createMessageSource } from '../node/address/messageSource.js';
import { createExportSource } from '../node/export/exportSource.js';
import { createExportTarget } from '../node/export/exportTarget.js';
import { createImporter } from '../node/export/importer.js';
import { locateRipgrep } from '../node/search/locateRipgrep.js';
import { createSessionSearch } from '../node/search/sessionSearch.js';
import { transcriptFolders } from '../node/search/transcriptFolders.js';
import { systemClock } from '../node/systemClock.js';
import { ChatAddresses } from '../vscode/address/chatAddresses.js';
import { openLink } from '../vscode/address/links.js';
import { exportSession } from '../vscode/export/exportCommand.js';
import { importSession } from '../vscode/export/importCommand.js';
import type { SessionChoice } from '../vscode/export/sessionChoice.js';
import { showSearchPick } from '../vscode/search/searchPick.js';
import { SearchView } from '../vscode/search/searchView.js';
import type { Workspace } from '../vscode/workspace.js';
import type { Core } from './core.js';

/** What finding needs. */
export interface FindingParts {
  readonly core: Core;
  readonly workspace: Workspace;
  readonly logger: Logger;
  /** Resolves when the session that was open before has been restored. */
  readonly restored: () => Promise<void>;
  /** Does something whose errors the user is told. */
  readonly told: (work: () => Promise<void>) => Promise<void>;
  /** Does what an error's button says. */
  readonly act: (action: ErrorAction) => void;
}

/** Finds sessions and messages again: search, links, export and import. */
export class Finding implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #parts: FindingParts;
  readonly #addresses: ChatAddresses;
  readonly #searchView: SearchView;
  /** Shows a message; what goes wrong is told to the user. */
  readonly #opener: MessageOpener = {
    openAt: (sessionId, messageUuid) => this.#parts.told(() => this.#addresses.opener.openAt(sessionId, messageUuid)),
  };

  /** @param parts what it needs */
  constructor(parts: FindingParts) {
    this.#parts = parts;
    const { core, logger, restored } = parts;
    const locate = (sessionId: string): Promise<string | undefined> => core.transcriptOf('', sessionId);
    this.#addresses = this.#owned.add(
      new ChatAddresses({
        sessions: core.sessions,
        places: createLinePlaces(locate),
        source: createMessageSource(locate),
        clock: systemClock,
        logger,
        restored,
        refresh: () => core.refreshIndex(),
      }),
    );
    this.#searchView = this.#owned.add(new SearchView(this.#opener, logger));
  }

  /** What the chat view is to go to. */
  get reveals(): Reveals {
    return this.#addresses.reveals;
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

  dispose(): void {
    this.#owned.dispose();
  }
}
