/**
 * The screen a person sees must not depend on the server: every stream of the corpus is shown by the same stock
 * client through the stock server and through the one under test, and compared. Where the two differ for a
 * reason, what ours shows is checked on its own.
 */

import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { needsOurs, needsStockServer, serverUnderTest } from "../support/mosh-server.js";
import { needsSession } from "../support/session.js";
import { type Shown, StreamPlayer } from "../support/stream-player.js";
import { corpus } from "./corpus/index.js";
import { unlikeStock } from "./unlike-stock.js";

const ESC = "\x1b";

/** Sequences of which something is sent where the login asks for extensions: OSC 8, DECSCUSR, SGR 2, 9, 4:N and 58. */
const EXTENDED = new RegExp(`${ESC}(?:\\]8;|\\[\\d* q|\\[(?:\\d;)?[29]m|\\[(?:\\d;)?(?:4:|58[;:]))`);

/**
 * Ours for a stream: with the extensions, which must change nothing on this client, where the stream has any.
 * MOSH_TEST_EXTENSIONS=all shows every stream with them.
 */
class OursForStream {
	readonly #plain = new StreamPlayer(serverUnderTest);
	readonly #extended = new StreamPlayer(serverUnderTest, { LC_MOSH_EXTENSIONS: "all" });

	show(bytes: Uint8Array): Promise<Shown> {
		const extended =
			process.env.MOSH_TEST_EXTENSIONS === "all" || EXTENDED.test(Buffer.from(bytes).toString("latin1"));
		return (extended ? this.#extended : this.#plain).show(bytes);
	}

	async close(): Promise<void> {
		await Promise.all([this.#plain.close(), this.#extended.close()]);
	}
}

const isUnlike = ({ name, differsBecause }: (typeof corpus)[number]) =>
	differsBecause !== undefined || name in unlikeStock;

describe("every stream shows the same through either server", {
	skip: needsSession() || needsStockServer(),
}, () => {
	const stock = new StreamPlayer("stock");
	const tested = new OursForStream();
	after(() => Promise.all([stock, tested].map((player) => player.close())));

	for (const stream of corpus.filter((each) => !isUnlike(each))) {
		it(stream.name, async () => {
			const [expected, shown] = await Promise.all([stock.show(stream.bytes), tested.show(stream.bytes)]);
			assert.deepEqual(shown, expected);
		});
	}
});

describe("streams that differ for a reason show what they should", {
	skip: needsSession() || needsOurs(),
}, () => {
	const ours = new OursForStream();
	after(() => ours.close());

	for (const { name, bytes, differsBecause } of corpus.filter(isUnlike)) {
		it(name, async (t) => {
			const expected = unlikeStock[name];
			assert.ok(expected, "the stream has an entry");
			t.diagnostic(`differs: ${expected.because ?? differsBecause}`);
			const { styledRows, cursor, clipboard, title, modes } = await ours.show(bytes);
			for (const [index, row] of styledRows.entries()) {
				const wanted: string | RegExp = expected.rows[index] ?? "";
				if (typeof wanted === "string") {
					assert.equal(row, wanted, `row ${index}`);
				} else {
					assert.match(row, wanted);
				}
			}
			assert.deepEqual([cursor.row, cursor.column], expected.cursor);
			assert.equal(clipboard, expected.clipboard);
			assert.equal(title, expected.title ?? title);
			assert.deepEqual(modes, expected.modes ?? modes);
		});
	}

	it("names only streams of the corpus", () => {
		const names = new Set(corpus.map(({ name }) => name));
		assert.deepEqual(
			Object.keys(unlikeStock).filter((name) => !names.has(name)),
			[],
		);
	});
});
