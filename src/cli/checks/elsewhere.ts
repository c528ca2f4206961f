/** A firewall that this host cannot see: the one of the cloud it runs at, or of a router on the way. */

import { readFileSync } from "node:fs";
import { type Check, good, hint } from "./check.js";

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

export const elsewhere: Check = {
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
};

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
