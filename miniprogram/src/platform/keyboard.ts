/** uni-h5 draws its controls without keyboard support: Enter and Space press what has the focus. */
export function enableKeyboard(): void {
  document.addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement
    if (event.key !== 'Enter' && event.key !== ' ') return
    if (!['button', 'link', 'tab', 'radio', 'checkbox'].includes(target.getAttribute('role') ?? '')) return
    event.preventDefault()
    target.click()
  })
}
