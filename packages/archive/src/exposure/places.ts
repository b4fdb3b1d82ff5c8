/** Places so exact that they tell a house: coordinates with four decimals and more, alone or in links to maps. */
import type { ExposureFinding } from "@sotto/protocol";

const PAIR = /(?<![\d.,-])(-?\d{1,2}\.\d{4,15})(?:,|%2C|;|&(?:lon|lng|mlon)=)[ +]?(-?\d{1,3}\.\d{4,15})(?![\d.])/gi;
const MAP = /(?:geo:|maps?[./]|\bmap\b|openstreetmap|google\.[a-z.]{2,6}\/maps|apple\.com|waze|q=|ll=|@)[^\s]{0,120}$/i;
const NEAR = 160;

/** About 10 km: enough to know which one is meant. */
const placeMask = (latitude: number, longitude: number): string => `near ${latitude.toFixed(1)}, ${longitude.toFixed(1)}`;
export const isPlace = (latitude: number, longitude: number): boolean =>
  Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && !(latitude === 0 && longitude === 0);

export function* findPlaces(text: string): Generator<ExposureFinding> {
  for (const { 0: found, 1: north, 2: east, index: start } of text.matchAll(PAIR)) {
    const [latitude, longitude] = [Number(north), Number(east)];
    if (!isPlace(latitude, longitude)) continue;
    const isLink = MAP.test(text.slice(Math.max(0, start - NEAR), start));
    const value = `${latitude.toFixed(4)},${longitude.toFixed(4)}`;
    const masked = placeMask(latitude, longitude);
    yield {
      kind: "place",
      level: isLink ? "likely" : "possible",
      what: isLink ? "map-link" : "coordinates",
      masked,
      value,
      start,
      length: found.length,
    };
  }
}

/** A place that is told as such, and so one for sure. */
export function placeFinding(what: string, place: { readonly latitude: number; readonly longitude: number }): ExposureFinding {
  const { latitude, longitude } = place;
  const value = `${latitude.toFixed(4)},${longitude.toFixed(4)}`;
  return { kind: "place", level: "confirmed", what, masked: placeMask(latitude, longitude), value, start: 0, length: 0 };
}

/** A place that somebody shared. */
export function exposureOfPlace(latitude: number, longitude: number): ExposureFinding[] {
  return isPlace(latitude, longitude) ? [placeFinding("shared-place", { latitude, longitude })] : [];
}
