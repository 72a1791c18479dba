// The console's one entry: each part enhances a page that already works without it.
// Opened text is never stored, sent or logged here; only the wish "no shortcuts" is kept.

import { keys } from "./keys.js";
import { live } from "./live.js";
import { reply } from "./reply.js";
import { watchIdle } from "./idle.js";

keys(document);
live(document);
reply(document);
watchIdle(document);
