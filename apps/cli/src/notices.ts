/** What a person has to hear whatever they came for: that a device came to their account. Beside the answer, so that scripts can pass over it. */
import type { Client, DeviceView } from "@sotto/client";
import { idToText } from "@sotto/protocol";
import type { Options } from "./command.ts";
import { safeText } from "./terminal/safe-text.ts";

export function deviceAdded({ id, name }: DeviceView): string {
  const device = idToText(id);
  return `A device came to your account: ${safeText(name === "" ? device : name)}. If it is not yours: sotto devices revoke ${device}`;
}

export async function tellNews(client: Client, options: Options): Promise<void> {
  const devices = await client.devices.news();
  for (const view of devices) {
    const notice = { notice: "device_added", device: idToText(view.id), name: view.name };
    process.stderr.write(`${options["json"] === true ? JSON.stringify(notice) : `sotto: ${deviceAdded(view)}`}\n`);
  }
  if (devices.length > 0) await client.devices.newsTold();
}
