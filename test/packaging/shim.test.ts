/** The shim as an administrator installs it: a link in a folder that comes before Debian's in PATH. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, test } from "node:test";
import { findTool, needsTools } from "../support/requirements.js";
import { scratchFolder } from "../support/scratch.js";

const SHIM = readFileSync(new URL("../../shim/mosh-server", import.meta.url), "utf8");
const STOCK = "/usr/bin/mosh-server";
/** Users' login shells: sshd has them look the server up. */
const SHELLS = ["dash", "bash", "zsh", "fish"].filter((shell) => findTool(shell) !== undefined);

describe("the shim", { skip: needsTools("mosh-server") }, () => {
	const folder = scratchFolder();
	const installed = join(folder, "lib/shim/mosh-server");
	const portguard = join(folder, "lib/bin/mosh-portguard");
	beforeEach(() => {
		rmSync(folder, { recursive: true, force: true });
		for (const name of ["lib/shim", "lib/bin", "local"]) {
			mkdirSync(join(folder, name), { recursive: true });
		}
		writeFileSync(installed, SHIM, { mode: 0o755 });
		writeFileSync(portguard, '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
		symlinkSync(installed, join(folder, "local/mosh-server"));
	});

	const stock = spawnSync(STOCK, ["--version"], { encoding: "utf8" }).stdout;
	const inShell = (shell: string, command: string) =>
		spawnSync(findTool(shell) ?? shell, ["-c", command], {
			encoding: "utf8",
			env: { PATH: `${join(folder, "local")}:/usr/bin:/bin`, HOME: folder },
		});

	for (const shell of SHELLS) {
		test(`is found before Debian's by ${shell}, and runs that one`, () => {
			const { stdout } = inShell(shell, "mosh-server new -s -c 256 -- 'a b'");
			assert.equal(stdout, `run -- ${STOCK} new -s -c 256 -- a b\n`);
		});

		test(`is passed over by ${shell} when the package is gone`, () => {
			rmSync(join(folder, "lib"), { recursive: true });
			const { status, stdout } = inShell(shell, "mosh-server --version");
			assert.deepEqual([status, stdout], [0, stock]);
		});
	}

	test("is the stock server alone without the command", () => {
		rmSync(portguard);
		const { status, stdout } = inShell("dash", "mosh-server --version");
		assert.deepEqual([status, stdout], [0, stock]);
	});

	test("does not run itself when it was put in the stock server's place", () => {
		const place = join(folder, "local/mosh-server");
		writeFileSync(installed, SHIM.replaceAll(STOCK, place), { mode: 0o755 });
		const { status, stderr } = inShell("dash", "mosh-server --version");
		assert.equal(status, 1);
		assert.match(stderr, /is the shim itself/);
	});
});
