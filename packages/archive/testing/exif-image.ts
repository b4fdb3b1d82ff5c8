/** Smallest images with Exif, for tests: not pictures, but files that readers of metadata take. */
const ascii = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));
const u16 = (value: number): number[] => [value >> 8, value & 0xff];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value & 0xffff)];
const entry = ([tag, type, count]: readonly [number, number, number], value: readonly number[]): number[] => [
  ...u16(tag),
  ...u16(type),
  ...u32(count),
  ...value,
];
const fractions = (degrees: number): number[] => {
  const whole = Math.floor(Math.abs(degrees));
  const minutes = Math.floor((Math.abs(degrees) - whole) * 60);
  const seconds = Math.round(((Math.abs(degrees) - whole) * 60 - minutes) * 60 * 1000);
  return [whole, 1, minutes, 1, seconds, 1000].flatMap(u32);
};

/** A block of Exif (big-endian): orientation 6 and a place. */
export function exifBlock(latitude: number, longitude: number): Uint8Array {
  const gpsAt = 8 + 2 + 2 * 12 + 4;
  const dataAt = gpsAt + 2 + 4 * 12 + 4;
  return Uint8Array.of(
    ...ascii("MM"),
    ...u16(42),
    ...u32(8),
    ...u16(2),
    ...entry([0x0112, 3, 1], [0, 6, 0, 0]),
    ...entry([0x8825, 4, 1], u32(gpsAt)),
    ...u32(0),
    ...u16(4),
    ...entry([1, 2, 2], [...ascii(latitude < 0 ? "S" : "N"), 0, 0, 0]),
    ...entry([2, 5, 3], u32(dataAt)),
    ...entry([3, 2, 2], [...ascii(longitude < 0 ? "W" : "E"), 0, 0, 0]),
    ...entry([4, 5, 3], u32(dataAt + 24)),
    ...u32(0),
    ...fractions(latitude),
    ...fractions(longitude),
  );
}

const segment = (marker: number, data: readonly number[]): number[] => [0xff, marker, ...u16(data.length + 2), ...data];

/** With a scan that holds what looks like markers, and something behind its end. */
export function jpegWithPlace(latitude: number, longitude: number): Uint8Array {
  return Uint8Array.of(
    0xff,
    0xd8,
    ...segment(0xe0, [...ascii("JFIF"), 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    ...segment(0xe1, [...ascii("Exif"), 0, 0, ...exifBlock(latitude, longitude)]),
    ...segment(0xe1, ascii('http://ns.adobe.com/xap/1.0/\0<x exif:GPSLatitude="52,31.2N"/>')),
    ...segment(
      0xdb,
      Array.from({ length: 65 }, () => 7),
    ),
    ...segment(0xda, [1, 1, 0, 0, 63, 0]),
    1,
    2,
    0xff,
    0,
    3,
    0xff,
    0xd0,
    4,
    5,
    0xff,
    0xd9,
    ...ascii("a video with 52.5200, 13.4050"),
  );
}
