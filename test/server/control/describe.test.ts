import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { detachedText, isDetached, listJson, listText } from "../../../src/server/control/describe.js";
import { FACTS, server } from "../../support/session-facts.js";

describe("sessions in words", () => {
	it("are a table, or JSON", () => {
		const servers = [
			server(4711, { idleMs: 3_600_000 * 3, watchers: 2, program: "v\x1bim" }),
			server(4712, { state: "ending", ports: [60002, 60001] }),
			{ pid: 4713, path: "", facts: undefined, silent: true },
			{ pid: 4714, path: "", facts: undefined, silent: false },
		];
		const [head, first, second, third, fourth] = listText(servers).split("\n");
		assert.match(head ?? "", /^PID +SINCE +SIZE +CLIENT +HEARD +TYPED +PORT +PROGRAM$/);
		assert.match(
			first ?? "",
			/^4711 +\S+ \S+ +80x24 +192\.0\.2\.2 +15 s ago +3 h ago +60001 +v\?im, 2 watching$/,
		);
		assert.match(second ?? "", /never +60002 60001 +\(ending\)$/);
		assert.match(third ?? "", /^4713 +does not answer$/);
		assert.match(fourth ?? "", /^4714 +is of another version$/);
		assert.equal(listText([]), "No sessions.\n");
		const { schema, sessions } = JSON.parse(listJson(servers));
		assert.equal(schema, 1);
		assert.deepEqual(
			Object.keys(sessions[0]).sort(),
			Object.keys({ ...FACTS, idleMs: 0 })
				.filter((key) => key !== "type")
				.sort(),
		);
		assert.deepEqual(sessions[2], { pid: 4713, state: "unknown" });
	});

	it("are told at a login if they are detached, with the command that gets each back", () => {
		const text = detachedText(
			[server(1), server(2, { silentMs: 3_000 }), server(3, { state: "ending" })],
			"alice@host",
		);
		assert.match(text, /a detached session on/);
		assert.match(
			text,
			/vim, heard 15 s ago: {2}mosh --server="mosh-portguard-server attach 1" alice@host\r\n/,
		);
		assert.doesNotMatch(text, /attach [23]/);
		assert.match(detachedText([server(1), server(2)], "a"), /2 detached sessions/);
		assert.equal(detachedText([], "a"), "");
	});
});

it("a session is detached once its client has not been heard for 10 s, while it runs", () => {
	assert.equal(isDetached(server(1, { silentMs: 10_000 })), true);
	assert.equal(isDetached(server(1, { silentMs: 9_999 })), false);
	assert.equal(isDetached(server(1, { state: "starting" })), false);
	assert.equal(isDetached(server(1, { silentMs: 60_000, state: "ending" })), false);
	assert.equal(isDetached({ pid: 1, path: "", facts: undefined, silent: false }), false);
});
