import { conformance } from "../conformance.js";
import { ufwSubject } from "./subject.js";

await conformance(ufwSubject);
