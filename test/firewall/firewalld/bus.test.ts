/** The message bus, with a connection in memory. With a real one: conformance, in firewalld.test.ts. */

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, mock, test } from "node:test";
import dbus from "@homebridge/dbus-native";
import type { FirewallError } from "../../../src/firewall/errors.js";
import { Bus, type Call, FirewalldAnswer, type Signal } from "../../../src/firewall/firewalld/bus.js";

type Reply = (error: { name?: string; message?: unknown } | null, ...values: unknown[]) => void;

const CALL: Call = { destination: "d", path: "/p", interface: "i", member: "addRichRule" };

/** A connection whose calls the test answers. */
async function connected(answer: (call: Call & { flags: number }, reply: Reply) => void) {
	const connection = Object.assign(new EventEmitter(), {
		stream: { unref: () => undefined },
		end: () => undefined,
	});
	const made = mock.method(dbus as unknown as { createClient(): unknown }, "createClient", () => ({
		connection,
		invoke: answer,
	}));
	const signals: Signal[] = [];
	let lost = 0;
	const bus = await Bus.connect("unix:path=/", ["a match"], {
		onSignal: (signal) => signals.push(signal),
		onLost: () => {
			lost++;
		},
	});
	made.mock.restore();
	return { bus, connection, signals, lost: () => lost };
}

describe("a call", () => {
	test("returns the first value of its reply, and starts no firewalld", async () => {
		const flags: number[] = [];
		const members: string[] = [];
		const { bus } = await connected((call, reply) => {
			flags.push(call.flags);
			members.push(call.member);
			reply(null, "first", "second");
		});
		assert.equal(await bus.call(CALL), "first");
		assert.deepEqual(members, ["AddMatch", "addRichRule"]);
		assert.deepEqual(flags, [2, 2]);
	});

	test("that fails has a code, a sentence, and firewalld's own answer", async () => {
		for (const [error, code, answer] of [
			[{ name: "org.freedesktop.DBus.Error.ServiceUnknown", message: ["x"] }, "not-in-force", undefined],
			[{ name: "org.freedesktop.DBus.Error.AccessDenied", message: ["x"] }, "not-permitted", undefined],
			[{ name: "e", message: ["PANIC_MODE: x"] }, "not-permitted", undefined],
			[{ name: "e", message: ["No space left on device"] }, "disk-full", ""],
			[{ name: "e", message: ["ALREADY_ENABLED: x"] }, "tool-failed", "ALREADY_ENABLED"],
		] as const) {
			const { bus } = await connected((call, reply) =>
				call.member === "AddMatch" ? reply(null) : reply({ ...error }),
			);
			await assert.rejects(bus.call(CALL), (failure: FirewallError) => {
				assert.equal(failure.code, code);
				const told = failure.cause instanceof FirewalldAnswer ? failure.cause.answer : undefined;
				assert.equal(told, answer);
				return true;
			});
		}
	});
});

describe("a connection", () => {
	test("that is lost ends what waits for it and what comes later, and is told of once", async () => {
		const { bus, connection, lost } = await connected(
			(call, reply) => call.member === "AddMatch" && reply(null),
		);
		const waiting = assert.rejects(bus.call(CALL), { code: "not-in-force" });
		connection.emit("error", new Error("reset"));
		connection.emit("end");
		await waiting;
		await assert.rejects(bus.call(CALL), { code: "not-in-force" });
		assert.equal(lost(), 1);
	});

	test("that is closed is not lost", async () => {
		const { bus, connection, lost } = await connected((_, reply) => reply(null));
		bus.close();
		connection.emit("end");
		assert.equal(lost(), 0);
		await assert.rejects(bus.call(CALL), { code: "not-in-force" });
	});

	test("passes signals on, and nothing else", async () => {
		const { connection, signals } = await connected((_, reply) => reply(null));
		connection.emit("message", { type: 4, interface: "i", member: "Reloaded", body: ["x"] });
		connection.emit("message", { type: 2, interface: "i", member: "m", body: [] });
		connection.emit("message", { type: 4 });
		assert.deepEqual(signals, [
			{ interface: "i", member: "Reloaded", body: ["x"] },
			{ interface: "", member: "", body: [] },
		]);
	});
});

test("without a socket there is no bus", async () => {
	const events = { onSignal: () => undefined, onLost: () => undefined };
	await assert.rejects(Bus.connect("unix:path=/nonexistent/bus", [], events), { code: "not-in-force" });
});
