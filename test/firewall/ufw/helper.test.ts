import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { allowArguments } from "../../../src/firewall/ufw/command.js";
import { askHelper, helperLine } from "../../../src/firewall/ufw/helper.js";
import { scratchFolder } from "../../support/scratch.js";
import { v4, v6 } from "../conformance.js";

test("arguments of ufw become a line with nothing but an address and a port", () => {
	assert.equal(helperLine(["status"]), "status");
	assert.equal(helperLine(["show", "added"]), "added");
	assert.equal(helperLine(allowArguments(v4(60001))), "allow 10.77.0.1 60001");
	assert.equal(helperLine(allowArguments(v4(60001, "0.0.0.0"))), "allow 0.0.0.0/0 60001");
	assert.equal(helperLine(["delete", ...allowArguments(v6(60001, "::"))]), "delete ::/0 60001");
});

test("the helper's output is returned, and its failure is an error with its words", async (t) => {
	const path = join(scratchFolder(), "helper.sock");
	const answers: Record<string, string> = {
		status: "Status: active\nexit 0\n",
		"allow 10.77.0.1 60001": "ERROR: Bad port\nexit 1\n",
		added: "half an answer",
	};
	const server = createServer({ allowHalfOpen: true }, (socket) => {
		socket.on("data", (line) => socket.end(answers[line.toString().trim()] ?? ""));
	});
	server.listen(path);
	await once(server, "listening");
	t.after(() => server.close());
	assert.equal(await askHelper(["status"], path), "Status: active\n");
	await assert.rejects(askHelper(allowArguments(v4(60001)), path), {
		code: "tool-failed",
		message: /Bad port/,
	});
	await assert.rejects(askHelper(["show", "added"], path), {
		code: "tool-failed",
		message: /without an answer/,
	});
	await assert.rejects(askHelper(["status"], `${path}.gone`), { code: "tool-missing" });
});
