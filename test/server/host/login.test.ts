import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loginName, programEnvironment, resolveLogin } from "../../../src/server/host/login.js";

const account = () => ({ username: "ann", homedir: "/home/ann", shell: "/bin/zsh" });

describe("login", () => {
	it("prefers the environment's home and shell to the account's", () => {
		const login = resolveLogin({ HOME: "/h", SHELL: "/bin/fish" }, [], account);
		assert.deepEqual(login, { user: "ann", home: "/h", command: ["/bin/fish"], loginShell: true });
		assert.deepEqual(resolveLogin({}, [], account).command, ["/bin/zsh"]);
		assert.equal(resolveLogin({}, [], account).home, "/home/ann");
	});

	it("takes an empty shell for /bin/sh", () => {
		assert.deepEqual(resolveLogin({ SHELL: "" }, [], account).command, ["/bin/sh"]);
		assert.deepEqual(resolveLogin({}, [], () => ({ ...account(), shell: null })).command, ["/bin/sh"]);
	});

	it("runs a command as it is", () => {
		const login = resolveLogin({ SHELL: "/bin/fish" }, ["top", "-d", "1"], account);
		assert.deepEqual([login.command, login.loginShell], [["top", "-d", "1"], false]);
	});

	it("names a login shell with a dash", () => {
		assert.equal(loginName("/usr/bin/bash"), "-bash");
	});

	it("sets what the original sets and nothing else", () => {
		const inherited = ["STY=1.x", "TERM=dumb", "LANG=C.UTF-8", "COLORTERM=24bit", "PWD=/", "EMPTY="];
		assert.deepEqual(programEnvironment(inherited, 256, "/home/ann"), [
			"TERM=xterm-256color",
			"LANG=C.UTF-8",
			"COLORTERM=24bit",
			"PWD=/home/ann",
			"EMPTY=",
			"NCURSES_NO_UTF8_ACS=1",
		]);
		for (const colors of [0, 8, 255]) {
			assert.ok(programEnvironment([], colors, "/").includes("TERM=xterm"));
		}
		for (const colors of [256, 257, 32767, 16777216]) {
			assert.ok(programEnvironment([], colors, "/").includes("TERM=xterm-256color"));
		}
	});

	it("passes on no display of a forwarding that ends with ssh", () => {
		const display = (value: string, ...more: string[]) =>
			programEnvironment([`DISPLAY=${value}`, ...more], 256, "/").includes(`DISPLAY=${value}`);
		const ssh = "SSH_CONNECTION=::1 1 ::1 22";
		for (const gone of ["localhost:10.0", "localhost:11", "host.example:12.0", "127.0.0.1:6010.0"]) {
			assert.ok(!display(gone, ssh), gone);
			assert.ok(display(gone), `${gone} without ssh`);
		}
		for (const kept of [":0", ":10", "localhost:0.0", "/tmp/launch:10", ""]) {
			assert.ok(display(kept, ssh), kept);
		}
	});
});
