/**
 * Browsers report WGS-84; Chinese maps, WeChat and the stations' records use GCJ-02, some hundreds of
 * metres away. The publicly known approximation is good to about two metres inside the mainland.
 */
const AXIS = 6378245.0
const ECCENTRICITY = 0.006693421622965943

interface Point { latitude: number; longitude: number }

function isOutsideChina({ latitude, longitude }: Point): boolean {
  return longitude < 72.004 || longitude > 137.8347 || latitude < 0.8293 || latitude > 55.8271
}

function wave(v: number): number {
  return ((20 * Math.sin(v * Math.PI) + 40 * Math.sin((v / 3) * Math.PI)) * 2) / 3
}

function ripple(v: number): number {
  return ((20 * Math.sin(6 * v * Math.PI) + 20 * Math.sin(2 * v * Math.PI)) * 2) / 3
}

function latitudeShift(x: number, y: number): number {
  return -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + ripple(x)
    + wave(y) + ((160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * 2) / 3
}

function longitudeShift(x: number, y: number): number {
  return 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + ripple(x)
    + wave(x) + ((150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * 2) / 3
}

export function toGcj02<P extends Point>(point: P): P {
  if (isOutsideChina(point)) return point
  const x = point.longitude - 105
  const y = point.latitude - 35
  const radians = (point.latitude / 180) * Math.PI
  const magic = 1 - ECCENTRICITY * Math.sin(radians) ** 2
  const root = Math.sqrt(magic)
  const north = (latitudeShift(x, y) * 180) / (((AXIS * (1 - ECCENTRICITY)) / (magic * root)) * Math.PI)
  const east = (longitudeShift(x, y) * 180) / ((AXIS / root) * Math.cos(radians) * Math.PI)
  return { ...point, latitude: point.latitude + north, longitude: point.longitude + east }
}
