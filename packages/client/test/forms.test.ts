/** What the client writes into columns of bytes (spec/client-store.md §Stored forms): vectors in `vectors/client/`, and hostile input. */
import { join } from "node:path";
import { testForms } from "@sotto/protocol/testing";
import { FORMS } from "./support/stored-forms.ts";
import { REFUSED } from "./support/stored-forms-refused.ts";

testForms(FORMS, REFUSED, join(import.meta.dirname, "../../../vectors/client"));
