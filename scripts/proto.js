// Generates the static message code under src/ssp/messages/generated from the .proto files beside it.
// The result is committed: a build needs no generator, and reflection (`new Function`) stays out of the bundle.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const messages = join(dirname(fileURLToPath(import.meta.url)), "..", "src", "ssp", "messages");
const generated = join(messages, "generated");
const pbjs = createRequire(import.meta.url).resolve("protobufjs-cli/bin/pbjs");

mkdirSync(generated, { recursive: true });
execFileSync(
	process.execPath,
	[
		pbjs,
		...["--target", "static-module", "--wrap", "esm", "--dependency", "protobufjs/minimal.js"],
		...["--no-create", "--no-verify", "--no-convert", "--no-delimited", "--no-typeurl", "--no-service"],
		...["--force-long", "--dts", "--out", join(generated, "messages.js")],
		...["transport", "user", "host"].map((name) => join(messages, `${name}.proto`)),
	],
	{ stdio: "inherit" },
);
