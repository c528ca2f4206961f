/** What `doctor` looks at, from the session's first need to the last. Each check stands alone. */

import { readFileSync, statSync } from "node:fs";
import { askGuard } from "./ask-guard.js";
import type { Finding } from "./commands/doctor.js";
import { readConfig } from "./configuration.js";
import type { Context } from "./context.js";
import { currentStatus } from "./current-status.js";

export interface Check {
	readonly name: string;
	examine(context: Context): Promise<Omit<Finding, "check">>;
}

type Result = Omit<Finding, "check">;

const good = (says: string): Result => ({ state: "good", says });
const bad = (says: string, remedy: string): Result => ({ state: "bad", says, remedy });
const hint = (says: string, remedy: string): Result => ({ state: "hint", says, remedy });

const GROUP_OR_OTHER_WRITABLE = 0o022;

export const CHECKS: readonly Check[] = [
	{
		name: "configuration",
		examine: async ({ paths }) => {
			const { files } = readConfig(paths.config);
			return good(files.length === 0 ? "none; the defaults hold" : files.join(", "));
		},
	},
	{
		name: "UTF-8 locale",
		examine: async ({ commands }) => {
			const { stdout } = await commands.run("locale", ["-a"]);
			const utf8 = stdout.split("\n").filter((name) => /utf-?8/i.test(name));
			if (utf8.length > 0) return good(utf8.slice(0, 3).join(", "));
			return bad(
				"this host has none, so mosh-server refuses to start",
				"install one: locale-gen en_US.UTF-8",
			);
		},
	},
	{
		name: "mosh-server",
		examine: async ({ paths }) => {
			const { servers } = readConfig(paths.config).config;
			const found = [...servers.executables, ...servers.scripts.map(({ script }) => script)].flatMap(
				(path) => {
					const stat = statSync(path, { throwIfNoEntry: false });
					return stat === undefined ? [] : [{ path, stat }];
				},
			);
			const loose = found.find(({ stat }) => stat.uid !== 0 || (stat.mode & GROUP_OR_OTHER_WRITABLE) !== 0);
			if (loose !== undefined) {
				return bad(
					`${loose.path} can be changed by others than root`,
					`chown root ${loose.path}; chmod go-w ${loose.path}`,
				);
			}
			if (found.length > 0) return good(found.map(({ path }) => path).join(", "));
			return bad(
				"none of the servers.executables exists",
				"install mosh, or name your mosh-server in the configuration",
			);
		},
	},
	{
		name: "tools",
		examine: async ({ commands }) => {
			const uses = { flock: "util-linux", stdbuf: "coreutils", ss: "iproute2", conntrack: "conntrack" };
			const missing: string[] = [];
			for (const tool of Object.keys(uses)) if ((await commands.find(tool)) === undefined) missing.push(tool);
			if (missing.length === 0) return good(Object.keys(uses).join(", "));
			const packages = missing.map((tool) => uses[tool as keyof typeof uses]);
			const result = missing.includes("flock") ? bad : hint;
			return result(`missing: ${missing.join(", ")}`, `apt install ${packages.join(" ")}`);
		},
	},
	{
		name: "logout",
		examine: async ({ commands }) => {
			if ((await commands.find("loginctl")) === undefined) return good("no logind ends what a login leaves");
			// systemd's own reading of logind.conf and its drop-ins; busctl asks logind, which may not run.
			const { stdout } = await commands.run("systemd-analyze", ["cat-config", "systemd/logind.conf"]);
			const last = [...stdout.matchAll(/^\s*KillUserProcesses\s*=\s*(\w+)/gm)].at(-1)?.[1];
			if (!/^(yes|true|on|1)$/i.test(last ?? "no")) return good("sessions stay when ssh ends");
			return bad(
				"logind ends every mosh-server when its ssh login ends (KillUserProcesses=yes)",
				"set it to no in /etc/systemd/logind.conf, or start the server in a scope: docs/troubleshooting.md",
			);
		},
	},
	{
		name: "guard",
		examine: async (context) => {
			const answer = await askGuard(context, { type: "status" }, "status");
			if (answer !== undefined) return good("running");
			return bad("not running: ports stay shut", "systemctl enable --now mosh-portguard");
		},
	},
	{
		name: "firewall",
		examine: async (context) => {
			if (!context.isRoot) return hint("only root can read its rules", "run doctor as root");
			const { firewall } = await currentStatus(context);
			if (firewall.healthy) return good(`${firewall.name}: ${firewall.reason}`);
			return bad(`${firewall.name} cannot be read or changed`, "mosh-portguard status says why");
		},
	},
	{
		name: "sessions",
		examine: async (context) => {
			const { ports, problems } = await currentStatus(context);
			const refused = ports.filter(({ state }) => state === "refused");
			if (refused.length > 0) {
				const reasons = refused.map(({ port, reason }) => `${port} (${reason})`);
				return bad(`refused: ${reasons.join(", ")}`, "mosh-portguard explain PORT");
			}
			const [problem] = problems;
			if (problem !== undefined) return bad(problem.message, "mosh-portguard status");
			return good(
				ports.length === 0 ? "none: no mosh-server holds a port now" : `${ports.length} with their ports`,
			);
		},
	},
	{
		name: "firewalls elsewhere",
		examine: async () => {
			const cloud = CLOUDS.find(({ vendor }) => vendor.test(systemVendor()));
			if (cloud === undefined)
				return good("no cloud recognised; a router on the way may still need the UDP range forwarded");
			return hint(
				`this machine runs at ${cloud.name}`,
				`its own firewall must let UDP 60001–60999 in: ${cloud.where}`,
			);
		},
	},
];

const CLOUDS = [
	{ vendor: /Amazon EC2/i, name: "Amazon EC2", where: "security groups" },
	{ vendor: /Google/i, name: "Google Cloud", where: "VPC firewall rules" },
	{ vendor: /Microsoft/i, name: "Azure or Hyper-V", where: "network security groups" },
	{ vendor: /DigitalOcean/i, name: "DigitalOcean", where: "cloud firewalls" },
	{ vendor: /Hetzner/i, name: "Hetzner", where: "Cloud firewalls" },
	{ vendor: /OracleCloud/i, name: "Oracle Cloud", where: "security lists" },
	{ vendor: /Linode|Akamai/i, name: "Linode", where: "cloud firewalls" },
	{ vendor: /Vultr/i, name: "Vultr", where: "firewall groups" },
] as const;

/** What the firmware calls itself; empty where there is none to ask. */
function systemVendor(): string {
	const fields = ["sys_vendor", "chassis_asset_tag", "product_name"];
	return fields
		.map((field) => {
			try {
				return readFileSync(`/sys/class/dmi/id/${field}`, "utf8").trim();
			} catch {
				return "";
			}
		})
		.join(" ");
}
