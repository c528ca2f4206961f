import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parseHostFacts } from "../../../src/cli/doctor/host-facts.js";
import { checkout } from "../../support/mosh-server.js";
import { needsRoot } from "../../support/requirements.js";

describe("the host's facts", () => {
	test("are what an unprivileged process says, so only short texts count", () => {
		const told = [
			'{"kernel":"6.1","manufacturer":7,"model":"  "}',
			"no JSON",
			"[]",
			"null",
			`{"distribution":"${"x".repeat(5000)}","unknown":"y"}`,
		].join("\n");
		assert.deepEqual(parseHostFacts(told), { kernel: "6.1", distribution: "x".repeat(100) });
	});

	test("are never asked for as root", { skip: needsRoot() }, () => {
		const facts = new URL("../../../src/cli/doctor/host-facts.ts", import.meta.url).href;
		// Nobody may be barred from this checkout: what counts is who he is by then.
		const script = `
			const { tellHostFacts } = await import("${facts}");
			await tellHostFacts({ privileged: true, write: () => undefined }).catch(() => undefined);
			console.log(process.getuid(), process.geteuid(), process.getgid(), process.getgroups().join());`;
		const line = ["--import", import.meta.resolve("tsx"), "--input-type=module", "-e", script];
		assert.equal(execFileSync(process.execPath, line, { encoding: "utf8" }), "65534 65534 65534 65534\n");
	});

	const dist = join(checkout, "dist");
	const skip = !existsSync(join(dist, "mosh-portguard.mjs")) && "needs dist/: npm run build";
	test("are asked for by a library that no command loads with itself", { skip }, () => {
		const parts = readdirSync(dist).filter((name) => name.endsWith(".mjs"));
		const text = (name: string) => readFileSync(join(dist, name), "utf8");
		const loads = (name: string): string[] => [
			name,
			...[...text(name).matchAll(/\b(?:from|import)"\.\/([^"]+)"/g)].flatMap(([, other = ""]) =>
				loads(other),
			),
		];
		const holding = parts.filter((name) => text(name).includes("dmidecode"));
		assert.equal(holding.length, 1);
		const commands = parts.filter((name) => /^(mosh-portguard\.|(daemon|status|doctor)-)/.test(name));
		assert.equal(commands.length, 4);
		assert.ok(commands.flatMap(loads).length > commands.length);
		assert.ok(!commands.flatMap(loads).includes(holding[0] ?? ""));
	});
});
