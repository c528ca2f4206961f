import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createLog } from "../../src/daemon/log.js";

describe("the log", () => {
	const logged = (journal: boolean, act: (log: ReturnType<typeof createLog>) => void) => {
		const lines: string[] = [];
		act(createLog((line) => lines.push(line), journal));
		return lines;
	};
	test("is one JSON object a line, with the event's name", () => {
		const [line] = logged(false, (log) => log.event("port.opened", { port: 60001 }));
		const { level, event, port, time } = JSON.parse(line ?? "");
		assert.deepEqual({ level, event, port }, { level: "info", event: "port.opened", port: 60001 });
		assert.ok(Date.parse(time) > 0);
	});
	test("tells journald the priority, and leaves the time to it", () => {
		const [line] = logged(true, (log) => log.event("firewall.failed"));
		assert.ok(line?.startsWith('<3>{"level":"error"'));
		assert.doesNotMatch(line ?? "", /"time"/);
	});
	test("leaves out what is below its level", () => {
		const lines = logged(false, (log) => {
			log.event("guard.armed");
			log.level = "debug";
			log.event("guard.armed");
		});
		assert.equal(lines.length, 1);
	});
});
