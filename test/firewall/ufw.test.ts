import { conformance } from "./conformance.js";
import { ufwSubject } from "./ufw-subject.js";

await conformance(ufwSubject);
