import { isObject, objectAt, parseJson, stringAt, type JsonObject } from '../../base/json.js';
import type { RawLine } from './backwardLines.js';
import { messageId, resultIds, toolUseIds } from './branch.js';
import { isBlank, isSidechainHead, isSkipped, jsonBytes, looksWhole, mayBelongBeside } from './lineBytes.js';
import { placeOf } from './lineKinds.js';

/** A line of the page. */
export interface PageLine {
  readonly start: number;
  readonly length: number;
  /** Null where it is to be read again: only its ids were looked at. */
  readonly line: JsonObject | null;
}

/** Where the lines before a page are to be gone on with. */
export interface PageStart {
  /** Place of the page's first line in the file. */
  readonly start: number;
  /** UUID of the line before it on the branch; null when that is not known: the line before it in the file then is. */
  readonly parent: string | null;
  /** Whether the page begins in the middle of a turn that is too long for one page. */
  readonly inTurn: boolean;
}

/** How much a page holds. */
export interface PageSize {
  /** Messages, the user's and Claude's: the page ends at the first turn with which it has as many. */
  readonly messages: number;
  /** Bytes of lines: from so many on the page ends with its turn, and a turn of so many is divided. */
  readonly bytes: number;
}

interface Beside {
  readonly start: number;
  readonly length: number;
  readonly message: string | undefined;
  readonly uses: readonly string[];
  readonly results: readonly string[];
}

/** Lines beside the branch that are kept in mind; far more than there are between a tool's use and its result. */
const mostBeside = 20_000;

/**
 * Chooses the lines of one page of the current branch out of a file's lines, from the last one back. Each line is linked
 * to the one before it by `parentUuid`, at a compaction by `logicalParentUuid`; a link counts only towards the file's
 * beginning, so that the walk ends whatever the links are. Beside the branch belong to it the results of parallel tools
 * and the other parts of a message whose tools ran, both only within a turn.
 */
export class BranchWalk {
  readonly #size: PageSize;
  #wanted: string | null;
  #wantedBytes: Buffer | null;
  /** Place of the last line on the branch. */
  #at: number;
  #chosen: PageLine[] = [];
  #unreadable: number[] = [];
  #beside: Beside[] = [];
  #answered = new Set<string>();
  #messages = new Set<string>();
  #openResults = new Set<string>();
  #count = 0;
  #bytes = 0;
  #turnBytes = 0;
  #strayed = 0;
  #isFirst = true;
  /** The start of the page, once the page is full; the walk then only looks whether anything comes before it. */
  #pageStart: PageStart | null = null;
  /** The line of Claude's that the branch was at last, as a place to divide a turn at. */
  #division: PageStart | null = null;
  #ended = false;

  /**
   * @param from place in the file before which the lines are
   * @param wanted UUID of the page's last line; null for the last line that has a place in a conversation
   * @param size how much it is to hold
   */
  constructor(from: number, wanted: string | null, size: PageSize) {
    this.#at = from;
    this.#wanted = wanted;
    this.#wantedBytes = wanted === null ? null : jsonBytes(wanted);
    this.#size = size;
  }

  /** The UUID of the line that is looked for; null when any line will do. */
  get wanted(): string | null {
    return this.#wanted;
  }

  /** Place of the last line found; the one that is looked for is before it. */
  get at(): number {
    return this.#at;
  }

  /** Bytes looked through since then, those of kinds that are never read aside. */
  get strayed(): number {
    return this.#strayed;
  }

  /** Whether no line was found yet. */
  get isFirst(): boolean {
    return this.#isFirst;
  }

  /** Whether no more lines are needed. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Where the page begins when there are lines before it, else null: it then holds all that there is. */
  get pageStart(): PageStart | null {
    return this.#ended ? this.#pageStart : null;
  }

  /** The lines of the page, in their order. */
  get lines(): readonly PageLine[] {
    return this.#chosen.toSorted((a, b) => a.start - b.start);
  }

  /** How many lines of the page's part of the file could not be read. */
  get unreadable(): number {
    const from = this.pageStart?.start ?? 0;
    return this.#unreadable.filter((start) => start >= from).length;
  }

  /** Takes the line before the last one. Its bytes are not kept. */
  take(raw: RawLine): void {
    const { bytes, start } = raw;
    if (isSkipped(bytes)) return;
    this.#strayed += bytes.length;
    if (raw.tooLong || (!looksWhole(bytes) && !isBlank(bytes))) {
      // A last line without its line feed is still being written.
      if (raw.complete) this.#unreadable.push(start);
      return;
    }
    const mayBeWanted = this.#wantedBytes === null || bytes.includes(this.#wantedBytes);
    if (!mayBeWanted && (isSidechainHead(bytes) || !mayBelongBeside(bytes))) return;
    const line = parseJson(bytes.toString('utf8'));
    if (!isObject(line)) {
      if (raw.complete && !isBlank(bytes)) this.#unreadable.push(start);
      return;
    }
    const uuid = stringAt(line, 'uuid');
    if (uuid === undefined || line['isSidechain'] === true) return;
    if (this.#wanted === null || uuid === this.#wanted || (this.#isFirst && isSteering(line, this.#wanted))) {
      this.#onBranch(line, start, bytes.length);
    } else this.#besideBranch(line, start, bytes.length);
  }

