// Keeps live parts honest: says when the server is away, comes back by itself, and leaves when the session ended.
const lost = (isLost) => document.body.classList.toggle('is-lost', isLost)

function watch() {
  document.body.addEventListener('htmx:sendError', () => lost(true))
  document.body.addEventListener('htmx:timeout', () => lost(true))
  document.body.addEventListener('htmx:responseError', (event) => {
    lost(event.detail.xhr.status >= 500)
    if (event.detail.xhr.status < 500) location.reload()
  })
  document.body.addEventListener('htmx:beforeSwap', (event) => {
    if (event.detail.xhr.status >= 400) return
    lost(false)
    // A redirect to the sign-in page must replace the whole page, not sit inside it.
    if (!event.detail.serverResponse.includes('data-live')) {
      event.detail.shouldSwap = false
      location.reload()
    }
  })
}

if (window.htmx) watch()
