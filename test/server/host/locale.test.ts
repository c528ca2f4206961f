import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chooseLocale, type Environment, hostCharset } from "../../../src/server/host/locale.js";

/** A host that has C.UTF-8 or not, and en_US.UTF-8. */
const host =
	(...installed: string[]) =>
	(environment: Environment): string => {
		const name = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || "C";
		return installed.includes(name) ? "UTF-8" : "US-ASCII";
	};

describe("choosing the locale", () => {
	it("keeps a native UTF-8 locale and ignores the client's", () => {
		const environment = { LANG: "en_US.UTF-8", LC_TIME: "C", HOME: "/" };
		const verdict = chooseLocale(environment, [["LANG", "de_DE.UTF-8"]], host("en_US.UTF-8", "de_DE.UTF-8"));
		assert.deepEqual(verdict, { kind: "utf8", environment, notice: "" });
	});

	it("takes exactly the client's variables when the native locale will not do", () => {
		const verdict = chooseLocale(
			{ LANG: "C", LC_TIME: "C", LANGUAGE: "fr", HOME: "/" },
			[
				["LANG", "en_US.UTF-8"],
				["LC_PAPER", "de_DE"],
			],
			host("en_US.UTF-8"),
		);
		assert.deepEqual(verdict.environment, { HOME: "/", LANG: "en_US.UTF-8", LC_PAPER: "de_DE" });
	});

	it("falls back to C.UTF-8 and says so in one line", () => {
		const verdict = chooseLocale({ LC_ALL: "C", HOME: "/" }, [["LC_ALL", "xx_XX.UTF-8"]], host("C.UTF-8"));
		assert.ok(verdict.kind === "utf8");
		assert.deepEqual(verdict.environment, { HOME: "/", LANG: "C.UTF-8" });
		assert.match(verdict.notice, /^[^\n]*LC_ALL=C[^\n]*LC_ALL=xx_XX.UTF-8[^\n]*C\.UTF-8[^\n]*\n$/);
	});

	it("refuses where even that is missing, naming both attempts", () => {
		const verdict = chooseLocale({}, [["LANG", "en_US"]], host());
		assert.ok(verdict.kind === "unusable");
		assert.match(
			verdict.message,
			/UTF-8 native locale[\s\S]*no locale variable set[\s\S]*US-ASCII[\s\S]*LANG=en_US[\s\S]*locale-gen/,
		);
	});
});

describe("the host's character set", () => {
	const path = { PATH: process.env.PATH };

	it("is told of C.UTF-8 and of C", () => {
		assert.equal(hostCharset({ ...path, LANG: "C.UTF-8" }), "UTF-8");
		assert.equal(hostCharset({ ...path, LC_ALL: "C", LANG: "C.UTF-8" }), "US-ASCII");
		assert.equal(hostCharset(path), "US-ASCII");
	});

	it("does not believe in locales that are not installed", () => {
		assert.equal(hostCharset({ ...path, LANG: "xx_XX.UTF-8" }), "US-ASCII");
	});
});
