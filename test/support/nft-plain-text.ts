/** What `nft -t -a list ruleset` prints for people, as nft 1.0.6 does. */

export const PLAIN = `table netdev early { # handle 1
	chain ingress { # handle 1
		type filter hook ingress device "eth0" priority -500; policy drop;
		udp dport 7 accept # handle 3
		udp dport 1024-65535 drop comment "# handle 9" # handle 4
	}

	chain both { # handle 2
		type filter hook ingress devices = { eth0, eth1 } priority filter; policy accept;
	}
}
table inet old { # handle 2
	flags dormant

	set s { # handle 5
		type ipv4_addr
		flags interval
	}

	chain input { # handle 1
		comment "of the administrator"
		type filter hook input priority filter; policy drop;
	}

	chain a { # handle 2
		counter packets 0 bytes 0 # handle 3
	}
}`;
