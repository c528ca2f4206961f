/** First code of dist/mosh-server.cjs. The session's code is a file of its own beside it. */

import { createRequire } from "node:module";
import { main } from "./main.js";

main(process.argv, () => createRequire(process.argv[1] ?? "")("./session.cjs"));
