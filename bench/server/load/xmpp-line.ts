/**
 * A connection of XMPP (RFC 6120, RFC 6121, XEP-0045): STARTTLS, SASL PLAIN, a resource, presence, and a room if there is one. No stream management:
 * the server is spared what a careful client would ask for.
 */
import { once } from "node:events";
import type { Socket } from "node:net";
import { connect } from "node:tls";
import type { Access } from "./plan.ts";

import { type Line, openTcp, Talk, workingLine } from "./line.ts";
import { BODY, digitsAt, writeStamp } from "./stamp.ts";

type XmppAccess = Extract<Access, { readonly system: "xmpp" }>;

const DOMAIN = "localhost";
const STREAM = `<stream:stream to='${DOMAIN}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`;

async function logIn(access: XmppAccess, index: number): Promise<{ readonly socket: Socket; readonly talk: Talk }> {
  const tcp = await openTcp(access.port, index);
  const plain = new Talk(tcp);
  plain.say(STREAM);
  await plain.until("</stream:features>");
  plain.say("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  await plain.until("<proceed");
  plain.stop();
  const socket = connect({ socket: tcp, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const talk = new Talk(socket);
  talk.say(STREAM);
  await talk.until("</stream:features>");
  const secret = Buffer.from(`\0u${index}\0${access.password}`).toString("base64");
  talk.say(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${secret}</auth>`);
  await talk.until("<success");
  talk.say(STREAM);
  await talk.until("</stream:features>");
  talk.say("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>b</resource></bind></iq>");
  await talk.until("<jid>");
  talk.say("<presence/>");
  return { socket, talk };
}

function messages(to: string, type: "chat" | "groupchat"): (stamp: number) => Buffer {
  const template = Buffer.from(`<message to='${to}' type='${type}' id='m0000000000'><body>${BODY}</body></message>`);
  const [idAt, stampAt] = [template.indexOf("m0000000000") + 1, digitsAt(template)];
  let count = 0;
  return (stamp) => {
    const message = Buffer.from(template);
    message.write(String(count++).padStart(10, "0"), idAt, "latin1");
    writeStamp(message, stampAt, stamp);
    return message;
  };
}

export type XmppPlace = { readonly index: number; readonly peer?: number; readonly room?: string };

export async function openXmpp(access: XmppAccess, { index, peer, room }: XmppPlace): Promise<Line> {
  const { socket, talk } = await logIn(access, index);
  if (room === undefined) return workingLine(socket, talk, messages(`u${peer ?? index}@${DOMAIN}/b`, "chat"));
  const place = `${room}@conference.${DOMAIN}`;
  talk.say(`<presence to='${place}/n${index}'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>`);
  // The subject ends what a newcomer is told (XEP-0045 §7.2.15).
  await talk.until("<subject");
  return workingLine(socket, talk, messages(place, "groupchat"));
}
