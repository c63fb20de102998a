import type * as vscode from 'vscode';
import { URI, Utils } from 'vscode-uri';

/** A workspace's folder as a second window gets it: the workspace's id, a hash that may be negative, with a number behind it. */
const numbered = /^(-?[0-9a-f]+)-\d$/;

/**
 * The folder for what belongs to a workspace, the same for all of its windows. The editor gives each further window on a
 * workspace (in a browser there can be several) a folder of its own, so that extensions that cannot share one do no harm;
 * what was kept there would be out of sight as soon as there is one window again. Our files are made to be shared.
 * @param given the folder that the editor gives, such as `…/workspaceStorage/<id>-1/<extension>`
 */
export function sharedStorageFolder(
  given: Pick<vscode.Uri, 'scheme' | 'authority' | 'path' | 'query' | 'fragment'>,
): string {
  const uri = URI.revive(given);
  const workspace = Utils.dirname(uri);
  const id = numbered.exec(Utils.basename(workspace))?.[1];
  if (id === undefined) return uri.fsPath;
  return Utils.joinPath(workspace, '..', id, Utils.basename(uri)).fsPath;
}
