import type { JSX } from 'preact';
import { Card } from './card.js';
import { Composer } from './composer.js';
import { useChat } from './context.js';
import { ConversationView } from './conversationView.js';
import { HeaderBar } from './headerBar.js';
import { Icon } from './icon.js';
import { LineageBar } from './lineageBar.js';
import { Queue } from './queue.js';
import { StatusLine } from './statusLine.js';

/** The whole view. */
export function App(): JSX.Element {
  const { store } = useChat();
  const app = store.app.value;
  const header = store.header.value;
  const conversation = store.conversation.value;
  return (
    <div class="app">
      <header>
        {header ? <HeaderBar header={header} /> : <h1 class="for-readers">Arbor</h1>}
        {header?.lineage && <LineageBar session={header.id} lineage={header.lineage} />}
        {app?.demo && <DemoBanner />}
      </header>
      {header && conversation ? (
        <>
          <main class="main">
            <ConversationView key={conversation.id} conversation={conversation} />
          </main>
          <footer class="footer">
            <Queue header={header} />
            <StatusLine header={header} conversation={conversation} />
            <Composer header={header} />
          </footer>
        </>
      ) : (
        <main class="main waiting">
          {app?.blocked ? (
            <Card level="warning" explanation={app.blocked} session={null} />
          ) : (
            <p class="loading-text">
              <Icon name="loading" /> Loading…
            </p>
          )}
        </main>
      )}
    </div>
  );
}

function DemoBanner(): JSX.Element {
  return (
    <p class="demo-banner">
      <Icon name="info" />
      <span>Demo model: answers are scripted, nothing leaves this machine.</span>
    </p>
  );
}
