import { stat } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { errorText, ToolError } from '../tools/toolError.js';

/** What `npm start` was asked for. */
export interface StartOptions {
  /** The user's own `claude` and sign-in instead of the demo. */
  readonly own: boolean;
  /** An absolute folder; undefined for the sample. */
  readonly folder: string | undefined;
  /** undefined: the usual port, or a free one when that is taken. */
  readonly port: number | undefined;
  /** Whether to open the browser. */
  readonly open: boolean;
  /** Forget what earlier starts left: sessions, settings, the sample's changes. */
  readonly fresh: boolean;
}

/** Printed by `--help` and below a mistake. */
export const usage = `npm start [-- options]
  --folder DIR  open DIR instead of the sample
  --own         your own claude and sign-in instead of the demo model
  --port N      the port on loopback
  --no-open     do not open the browser
  --fresh       forget what earlier starts left (sessions, settings, the sample's changes)
`;

/**
 * Reads the command line.
 * @param cwd what a relative folder is relative to
 * @returns undefined when help was asked for
 * @throws ToolError for an unknown option, a folder that is none, a port that is none
 */
export async function readOptions(args: string[], cwd: string): Promise<StartOptions | undefined> {
  const values = parse(args);
  if (values.help) {
    return undefined;
  }
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) {
    throw new ToolError(`--port wants a number from 1 to 65535, not "${String(values.port)}".`);
  }
  const folder = values.folder === undefined ? undefined : path.resolve(cwd, values.folder);
  if (folder !== undefined) {
    await checkFolder(folder);
  }
  return { own: values.own, folder, port, open: !values['no-open'], fresh: values.fresh };
}

interface Values {
  own: boolean;
  folder?: string;
  port?: string;
  'no-open': boolean;
  fresh: boolean;
  help: boolean;
}

function parse(args: string[]): Values {
  try {
    return parseArgs({
      args,
      options: {
        own: { type: 'boolean', default: false },
        folder: { type: 'string' },
        port: { type: 'string' },
        'no-open': { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new ToolError(`${errorText(error)}\n\n${usage}`);
  }
}

async function checkFolder(folder: string): Promise<void> {
  try {
    if ((await stat(folder)).isDirectory()) {
      return;
    }
  } catch (error) {
    throw new ToolError(`--folder: ${folder} cannot be opened: ${errorText(error)}.`);
  }
  throw new ToolError(`--folder: ${folder} is not a folder.`);
}
