/**
 * The screen a person sees must not depend on the server: every stream of the corpus is shown by the same stock
 * client through the stock server and through the one under test, and compared. Where the stock server is known
 * to be wrong, what ours shows is checked on its own.
 */

import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { needsStockServer, serverUnderTest } from "../support/mosh-server.js";
import { needsSession } from "../support/session.js";
import { StreamPlayer } from "../support/stream-player.js";
import { corpus } from "./corpus/index.js";

describe("every stream shows the same through either server", {
	skip: needsSession() || needsStockServer(),
}, () => {
	const stock = new StreamPlayer("stock");
	const tested = new StreamPlayer(serverUnderTest);
	after(() => Promise.all([stock, tested].map((player) => player.close())));

	for (const { name, bytes, differsBecause } of corpus) {
		it(name, async (t) => {
			const [expected, shown] = await Promise.all([stock.show(bytes), tested.show(bytes)]);
			if (differsBecause === undefined) assert.deepEqual(shown, expected);
			else t.diagnostic(`differs: ${differsBecause}`);
		});
	}
});
