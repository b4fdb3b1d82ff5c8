/**
 * Extensions of a conversation's GroupContext (spec/groups.md §GroupContext). Always exactly these two:
 *
 *   required_capabilities   app_data_dictionary, SelfRemove, basic credentials
 *   app_data_dictionary     safe_aad (2)    component ids 0x8000, 0x8001: every authenticated_data is framed
 *                           0x8002          CBOR [ version 1, kind, hash of the group state ]
 *
 * The members' hash binds what a joiner is told of the state. The state itself is encrypted: it would be disclosed by every report.
 */
import {
  appDataDictionaryExtension,
  COMPONENT,
  CREDENTIAL,
  EXTENSION,
  type Extension,
  PROPOSAL,
  requiredCapabilitiesExtension,
} from "@sotto/mls";
import { encodeCbor, encodeGroupState, equalBytes, type GroupState, groupStateHash } from "@sotto/protocol";
import { CONVERSATION_KINDS, type ConversationKind } from "./conversation.ts";

/** Component ids of Sotto, from the range for private use (draft-ietf-mls-extensions). */
export const SOTTO_COMPONENT = { franking: 0x8000, groupChange: 0x8001, conversation: 0x8002 } as const;

/** Extension of the GroupInfo inside a Welcome: the encoded group state, for joiners. */
export const GROUP_STATE_EXTENSION = 0xf501;

/** ComponentsList: a length, then ids of two bytes. */
const SAFE_AAD_COMPONENTS = Uint8Array.of(4, 0x80, 0x00, 0x80, 0x01);

export function groupExtensions(kind: ConversationKind, state: GroupState): Extension[] {
  const hash = groupStateHash(encodeGroupState(state));
  const conversation = encodeCbor([1, CONVERSATION_KINDS.indexOf(kind), hash]);
  return [
    requiredCapabilitiesExtension({
      extensions: [EXTENSION.appDataDictionary],
      proposals: [PROPOSAL.selfRemove],
      credentials: [CREDENTIAL.basic],
    }),
    appDataDictionaryExtension([
      { componentId: COMPONENT.safeAad, data: SAFE_AAD_COMPONENTS },
      { componentId: SOTTO_COMPONENT.conversation, data: conversation },
    ]),
  ];
}

export function sameExtensions(a: readonly Extension[], b: readonly Extension[]): boolean {
  return a.length === b.length && a.every(({ type, data }, i) => type === b[i]?.type && equalBytes(data, b[i].data));
}

/** The kind whose extensions with this state are the given ones; undefined if there is none. */
export function kindOf(extensions: readonly Extension[], state: GroupState): ConversationKind | undefined {
  return CONVERSATION_KINDS.find((kind) => sameExtensions(extensions, groupExtensions(kind, state)));
}
