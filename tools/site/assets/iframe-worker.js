// A page that is opened as a file may start no worker; then a hidden frame does the work of one.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(path) {
      super()
      const url = new URL(path, location.href)
      const frame = document.createElement("iframe")
      frame.hidden = true
      document.body.append(frame)
      const inside = (this.inside = frame.contentWindow)
      const load = (address) =>
        new Promise((loaded, failed) => {
          const script = inside.document.createElement("script")
          script.src = new URL(address, url)
          script.onload = loaded
          script.onerror = failed
          inside.document.body.append(script)
        })
      inside.postMessage = (data) => this.dispatch(new MessageEvent("message", { data }))
      inside.importScripts = (...addresses) =>
        addresses.reduce((done, address) => done.then(() => load(address)), Promise.resolve())
      this.ready = load(url)
    }
    postMessage(data) {
      this.ready.then(() => {
        this.inside.dispatchEvent(new this.inside.MessageEvent("message", { data }))
      })
    }
    dispatch(event) {
      this.dispatchEvent(event)
      if (typeof this.onmessage === "function") this.onmessage(event)
    }
    terminate() {
      this.inside.frameElement.remove()
    }
  }
}
