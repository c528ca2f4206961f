import { conformance } from "../conformance.js";
import { nftablesSetSubject, nftablesSubject } from "./subject.js";

await conformance(nftablesSubject);
await conformance(nftablesSetSubject);