  /** The line that is looked for is not there: the one before the last found is the best guess. Goes back to that. */
  giveUp(): void {
    this.#want(null);
    this.#unreadable = this.#unreadable.filter((start) => start >= this.#at);
    this.#beside = this.#beside.filter(({ start }) => start >= this.#at);
    for (const { start, length } of this.#chosen) {
      if (start >= this.#at) continue;
      this.#bytes -= length;
      this.#turnBytes -= length;
    }
    this.#chosen = this.#chosen.filter(({ start }) => start >= this.#at);
  }

  #want(uuid: string | null): void {
    this.#wanted = uuid;
    this.#wantedBytes = uuid === null ? null : jsonBytes(uuid);
    this.#strayed = 0;
  }

  #onBranch(line: JsonObject, start: number, length: number): void {
    const place = placeOf(line);
    if (this.#endsBefore(line, place)) {
      this.#ended = true;
      return;
    }
    this.#at = start;
    this.#isFirst = false;
    const uses = toolUseIds(line);
    for (const id of resultIds(line)) {
      this.#answered.add(id);
      this.#openResults.add(id);
    }
    const message = messageId(line);
    if (message !== undefined && uses.some((id) => this.#answered.has(id))) this.#openMessage(message);
    if (place !== 'nothing') this.#choose({ start, length, line }, uses);
    this.#goOn(line, start, place, message);
  }

  /** Where the walk goes on to, and whether the page could begin with the line. */
  #goOn(line: JsonObject, start: number, place: ReturnType<typeof placeOf>, message: string | undefined): void {
    const parent = line['parentUuid'] ?? line['logicalParentUuid'];
    const before = { start, parent: typeof parent === 'string' ? parent : null };
    if (place === 'turn' || place === 'boundTurn') this.#count += 2;
    else if (place === 'steering') this.#count += 2;
    if (place === 'turn') {
      if (this.#count >= this.#size.messages || this.#bytes >= this.#size.bytes) {
        this.#pageStart ??= { ...before, inTurn: false };
      }
      this.#newTurn();
    }
    if (message !== undefined) this.#division = { ...before, inTurn: true };
    if (parent === null || parent === undefined) {
      this.#pageStart = null;
      this.#ended = true;
    } else this.#want(before.parent);
  }

  /** Whether the page is whole without this line of the branch, which comes before it. */
  #endsBefore(line: JsonObject, place: ReturnType<typeof placeOf>): boolean {
    if (this.#pageStart) return place !== 'nothing' && place !== 'setting';
    const isTooMuch = this.#turnBytes >= this.#size.bytes && this.#openResults.size === 0;
    if (!isTooMuch || !this.#division || resultIds(line).length === 0) return false;
    this.#pageStart = this.#division;
    return true;
  }

  /** What belongs to a turn is not looked for before its beginning. */
  #newTurn(): void {
    this.#turnBytes = 0;
    this.#division = null;
    this.#beside = [];
    this.#answered.clear();
    this.#messages.clear();
    this.#openResults.clear();
  }

  #besideBranch(line: JsonObject, start: number, length: number): void {
    const found: Beside = { start, length, message: messageId(line), uses: toolUseIds(line), results: resultIds(line) };
    if (found.message !== undefined && this.#messages.has(found.message)) this.#chooseBeside(found);
    else if (found.message !== undefined || found.results.length > 0) {
      this.#beside.push(found);
      if (this.#beside.length > 2 * mostBeside) this.#beside = this.#beside.slice(-mostBeside);
    }
  }

  /** All parts of the message are on the branch, those that were passed already too. */
  #openMessage(message: string): void {
    if (this.#messages.has(message)) return;
    this.#messages.add(message);
    for (const found of this.#takeBeside((each) => each.message === message)) this.#chooseBeside(found);
  }

  #chooseBeside({ start, length, uses }: Beside): void {
    this.#choose({ start, length, line: null }, uses);
  }

  #choose(line: PageLine, uses: readonly string[]): void {
    this.#chosen.push(line);
    this.#bytes += line.length;
    this.#turnBytes += line.length;
    const open = new Set(uses.filter((id) => !this.#answered.has(id)));
    for (const id of uses) this.#openResults.delete(id);
    if (open.size === 0) return;
    const results = this.#takeBeside((each) => each.start > line.start && each.results.some((id) => open.has(id)));
    for (const found of results) this.#chooseBeside(found);
  }

  #takeBeside(belongs: (found: Beside) => boolean): readonly Beside[] {
    const taken = this.#beside.filter(belongs);
    if (taken.length > 0) this.#beside = this.#beside.filter((each) => !belongs(each));
    return taken;
  }
}

/** Whether the line is the message of the user's that reached Claude in the middle of a turn under that UUID. */
function isSteering(line: JsonObject, uuid: string): boolean {
  return stringAt(objectAt(line, 'attachment') ?? {}, 'source_uuid') === uuid;
}
