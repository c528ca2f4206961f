/** The examples of programs for `hooks.on_change`, run with the words that the guard gives them. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { scratchFolder } from "../support/scratch.js";

const EXAMPLES = new URL("../../examples", import.meta.url).pathname;

test("on-change-files keeps one file for each open port", () => {
	const folder = scratchFolder();
	const open = join(folder, "open");
	const text = readFileSync(join(EXAMPLES, "on-change-files"), "utf8");
	const tell = (...call: string[]) =>
		execFileSync("sh", ["-c", text.replace("/run/mosh-portguard/open", open), "hook", ...call]);
	mkdirSync(open);
	writeFileSync(join(open, "stale"), "");
	tell("reset");
	assert.deepEqual(readdirSync(open), []);
	tell("open", "ipv4", "192.0.2.1", "60001", "1000");
	tell("open", "ipv6", "2001:db8::1", "60001", "1001");
	assert.deepEqual(readdirSync(open).sort(), ["ipv4 192.0.2.1 60001", "ipv6 2001:db8::1 60001"]);
	assert.equal(readFileSync(join(open, "ipv6 2001:db8::1 60001"), "utf8"), "1001\n");
	tell("close", "ipv4", "192.0.2.1", "60001", "1000");
	assert.deepEqual(readdirSync(open), ["ipv6 2001:db8::1 60001"]);
});

describe("on-change-aws", () => {
	/** What `aws` would be called with; `ids` is what it answers to a question. */
	const calls = (ids: string, ...call: string[]) => {
		const folder = scratchFolder();
		const aws = join(folder, "aws");
		writeFileSync(aws, `#!/bin/sh\necho "$@" >>"$0.calls"\ncase $2 in describe-*) echo '${ids}' ;; esac\n`);
		chmodSync(aws, 0o755);
		execFileSync(join(EXAMPLES, "on-change-aws"), call, { env: { PATH: `${folder}:/usr/bin:/bin` } });
		const made = readFileSync(`${aws}.calls`, "utf8").trim().split("\n");
		rmSync(`${aws}.calls`);
		return made;
	};

	test("takes away what an earlier guard left", () => {
		const [question, answer] = calls("sgr-1\tsgr-2", "reset");
		assert.match(question ?? "", /^ec2 describe-security-group-rules /);
		assert.match(answer ?? "", /^ec2 revoke-security-group-ingress .*--security-group-rule-ids sgr-1 sgr-2$/);
		assert.equal(calls("", "reset").length, 1);
	});

	test("authorizes and revokes one port of one family", () => {
		const [opened, ...more] = calls("", "open", "ipv4", "192.0.2.1", "60001", "1000");
		assert.match(
			opened ?? "",
			/^ec2 authorize-.* IpProtocol=udp,FromPort=60001,ToPort=60001,IpRanges=\[\{CidrIp=0/,
		);
		assert.deepEqual(more, []);
		const [closed] = calls("", "close", "ipv6", "2001:db8::1", "60002", "1000");
		assert.match(
			closed ?? "",
			/^ec2 revoke-.* IpProtocol=udp,FromPort=60002,ToPort=60002,Ipv6Ranges=\[\{CidrIpv6=::/,
		);
	});
});
