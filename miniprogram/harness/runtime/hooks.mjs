// A test speaks for the person and the phone through window.__wx. Every hook is a value or a function,
// the function may be async; null (or nothing set) means refused, cancelled or not available.
//
//   window.__wx = {
//     loginCode: 'code' | () => 'code',              wx.login
//     phoneCode: 'code' | () => 'code',              <button open-type="getPhoneNumber">
//     scan: 'text' | { path: '…' } | () => …,        wx.scanCode (path: a mini-program code)
//     location: { latitude, longitude, accuracy } | () => …,   wx.getLocation, GCJ-02
//     subscribe: { [templateId]: 'accept' } | (ids) => …,      wx.requestSubscribeMessage
//     photos: [url | data: | Blob] | (count) => …,   wx.chooseMedia
//     pickDate: '2026-11-23' | (current) => …,       <picker mode="date">
//   }
//
// Calls without an effect in a browser (previewImage, makePhoneCall, openLocation, setClipboardData)
// are kept in window.__wxCalls as [name, options].

export async function ask(name, ...args) {
  const hook = window.__wx?.[name]
  const answer = await (typeof hook === 'function' ? hook(...args) : hook)
  return answer ?? null
}

export function noted(name, options) {
  window.__wxCalls = [...(window.__wxCalls ?? []), [name, JSON.parse(JSON.stringify(options ?? {}))]]
}
