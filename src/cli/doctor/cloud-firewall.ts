/** Checks for a firewall that this host cannot see, because the cloud that it runs in has one. */

import { readFileSync } from "node:fs";
import { type Check, good, hint } from "./check.js";
import type { HostFacts } from "./host-facts.js";

interface Cloud {
	/** Matches the firmware's description of the machine. */
	readonly firmware: RegExp;
	/** cloud-init's name of the cloud. */
	readonly id: string;
	readonly name: string;
	/** What the cloud calls its firewall. */
	readonly where: string;
}

const CLOUDS: readonly Cloud[] = [
	{ firmware: /Amazon/i, id: "aws", name: "Amazon EC2", where: "security groups" },
	{ firmware: /Google/i, id: "gce", name: "Google Cloud", where: "VPC firewall rules" },
	{ firmware: /Microsoft/i, id: "azure", name: "Azure or Hyper-V", where: "network security groups" },
	{ firmware: /DigitalOcean/i, id: "digitalocean", name: "DigitalOcean", where: "cloud firewalls" },
	{ firmware: /Hetzner/i, id: "hetzner", name: "Hetzner", where: "cloud firewalls" },
	{ firmware: /OracleCloud/i, id: "oracle", name: "Oracle Cloud", where: "security lists" },
	{ firmware: /Linode|Akamai/i, id: "akamai", name: "Linode", where: "cloud firewalls" },
	{ firmware: /Vultr/i, id: "vultr", name: "Vultr", where: "firewall groups" },
	{ firmware: /Scaleway/i, id: "scaleway", name: "Scaleway", where: "security groups" },
	{ firmware: /OpenStack/i, id: "openstack", name: "an OpenStack cloud", where: "security groups" },
];

/** Written by cloud-init, as root, at boot. */
const CLOUD_ID = "/run/cloud-init/cloud-id";

export const cloudFirewall: Check = {
	name: "firewalls elsewhere",
	examine: async ({ status, facts }) => {
		const cloud = cloudOf(await facts(), cloudId());
		if (cloud === undefined) {
			return good(
				"no cloud detected; a router in front of this host may still have to forward the UDP range",
			);
		}
		const { first, last } = (await status()).range;
		return hint(
			`this machine runs on ${cloud.name}`,
			`the cloud's own firewall must also allow UDP ${first}–${last} in: ${cloud.where}`,
		);
	},
};

export function cloudOf(facts: HostFacts, id: string): Cloud | undefined {
	const { manufacturer, model, assetTag, firmware } = facts;
	const words = [manufacturer, model, assetTag, firmware].join(" ");
	return CLOUDS.find((cloud) => cloud.id === id || cloud.firmware.test(words));
}

/** Empty without cloud-init. */
function cloudId(): string {
	try {
		return readFileSync(CLOUD_ID, "utf8").trim();
	} catch {
		return "";
	}
}
