import { expect, it } from 'vitest';
import { ArborError } from '../../../../src/base/errors.js';
import type { UsageLedger } from '../../../../src/core/storePorts.js';
import { UsageRecorder } from '../../../../src/core/usage/recorder.js';
import { noTurnUsage, type TurnOutcome } from '../../../../src/protocol/session/events.js';
import type { TurnUsageEntry } from '../../../../src/protocol/usage/usageEntry.js';
import { ManualClock } from '../../../support/fakes/manualClock.js';
import { RecordingLogger } from '../../../support/fakes/recordingLogger.js';
import { newRecord } from '../../../support/fakes/world.js';

const outcome: TurnOutcome = { kind: 'complete', turn: 't', usage: noTurnUsage };

it('M1 a failure to record is told once until it works again, and every turn is tried', async () => {
  const written: TurnUsageEntry[] = [];
  let fails = false;
  const ledger: UsageLedger = {
    append: (entry) => {
      written.push(entry);
      const full = new ArborError({ code: 'diskFull', what: 'Full.' });
      return fails ? Promise.reject(full) : Promise.resolve();
    },
    read: () => Promise.resolve({ entries: [], unreadable: 0 }),
  };
  const logger = new RecordingLogger();
  const recorder = new UsageRecorder(ledger, new ManualClock(), logger);
  const told: string[] = [];
  recorder.onProblem(({ code }) => told.push(code));
  for (fails of [true, true, false, true]) {
    recorder.turnEnded(newRecord(), outcome);
    await new Promise(setImmediate);
  }
  expect(told).toEqual(['diskFull', 'diskFull']);
  expect(written).toHaveLength(4);
  expect(logger.errors.splice(0)).toHaveLength(3);
});
