/** First code of the bundle. Run as it is, it starts the server; in a snapshot, it says what to run on waking. */

import { startupSnapshot } from "node:v8";
import { main } from "./main.js";

if (startupSnapshot.isBuildingSnapshot()) {
	startupSnapshot.setDeserializeMainFunction(() => main(process.argv));
} else {
	main(process.argv);
}
