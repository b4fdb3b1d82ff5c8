/** Recipients of a Signal export: contacts, groups, oneself. Only names and ids are taken; keys stay where they are. */
import { asObject, asText, type JsonObject } from "../../json/fields.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import { cleanText } from "../../records/clean-text.ts";
import type { PersonRef } from "../../records/draft.ts";

export type Recipient = { readonly person: PersonRef; readonly kind: "direct" | "group" | "self" | "channel" };

const first = (...texts: readonly (string | undefined)[]): string | undefined => texts.find((text) => text !== undefined && text !== "");

function fullName(object: JsonObject | undefined, given: string, family: string): string | undefined {
  const parts = [asText(object?.[given]), asText(object?.[family])].filter((part) => part !== undefined && part !== "");
  return parts.length === 0 ? undefined : parts.join(" ");
}

/** Changes `selfName` into the account's when it is known. */
export function signalRecipient(recipient: JsonObject, id: string, selfName: string): Recipient {
  const made = (kind: Recipient["kind"], key: string | undefined, name: string | undefined): Recipient => ({
    kind,
    person: {
      key: (key ?? `recipient ${id}`).slice(0, ARCHIVE_LIMITS.nameMax),
      name: cleanText(name ?? "Unknown", ARCHIVE_LIMITS.nameMax).text,
    },
  });
  const [contact, group] = [asObject(recipient["contact"]), asObject(recipient["group"])];
  if (contact !== undefined) {
    const nickname = asObject(contact["nickname"]);
    const name = first(
      fullName(nickname, "given", "family"),
      fullName(contact, "systemGivenName", "systemFamilyName"),
      fullName(contact, "profileGivenName", "profileFamilyName"),
      asText(contact["username"]),
      asText(contact["e164"]),
    );
    return made("direct", first(asText(contact["aci"]), asText(contact["pni"]), asText(contact["e164"])), name);
  }
  if (group !== undefined) {
    const title = asObject(asObject(group["snapshot"])?.["title"]);
    return made("group", undefined, asText(title?.["title"]));
  }
  if ("self" in recipient) return made("self", "self", selfName || "Note to Self");
  if ("releaseNotes" in recipient) return made("channel", "signal", "Signal");
  const list = asObject(asObject(recipient["distributionList"])?.["distributionList"]);
  return made("group", undefined, asText(list?.["name"]));
}
