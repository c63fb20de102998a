import type { Conversation } from './conversation.js';
import { failures } from './conversations/failures.js';
import { sessions } from './conversations/sessions.js';
import { stops } from './conversations/stops.js';
import { talk } from './conversations/talk.js';
import { tools } from './conversations/tools.js';

/** The one list of scripted conversations. Each is played through every driver, on every release. */
export const conversations: readonly Conversation[] = [...talk, ...tools, ...stops, ...failures, ...sessions];
