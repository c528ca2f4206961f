import { conformance } from "../conformance.js";
import { iptablesSubject } from "./subject.js";

await conformance(iptablesSubject("nft"));
await conformance(iptablesSubject("legacy"));
