import { expect, test, vi } from "vitest";
import { Timers } from "../src/timers.ts";

test("makes the calls that are due, none that was cancelled, and none after the end", () => {
  vi.useFakeTimers();
  const after = (delayMs: number, call: () => void): (() => void) => {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  };
  const timers = new Timers({ now: () => 7, after });
  const called: string[] = [];
  timers.after(10, () => called.push("first"));
  const cancel = timers.after(10, () => called.push("cancelled"));
  timers.after(1_000, () => called.push("late"));
  cancel();
  vi.advanceTimersByTime(20);
  expect(called).toEqual(["first"]);
  expect(vi.getTimerCount()).toBe(1);
  timers.cancelAll();
  expect(vi.getTimerCount()).toBe(0);
  expect(timers.now()).toBe(7);
  vi.useRealTimers();
});
