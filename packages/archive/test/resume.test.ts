/** An import that is killed between any two writes goes on to the same store and the same report. */
import { expect, test } from "vitest";
import { ArchiveImport } from "@sotto/archive";
import { generateInstagram, zipSource } from "@sotto/archive/testing";
import { importInto, MemorySink, ports } from "./support/memory-sink.ts";

test("killed before each write in turn, and resumed", async () => {
  const source = await zipSource("instagram.zip", generateInstagram({ seed: 8, conversations: 4, messagesEach: 1500, photoOnce: 40 }));
  const whole = new MemorySink();
  const expected = await importInto(whole, [source]);
  for (let writes = 0; writes < 12; writes += 2) {
    const sink = new MemorySink();
    sink.writesLeft = writes;
    const work = await ArchiveImport.open([source], ports, { zone: "UTC" });
    const cut = await work.run(sink).then(
      () => "finished",
      (error: unknown) => (error instanceof Error ? error.message : ""),
    );
    sink.writesLeft = Infinity;
    const report = await importInto(sink, [source]);
    expect([cut === "killed" || writes >= 8, report.messages]).toEqual([true, cut === "killed" ? expected.messages : report.messages]);
    expect(sink.records()).toEqual(whole.records());
  }
});

test("cancelled, it says what is done and goes on later", async () => {
  const source = await zipSource("instagram.zip", generateInstagram({ seed: 9, conversations: 3, messagesEach: 1200 }));
  const sink = new MemorySink();
  const work = await ArchiveImport.open([source], ports, { zone: "UTC" });
  const first = await work.run(sink, { isCancelled: () => sink.messages.size >= 1000 });
  expect(first.messages.read).toBeLessThan(3600);
  const report = await importInto(sink, [source]);
  expect(report.messages).toMatchObject({ read: 3600, imported: 3600, duplicate: 0 });
});

test.each(["", "{", "[]", '{"unit":0}', '{"unit":0,"items":1,"tally":{},"problems":[],"conversations":[],"people":[],"services":[]}'])(
  "with a place that cannot be read (%j) it begins anew, and nothing comes in twice",
  async (damaged) => {
    const source = await zipSource("instagram.zip", generateInstagram({ seed: 9, conversations: 2, messagesEach: 700 }));
    const [sink, whole] = [new MemorySink(), new MemorySink()];
    await importInto(whole, [source]);
    const work = await ArchiveImport.open([source], ports, { zone: "UTC" });
    await work.run(sink, { isCancelled: () => sink.messages.size >= 1000 });
    sink.begin = () => Promise.resolve(damaged);
    const report = await importInto(sink, [source]);
    expect(report.messages).toMatchObject({ read: 1400, unparsed: 0 });
    expect(report.messages.imported + report.messages.duplicate).toBe(1400);
    expect(sink.records()).toEqual(whole.records());
  },
);
