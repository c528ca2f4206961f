import { conformance } from "./conformance.js";
import { iptablesSubject } from "./iptables-subject.js";

await conformance(iptablesSubject("nft"));
await conformance(iptablesSubject("legacy"));
