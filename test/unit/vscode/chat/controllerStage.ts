import { onTestFinished } from 'vitest';
import type * as vscode from 'vscode';
import { Emitter } from '../../../../src/base/event.js';
import type { ErrorAction } from '../../../../src/base/errors.js';
import { Reveals } from '../../../../src/core/chat/reveals.js';
import type { Session } from '../../../../src/core/session/session.js';
import type { ToHost } from '../../../../src/protocol/chat/toHost.js';
import type { ToView } from '../../../../src/protocol/chat/toView.js';
import { ChatChannel } from '../../../../src/vscode/chat/chatChannel.js';
import { ChatController } from '../../../../src/vscode/chat/chatController.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { World } from '../../../support/fakes/world.js';
import { messageId, write } from '../../core/session/conversations.js';
import { open, stateWith, type Window } from '../../core/session/window.js';

/** A window whose chat view is us. */
export interface ControllerStage extends Window {
  /** The session that is open: a conversation of so many messages. */
  readonly session: Session;
  /** What the editor was asked for by a card's button. */
  readonly acted: ErrorAction[];
  /** Says something as the view does, and waits until it is done. */
  say(message: ToHost): Promise<void>;
  /** What the view was sent since it was asked last. */
  sent(): readonly ToView[];
  /** What the session says to the user outside of turns. */
  notices(session?: Session): readonly string[];
}

/** Opens a window with a session of so many messages in its chat. */
export async function controllerStage(
  count: number,
  world = new World(stateWith({ head: messageId(count) })),
): Promise<ControllerStage> {
  write(world, count);
  const window = open(world);
  const { sessions } = window;
  const session = await sessions.restore(['/ws']);
  if (!session) throw new Error('The session was not opened');
  const posted: ToView[] = [];
  const channel = new ChatChannel(fakeView(posted), {
    clock: world.clock,
    logger: world.logger,
    appState: () => ({ demo: false, blocked: null, folders: 1 }),
    folderOf: ({ record }) => ({ name: 'ws', path: record.folder, branch: null, worktree: null }),
    nameOf: (id) => sessions.nameOf(id),
    reveals: new Reveals((error) => {
      throw error;
    }),
  });
  sessions.onOpen((shown) => {
    channel.show(shown);
  });
  const acted: ErrorAction[] = [];
  const controller = new ChatController(
    channel,
    sessions,
    {
      act: (action) => acted.push(action),
      newSession: () => Promise.resolve(),
      openLink: () => Promise.resolve(),
      openFile: () => Promise.resolve(),
      openOutput: () => Promise.resolve(),
      copyLink: () => Promise.resolve(),
    },
    world.logger,
  );
  channel.show(session);
  const stage: ControllerStage = {
    ...window,
    session,
    acted,
    say: async (message) => {
      controller.receive(message);
      await settled();
    },
    sent: () => posted.splice(0).flatMap((each) => (each.type === 'several' ? each.messages : [each])),
    notices: (of = session) =>
      of.transcript.messages.flatMap((message) =>
        message.role === 'user'
          ? []
          : message.blocks.flatMap((block) => (block.type === 'notice' ? [block.explanation.what] : [])),
      ),
  };
  await stage.say({ type: 'ready' });
  stage.sent();
  onTestFinished(() => {
    channel.dispose();
  });
  return stage;
}

/** The little of a webview view that a channel uses. */
function fakeView(posted: ToView[]): vscode.WebviewView {
  const visibility = new Emitter<undefined>(() => undefined);
  const view = {
    visible: true,
    onDidChangeVisibility: visibility.event,
    webview: {
      postMessage: (message: ToView) => {
        posted.push(message);
        return Promise.resolve(true);
      },
    },
  };
  return view as unknown as vscode.WebviewView;
}
