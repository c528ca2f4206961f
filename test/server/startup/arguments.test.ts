import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_PORTS, parseArguments, type ServerOptions } from "../../../src/server/startup/arguments.js";

const parse = (...words: string[]) => parseArguments("mosh-server", words);

function served(...words: string[]): ServerOptions & { complaints: string } {
	const invocation = parse(...words);
	assert.equal(invocation.kind, "serve");
	return invocation.kind === "serve"
		? { ...invocation.options, complaints: invocation.complaints }
		: assert.fail();
}

function refusal(...words: string[]): string {
	const invocation = parse(...words);
	return invocation.kind === "refused" ? invocation.message : assert.fail(`${invocation.kind}`);
}

describe("the command line", () => {
	it("takes what the mosh wrapper sends", () => {
		const options = served(
			...["new", "-c", "256", "-s", "-p", "60010:60020", "-l", "LANG=en_US.UTF-8", "-l", "LC_ALL=C=x", "--"],
			...["tmux", "new", "-s", "--help"],
		);
		assert.deepEqual(options, {
			bind: { kind: "ssh" },
			ports: { first: 60010, last: 60020 },
			colors: 256,
			locale: [
				["LANG", "en_US.UTF-8"],
				["LC_ALL", "C=x"],
			],
			verbosity: 0,
			command: ["tmux", "new", "-s", "--help"],
			complaints: "",
		});
	});

	it("has the defaults of the original", () => {
		for (const words of [["new"], ["new", "--"], []]) {
			const { bind, ports, command, colors } = served(...words);
			assert.deepEqual(
				{ bind, ports, command, colors },
				{
					bind: { kind: "any" },
					ports: DEFAULT_PORTS,
					command: [],
					colors: 0,
				},
			);
		}
	});

	it("takes an option of its own before or after what the wrapper adds", () => {
		for (const words of [
			["--scrollback=native", "new", "-s", "--", "sh", "--scrollback=off"],
			["new", "--scrollback=off", "-s", "--scrollback=native", "--", "sh", "--scrollback=off"],
		]) {
			const { scrollback, bind, command, complaints } = served(...words);
			assert.deepEqual(
				[scrollback, bind.kind, command, complaints],
				["native", "ssh", ["sh", "--scrollback=off"], ""],
			);
		}
	});

	it("reads options the way of getopt: bundled, attached, after other words", () => {
		const options = served("new", "word", "-vsv", "-p60005", "more", "-c8", "-@", "-x", "-i1.2.3.4");
		assert.equal(options.verbosity, 2);
		assert.deepEqual(options.ports, { first: 60005, last: 60005 });
		assert.equal(options.colors, 8);
		assert.deepEqual(options.bind, { kind: "address", address: "1.2.3.4" });
		assert.equal(options.complaints, "");
	});

	it("lets the later of -i and -s win", () => {
		assert.deepEqual(served("new", "-s", "-i", "::1").bind, { kind: "address", address: "::1" });
		assert.deepEqual(served("new", "-i", "::1", "-s").bind, { kind: "ssh" });
	});

	it("complains of unknown options and goes on", () => {
		const options = served("new", "-q", "-p", "60001", "-c");
		assert.match(options.complaints, /^new: invalid option -- 'q'\nUsage: /);
		assert.match(options.complaints, /new: option requires an argument -- 'c'/);
		assert.deepEqual(options.ports, { first: 60001, last: 60001 });
	});

	it("knows the old style", () => {
		assert.deepEqual(served("10.0.0.1").bind, { kind: "address", address: "10.0.0.1" });
		assert.deepEqual(served("10.0.0.1", "61000").ports, { first: 61000, last: 61000 });
		assert.match(refusal("10.0.0.1", "61000", "x"), /^Usage: /);
	});

	it("takes the words of an attach before those of the wrapper", () => {
		const wrappers = ["new", "-c", "256", "-s", "-p", "60010:60020"];
		const attached = (...words: string[]) => {
			const invocation = parse("attach", ...words);
			return invocation.kind === "attach" ? invocation : assert.fail(invocation.kind);
		};
		const { options, ...rest } = attached("--watch", "4711", ...wrappers, "--", "vim");
		assert.deepEqual(rest, { kind: "attach", target: 4711, watch: true, complaints: "" });
		const { complaints, ...same } = served(...wrappers, "--", "vim");
		assert.deepEqual(options, same);
		assert.equal(complaints, "");
		assert.deepEqual(options.ports, { first: 60010, last: 60020 });
		assert.deepEqual(options.command, ["vim"]);
		for (const [words, target, watch] of [
			[[], undefined, false],
			[["new"], undefined, false],
			[["last"], "last", false],
			[["12", "--watch"], 12, true],
			[["-s"], undefined, false],
		] as const) {
			const found = attached(...words);
			assert.deepEqual([found.target, found.watch], [target, watch]);
		}
		for (const words of [["0"], ["1", "2"], ["first"], ["last", "1", "new"]]) {
			assert.match(refusal("attach", ...words), /^Usage: /);
		}
	});

	it("knows the commands that start nothing", () => {
		assert.deepEqual(parse("list"), { kind: "list", json: false });
		assert.deepEqual(parse("list", "--json"), { kind: "list", json: true });
		assert.deepEqual(parse("end", "12"), { kind: "end", pid: 12 });
		assert.deepEqual(parse("env"), { kind: "env" });
		for (const words of [["list", "x"], ["end"], ["end", "x"], ["end", "1", "2"], ["env", "x"]]) {
			assert.match(refusal(...words), /^Usage: /);
		}
	});

	it("says help and version wherever they stand before --", () => {
		assert.equal(parse("new", "-p", "--help").kind, "help");
		assert.equal(parse("-h").kind, "help");
		assert.equal(parse("new", "--version", "x").kind, "version");
		assert.equal(parse("new", "--", "--version").kind, "serve");
	});

	it("refuses ports with the words the wrapper looks for", () => {
		for (const bad of ["x", "70000", "60010:60001", "0:5", "1:0", "-5", "1:2:3", "", "60001x", "1:"]) {
			assert.match(refusal("new", "-p", bad), /\n.*Bad UDP port \(.*\)\nUsage: /, bad);
		}
		assert.deepEqual(served("new", "-p", "0").ports, { first: 0, last: 0 });
		assert.deepEqual(served("new", "-p", "65535").ports, { first: 65535, last: 65535 });
	});

	it("refuses colours that are no number", () => {
		assert.match(refusal("new", "-c", "many"), /mosh-server.*many[\s\S]*Usage: /);
		assert.equal(served("new", "-c", "-1").colors, -1);
	});
});

describe("the command line of history", () => {
	for (const [words, pid, colours] of [
		[[], undefined, undefined],
		[["123"], 123, undefined],
		[["--color", "123"], 123, true],
		[["123", "--color"], 123, true],
	] as const) {
		it(`names a session or none: ${words.join(" ")}`, () => {
			assert.deepEqual(parse("history", ...words), { kind: "history", pid, colours });
		});
	}

	it("is refused with anything else", () => {
		for (const words of [["0"], ["last"], ["1", "2"], ["--colour"]]) {
			assert.match(refusal("history", ...words), /history \[--color\] \[PID\]/);
		}
	});
});
