// The wall: asks for what changes every two seconds, for weeks. Without a fresh answer there is no code to see.
const EVERY = 2000
const PATIENCE = 4000
const FRESH = 6000
const wall = document.body
let heard = Date.now()
let isAsking = false

/** ready: the code is there; lost: no server; ended: withdrawn. Only `ready` shows a code, nothing is left of the old one. */
function show(state) {
  wall.dataset.state = state
  if (state !== 'ready') document.querySelector('#now').replaceChildren()
}

async function send(address, method) {
  const given = new AbortController()
  const timer = setTimeout(() => given.abort(), PATIENCE)
  try {
    const answer = await fetch(address, { method, cache: 'no-store', signal: given.signal })
    return { status: answer.status, text: await answer.text() }
  } finally {
    clearTimeout(timer)
  }
}

async function ask() {
  if (isAsking) return
  isAsking = true
  try {
    const { status, text } = await send(wall.dataset.now, 'GET')
    if (status === 401) return show('ended')
    const part = document.createRange().createContextualFragment(text).querySelector('#now')
    // Something between here and the server may answer in its place.
    if (status !== 200 || !part) throw new Error('no wall')
    document.querySelector('#now').replaceWith(part)
    heard = Date.now()
    show('ready')
  } catch {
    show('lost')
  } finally {
    isAsking = false
  }
}

const tell = () => send(wall.dataset.seen, 'POST').catch(() => {})

setInterval(ask, EVERY)
setInterval(() => { if (wall.dataset.state === 'ready' && Date.now() - heard > FRESH) show('lost') }, 500)
// A projector of a meeting is watched by people and tells nobody that it is there.
if (wall.dataset.seen) setInterval(tell, Number(wall.dataset.heartbeat) * 1000)
addEventListener('offline', () => show('lost'))
addEventListener('online', ask)
document.addEventListener('visibilitychange', ask)
if (wall.dataset.seen) tell()
