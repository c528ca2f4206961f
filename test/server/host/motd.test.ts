import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { messageOfTheDay } from "../../../src/server/host/motd.js";

describe("the message of the day", () => {
	const home = mkdtempSync(join(tmpdir(), "motd-"));
	after(() => rmSync(home, { recursive: true }));
	const file = (name: string, text: string): string => {
		writeFileSync(join(home, name), text);
		return join(home, name);
	};
	const show = (dynamic: string[], fixed: string): string | undefined => {
		const bytes = messageOfTheDay(home, { dynamic, static: fixed });
		return bytes && Buffer.from(bytes).toString();
	};

	it("is the first dynamic one, then the static one, as a terminal shows them", () => {
		const [first, second, fixed] = [file("a", "wörld\n"), file("b", "no\n"), file("c", "x\r\ny\n")];
		assert.equal(show([join(home, "missing"), first, second], fixed), "wörld\r\nx\r\ny\r\n");
		assert.equal(show([], join(home, "missing")), "");
	});

	it("is not shown to who has a .hushlogin", () => {
		file(".hushlogin", "");
		assert.equal(show([], file("c", "x")), undefined);
	});
});
