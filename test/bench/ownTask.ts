import { isObject, objectAt, parseJson, stringAt, type JsonObject } from '../../src/base/json.js';
import type { CoreStage } from './coreWindow.js';

/** The task that the benchmark gave this process, see `runScript`. @throws Error when there is none */
export function ownTask(): JsonObject {
  const task = parseJson(process.argv[2] ?? '');
  if (!isObject(task)) throw new Error('No task');
  return task;
}

/** A text of a task. @throws Error when it is not there */
export function taskText(task: JsonObject, name: string): string {
  const value = stringAt(task, name);
  if (value === undefined) throw new Error(`The task does not say ${name}`);
  return value;
}

/** The stage that a task has under this name, as `JSON.stringify` wrote it. @throws Error when it is not there */
export function taskStage(task: JsonObject, name: string): CoreStage {
  const stage = objectAt(task, name) ?? {};
  const environment = objectAt(stage, 'environment') ?? {};
  const variables = Object.entries(objectAt(environment, 'env') ?? {}).map(
    ([key, value]) => [key, String(value)] as const,
  );
  const text = (key: string): string => taskText(environment, key);
  return {
    program: taskText(stage, 'program'),
    environment: {
      root: text('root'),
      home: text('home'),
      temporary: text('temporary'),
      workspace: text('workspace'),
      env: Object.fromEntries(variables),
    },
  };
}

/** Prints what was found, for `runScript`. */
export function tell(found: object): void {
  process.stdout.write(`${JSON.stringify(found)}\n`);
}
