/** Formats the status in the Prometheus text format, version 0.0.4. Pure. */

import { PORT_STATES, type PortStatus, type Status } from "../../guard/report/status.js";
import { REFUSALS, type RefusalCode } from "../../guard/sessions/refusals.js";

interface Sample {
	readonly labels?: Readonly<Record<string, string>>;
	readonly value: number;
}

interface Metric {
	/** Without the common prefix. */
	readonly name: string;
	readonly help: string;
	readonly samples: readonly Sample[];
}

const PREFIX = "mosh_portguard_";

/** `undefined` when no guard answers; then only `up` is exported. */
export function exposition(status: Status | undefined): string {
	const up: Metric = {
		name: "up",
		help: "Whether a guard runs and answers (1) or not (0).",
		samples: [{ value: status === undefined ? 0 : 1 }],
	};
	return [up, ...(status === undefined ? [] : metricsOf(status))].map(text).join("");
}

/** Always exports every combination, with 0 for those without ports: a series that comes and goes is hard to alert on. */
function metricsOf({ guard, firewall, ports, leftOver, problems }: Status): Metric[] {
	const families: PortStatus["family"][] = ["ipv4", "ipv6"];
	const codes = Object.keys(REFUSALS) as RefusalCode[];
	const count = (wanted: Partial<PortStatus>) => ports.filter((port) => matches(port, wanted)).length;
	return [
		{
			name: "uptime_seconds",
			help: "Seconds since the guard started.",
			samples: [{ value: guard.upSeconds ?? 0 }],
		},
		{
			name: "firewall_healthy",
			help: "Whether the last access to the firewall succeeded (1) or not (0).",
			samples: [{ labels: { firewall: firewall.name }, value: firewall.healthy ? 1 : 0 }],
		},
		{
			name: "ports",
			help: "Ports that mosh-servers hold, by state.",
			samples: families.flatMap((family) =>
				PORT_STATES.map((state) => ({ labels: { family, state }, value: count({ family, state }) })),
			),
		},
		{
			name: "refused_ports",
			help: "Ports that are refused, by code.",
			samples: codes.map((code) => ({ labels: { code }, value: count({ code }) })),
		},
		{
			name: "left_over_ports",
			help: "Ports that are open although no session holds them; closed at the next pass.",
			samples: [{ value: leftOver.length }],
		},
		{
			name: "leases",
			help: "Servers connected to the guard.",
			samples: [{ value: guard.leases ?? 0 }],
		},
		{
			name: "problems",
			help: "Problems that mosh-portguard status lists.",
			samples: [{ value: problems.length }],
		},
	];
}

function matches(port: PortStatus, wanted: Partial<PortStatus>): boolean {
	return Object.entries(wanted).every(([key, value]) => port[key as keyof PortStatus] === value);
}

/** Every value is a current state that may decrease, and therefore a gauge. */
function text({ name, help, samples }: Metric): string {
	const full = PREFIX + name;
	const lines = samples.map(({ labels, value }) => `${full}${labelText(labels)} ${value}`);
	return `# HELP ${full} ${escaped(help)}\n# TYPE ${full} gauge\n${lines.join("\n")}\n`;
}

function labelText(labels: Sample["labels"] = {}): string {
	const pairs = Object.entries(labels).map(
		([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`,
	);
	return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
	return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
