import assert from "node:assert/strict";
import { test } from "node:test";
import { host } from "../../../src/cli/doctor/host.js";
import { finds } from "../../support/doctor.js";

test("the host's facts are one line for a bug report", async () => {
	const facts = {
		distribution: "Debian GNU/Linux 12 (bookworm)",
		kernel: "6.1.0-28-amd64",
		architecture: "x64",
		manufacturer: "QEMU",
		model: "Standard PC",
		virtual: "KVM",
	};
	const { says } = await finds(host, { facts });
	assert.match(
		says,
		/^Debian GNU\/Linux 12 \(bookworm\), kernel 6\.1\.0-28-amd64, x64; QEMU Standard PC; virtual \(KVM\); mosh-portguard .*, Node \d+\.\d+\.\d+$/,
	);
	assert.match((await finds(host, {})).says, /^Linux, kernel \S+, \w+; mosh-portguard /);
});
