import type { Clock } from '../../base/clock.js';
import type { UsageLedger } from '../../core/storePorts.js';
import type { SessionDirectory } from '../../core/tree/sessionDirectory.js';
import type { LocalDays } from '../../core/usage/days.js';
import { usageMarkdown } from '../../core/usage/usageMarkdown.js';
import type { TextDocuments } from '../textDocuments.js';

/** What the command needs. */
export interface UsageCommandParts {
  readonly ledger: Pick<UsageLedger, 'read'>;
  readonly directory: () => Promise<Pick<SessionDirectory, 'summary'>>;
  readonly documents: Pick<TextDocuments, 'preview'>;
  readonly days: LocalDays;
  readonly clock: Clock;
}

/** Shows what was used, as a document. @throws ArborError when the record cannot be read */
export async function showUsage(parts: UsageCommandParts): Promise<void> {
  const { ledger, directory, documents, days, clock } = parts;
  const [history, sessions] = await Promise.all([ledger.read(), directory()]);
  const text = usageMarkdown({
    history,
    now: clock.now(),
    days,
    session: (id) => {
      const summary = sessions.summary(id);
      return summary && { name: summary.name, parent: summary.lineage?.parent ?? null };
    },
  });
  await documents.preview('Usage.md', text);
}
