import type { JsonObject } from '../../base/json.js';

/** A tool that asks before it runs. Everything in here is hostile data: it comes from the model or from the program. */
export interface PermissionRequest {
  /** The control protocol's request id, unique in its process. */
  readonly id: string;
  /** The session that asks. */
  readonly sessionId: string;
  /** The session's folder, absolute. */
  readonly folder: string;
  readonly toolUseId: string;
  readonly tool: string;
  readonly input: JsonObject;
  /** The reason the program gives for asking, or null. */
  readonly reason: string | null;
  /** A path outside what is allowed, as the program names it, or null. */
  readonly blockedPath: string | null;
  /** The subagent that asks, or null. */
  readonly agentId: string | null;
  /** Rules the program suggests to remember; opaque here, sent back as they came. */
  readonly suggestions: readonly unknown[];
  /** The program wants no "always" offered. */
  readonly suppressAlways: boolean;
  /** The program wants no approving choice preselected. */
  readonly defaultToNo: boolean;
}

/** The answer to a request. */
export type PermissionAnswer =
  | {
      readonly behavior: 'allow';
      /** What runs; the request's own input unless it was edited. */ readonly input: JsonObject;
    }
  | {
      readonly behavior: 'deny';
      /** What Claude reads. */
      readonly message: string;
      /** Stops the turn as well. */
      readonly interrupt: boolean;
    };
