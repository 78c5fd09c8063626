const METHODS = ['OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT'] // WeChat's list: no PATCH

function withQuery(url, data) {
  const query = new URLSearchParams(Object.entries(data ?? {})).toString()
  return query ? `${url}${url.includes('?') ? '&' : '?'}${query}` : url
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export function request(options) {
  const method = options.method ?? 'GET'
  if (!METHODS.includes(method)) {
    queueMicrotask(() => options.fail?.({ errMsg: 'request:fail method invalid' }))
    return { abort() {} }
  }
  const isGet = method === 'GET'
  fetch(isGet ? withQuery(options.url, options.data) : options.url, {
    method,
    headers: { 'content-type': 'application/json', ...options.header },
    body: isGet || options.data === undefined ? undefined : JSON.stringify(options.data),
  }).then(
    async (answer) => options.success?.({ statusCode: answer.status, data: parsed(await answer.text()) }),
    (error) => options.fail?.({ errMsg: `request:fail ${error.message}` }),
  )
  return { abort() {} }
}

export function downloadFile(options) {
  fetch(options.url, { headers: options.header }).then(
    async (answer) => options.success?.({ statusCode: answer.status, tempFilePath: URL.createObjectURL(await answer.blob()) }),
    (error) => options.fail?.({ errMsg: `downloadFile:fail ${error.message}` }),
  )
  return { abort() {} }
}

/** wx.uploadFile gives the answer's body as text, whatever its type. */
export function uploadFile(options) {
  const listeners = []
  const sending = new XMLHttpRequest()
  sending.open('POST', options.url)
  for (const [name, value] of Object.entries(options.header ?? {})) sending.setRequestHeader(name, value)
  sending.upload.onprogress = (event) => listeners.forEach((listener) => listener({ progress: Math.round((event.loaded / event.total) * 100) }))
  sending.onload = () => options.success?.({ statusCode: sending.status, data: sending.responseText })
  sending.onerror = () => options.fail?.({ errMsg: 'uploadFile:fail' })
  fetch(options.filePath).then((r) => r.blob()).then((blob) => {
    const form = new FormData()
    for (const [name, value] of Object.entries(options.formData ?? {})) form.append(name, value)
    form.append(options.name, blob, 'photo.jpg')
    sending.send(form)
  }, () => options.fail?.({ errMsg: 'uploadFile:fail no file' }))
  return { onProgressUpdate: (listener) => listeners.push(listener), abort: () => sending.abort() }
}
