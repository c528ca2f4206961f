/** Defines every key of the configuration, its allowed values and its default. */

import { isIPv4, isIPv6 } from "node:net";
import * as v from "valibot";

const FIREWALLS = ["auto", "ufw", "iptables", "nftables", "firewalld", "none"] as const;
const UFW_MODES = ["chain", "command"] as const;
const IPTABLES_VARIANTS = ["auto", "nft", "legacy"] as const;
const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;

/** `allowed` completes the sentence "must be …", whatever is wrong with the value. */
function key<S extends v.GenericSchema>(allowed: string, schema: S) {
	return v.optional(v.message(schema, allowed));
}

function integer(low: number, high: number) {
	const range = v.pipe(v.number(), v.integer(), v.minValue(low), v.maxValue(high));
	return key(`an integer, ${low}–${high}`, range);
}

function oneOf<const T extends readonly [string, ...string[]]>(names: T) {
	return key(`one of ${names.map((name) => `"${name}"`).join(", ")}`, v.picklist(names));
}

function listOf(allowed: string, test: (text: string) => boolean) {
	return key(`a list of ${allowed}`, v.array(v.pipe(v.string(), v.check(test))));
}

/** Of an id, as the kernel has them; the highest means "none". */
const MOST_ID = 2 ** 32 - 2;

/**
 * As directories name users and groups too: `CORP\alice`, `domain users@corp.example`, `jürgen`. Not what no name service can
 * hold (a colon, a line's end, more than 256 characters), what a terminal would obey, what ends in a blank by mistake, or what
 * getent would take for an option.
 */
const isName = (text: string) =>
	/^\d+$/.test(text)
		? Number(text) <= MOST_ID
		: /^(?![\s-])[^:\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,256}(?<!\s)$/u.test(text);
const isPath = (text: string) => /^\/[^\0\n]*[^/\0\n]$/.test(text) && !text.split("/").includes("..");
/** Not for the program's own name: `/usr/bin/*` would list every program there. */
const isPattern = (text: string) =>
	isPath(text) &&
	text.split("/").every((part, i, { length }) => part.split("*").length <= (i === length - 1 ? 1 : 2));

const isPathOrNone = (text: string) => text === "" || isPath(text);

function isSubnet(text: string): boolean {
	const [address = "", bits, ...rest] = text.split("/");
	const most = isIPv4(address) ? 32 : isIPv6(address) && !address.includes("%") ? 128 : -1;
	return (
		rest.length === 0 && most > 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
	);
}

const names = listOf('names or numeric ids such as ["alice", "CORP\\\\bob", "1000"]', isName);
const subnets = listOf('addresses or subnets such as ["192.0.2.0/24", "2001:db8::/32"]', isSubnet);
const path = (allowed: string) => v.message(v.pipe(v.string(), v.check(isPath)), allowed);
const script = v.strictObject({
	interpreter: path("an absolute path"),
	script: path("an absolute path"),
});
const setName = key("the name of an nftables set", v.pipe(v.string(), v.regex(/^([A-Za-z_]\w*)?$/)));

export const FileSchema = v.strictObject({
	firewall: v.optional(v.strictObject({ name: oneOf(FIREWALLS) })),
	ufw: v.optional(v.strictObject({ mode: oneOf(UFW_MODES) })),
	iptables: v.optional(v.strictObject({ variant: oneOf(IPTABLES_VARIANTS) })),
	nftables: v.optional(v.strictObject({ set: setName })),
	ports: v.optional(v.strictObject({ first: integer(1024, 65535), last: integer(1024, 65535) })),
	addresses: v.optional(v.strictObject({ allow: subnets, deny: subnets })),
	users: v.optional(v.strictObject({ allow: names, deny: names })),
	groups: v.optional(v.strictObject({ allow: names, deny: names })),
	limits: v.optional(
		v.strictObject({
			per_user: integer(1, 10_000),
			total: integer(1, 10_000),
			per_minute: integer(1, 10_000),
		}),
	),
	servers: v.optional(
		v.strictObject({
			executables: listOf(
				'absolute paths such as ["/usr/bin/mosh-server"], with at most one * in each folder\'s name',
				isPattern,
			),
			scripts: v.optional(v.message(v.array(script), "a list of tables with interpreter and script")),
		}),
	),
	hooks: v.optional(
		v.strictObject({ on_change: key("an absolute path", v.pipe(v.string(), v.check(isPathOrNone))) }),
	),
	log: v.optional(v.strictObject({ level: oneOf(LOG_LEVELS) })),
});

/** The contents of one file: any part of the configuration. */
export type ConfigFile = v.InferOutput<typeof FileSchema>;

/** Defaults; config/mosh-portguard.toml documents the same values. */
export const DEFAULTS = {
	firewall: { name: "auto" as (typeof FIREWALLS)[number] },
	ufw: { mode: "chain" as (typeof UFW_MODES)[number] },
	iptables: { variant: "auto" as (typeof IPTABLES_VARIANTS)[number] },
	/** Empty: sets, a chain and a jump of our own, whatever sets the ruleset has. */
	nftables: { set: "" },
	/** The ports that mosh-server tries by default. */
	ports: { first: 60001, last: 60999 },
	addresses: { allow: [] as string[], deny: [] as string[] },
	users: { allow: [] as string[], deny: [] as string[] },
	groups: { allow: [] as string[], deny: [] as string[] },
	/** A user has few sessions; 1000 is more than the default port range allows. */
	limits: { per_user: 20, total: 1000, per_minute: 30 },
	servers: {
		executables: [
			"/usr/bin/mosh-server",
			"/usr/local/bin/mosh-server",
			"/usr/lib/mosh-portguard/mosh-server",
		],
		scripts: [] as { interpreter: string; script: string }[],
	},
	/** Empty: no hook. */
	hooks: { on_change: "" },
	log: { level: "info" as (typeof LOG_LEVELS)[number] },
};

export type Config = typeof DEFAULTS;
