import type { SubscriptionResult } from '@/api/types'

export interface Position { latitude: number; longitude: number; accuracy: number }

export interface Place { latitude: number; longitude: number; name: string; address: string }

/** A device function said no; the message is a sentence for the person. */
export class PlatformError extends Error {}

/** What the app needs from its host, so that pages never call wx.* or the browser directly. */
export interface Platform {
  readonly kind: 'weixin' | 'h5'
  /** True where <button open-type="getPhoneNumber"> works. */
  readonly hasPhoneButton: boolean
  /** True where the camera reads codes; elsewhere the code is typed. */
  readonly canScan: boolean
  /** What a path of the API's host needs in front when VITE_API_BASE is empty: uni-h5 bends bare paths. */
  readonly origin: string
  /** wx.request knows no PATCH. */
  readonly canPatch: boolean
  /** True where a person can be asked for subscription messages. */
  readonly canSubscribe: boolean
  /** A one-time code that the server exchanges for a session; null where signing in needs the person. */
  login(): Promise<string | null>
  /** Content of a scanned code; null when the person gives up. */
  scan(): Promise<string | null>
  /** Local paths of the chosen photos; empty when the person gives up. */
  choosePhotos(max: number): Promise<string[]>
  /** What the person answered for each template; only allowed right after a tap. */
  subscribe(templateIds: string[]): Promise<SubscriptionResult[]>
  /** Where the device is, in GCJ-02 as Chinese maps use; rejects with PlatformError. */
  locate(): Promise<Position>
  /** Shows a place (GCJ-02) on the host's map; null where the map would come from an outside address. */
  readonly openMap: ((place: Place) => void) | null
  /** Hands a downloaded file to the person; must run straight from a tap. False when it was not taken. */
  keepFile(path: string, name: string): Promise<boolean>
  /** How the host hands it over, in a word for the button. */
  readonly keepWord: string
  /** Bytes from the secure source; rejects where there is none. */
  randomBytes(length: number): Promise<Uint8Array>
  /** Lets the host follow elder mode in what pages cannot reach (tab bar, title). */
  showElderMode(on: boolean): void
}
