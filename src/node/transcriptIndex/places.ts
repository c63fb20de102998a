import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { projectFolderName } from '../transcripts/locate.js';
import { comparableName, comparablePath, projectNames, type PathRules } from './samePath.js';
import { worktreesOf } from './worktrees.js';

/** A folder in which sessions of a workspace folder run: that folder, or a worktree of it. */
interface Place {
  /** The workspace folder, as it was given. */
  readonly folder: string;
  /** The place's path, and its path with symbolic links resolved. */
  readonly paths: readonly string[];
  readonly isWorktree: boolean;
}

/** What a session belongs to. */
interface Owner {
  readonly folder: string;
  readonly cwd: string;
  /** Whether it ran in a worktree of the folder. */
  readonly isWorktree: boolean;
}

/** Where the sessions of some workspace folders are. */
export class Places {
  readonly #rules: PathRules;
  /** By the comparable name of the project folder. */
  readonly #byName = new Map<string, Place[]>();
  readonly #byPath = new Map<string, Place>();

  /** Thousands of sessions ran in the same few folders. */
  readonly #known = new Map<string, Map<string | null, Owner | undefined>>();

  /** Equal for places that are the same. */
  readonly key: string;

  private constructor(places: readonly Place[], rules: PathRules) {
    this.#rules = rules;
    this.key = JSON.stringify(places);
    for (const place of places) {
      for (const path of place.paths) {
        const key = comparablePath(path, rules);
        // The folder itself comes before a worktree of another one.
        if (!this.#byPath.has(key)) this.#byPath.set(key, place);
        for (const name of projectNames(path)) this.#addName(comparableName(name, rules), place);
      }
    }
  }

  /**
   * Finds the places of workspace folders.
   * @param folders absolute paths
   */
  static async of(folders: readonly string[], rules: PathRules): Promise<Places> {
    const own = await Promise.all(folders.map((folder) => placeOf(folder, folder, false)));
    const others = await Promise.all(
      own.flatMap(({ folder, paths }) => worktreePlaces(folder, paths.at(-1) ?? folder)),
    );
    return new Places([...own, ...others.flat()], rules);
  }

  /** Whether the program's project folder of this name can have sessions of these places. */
  has(projectName: string): boolean {
    return this.#byName.has(comparableName(projectName, this.#rules));
  }

  /**
   * The workspace folder that a session belongs to. Different folders can have project folders of one name, so that the
   * session's own working directory decides. One that would have a project folder of another name (a transcript that
   * was moved along with its folder, or comes from another machine) is taken for what the user put there.
   * @param projectName name of the project folder that the transcript is in
   * @param cwd where the session ran; null when its lines do not say
   * @returns undefined when it is another folder's
   */
  folderOf(projectName: string, cwd: string | null): Owner | undefined {
    const known = this.#known.get(projectName) ?? new Map<string | null, Owner | undefined>();
    this.#known.set(projectName, known);
    if (!known.has(cwd)) known.set(cwd, this.#find(projectName, cwd));
    return known.get(cwd);
  }

  #find(projectName: string, cwd: string | null): Owner | undefined {
    const name = comparableName(projectName, this.#rules);
    const named = this.#byName.get(name);
    const [first] = named ?? [];
    if (!named || !first) return undefined;
    const { folder, isWorktree } = first;
    if (cwd === null) return { folder, isWorktree, cwd: first.paths.at(-1) ?? folder };
    const place = this.#byPath.get(comparablePath(cwd, this.#rules));
    if (place) return { folder: place.folder, isWorktree: place.isWorktree, cwd };
    const isAnothers = comparableName(projectFolderName(cwd), this.#rules) === name;
    return isAnothers ? undefined : { folder, isWorktree: false, cwd };
  }

  #addName(name: string, place: Place): void {
    const places = this.#byName.get(name) ?? [];
    if (!places.includes(place)) places.push(place);
    this.#byName.set(name, places);
  }
}

async function placeOf(folder: string, path: string, isWorktree: boolean): Promise<Place> {
  const plain = resolve(path);
  const real = await realpath(plain).catch(() => plain);
  return { folder, isWorktree, paths: plain === real ? [real] : [plain, real] };
}

async function worktreePlaces(folder: string, real: string): Promise<readonly Place[]> {
  return Promise.all((await worktreesOf(real)).map((path) => placeOf(folder, path, true)));
}
