/** The record in `who`: what its helper is given, and what that does to the pty. */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { UtmpRecord } from "../../../src/server/host/utmp.js";
import { startProgram } from "../../support/native-pty.js";

const O_NONBLOCK = 0o4000;

describe("the record in who", () => {
	const folder = mkdtempSync(join(tmpdir(), "mosh-utmp-"));
	after(() => rmSync(folder, { recursive: true }));

	it("is written by a helper that has the pty, which stays non-blocking", async () => {
		const helper = join(folder, "utempter");
		writeFileSync(
			helper,
			`#!/bin/sh\nprintf '%s\\n' "$*" "$(readlink /proc/$$/fd/0)" "$(readlink /proc/$$/fd/1)" >>"$0.seen"\n`,
			{ mode: 0o755 },
		);
		const { pty } = startProgram(["/bin/cat"]);
		const flags = () =>
			Number.parseInt(
				/flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${pty.fd}`, "utf8"))?.[1] ?? "",
				8,
			);
		assert.ok(flags() & O_NONBLOCK);
		const record = new UtmpRecord(pty.fd, helper);
		record.show("a host; [1]");
		await record.remove();
		assert.ok(flags() & O_NONBLOCK, "a write to the pty could block the server");
		const seen = readFileSync(`${helper}.seen`, "utf8");
		assert.match(seen, /^add a host; \[1\]\n\S*ptmx\n\S*ptmx\ndel\n\S*ptmx\n\S*ptmx\n$/);
		pty.close();
	});
});
