// What is copied from a session runs as it stands: without prompts, and without what was printed.
document.addEventListener("copy", (event) => {
  const text = event.target.value || window.getSelection().toString()
  const lines = text.split("\n").filter((line) => /^(>>>|\.\.\.)( |$)/.test(line))
  if (!lines.length) return
  event.clipboardData.setData("text/plain", lines.map((line) => line.slice(4) + "\n").join(""))
  event.preventDefault()
})

// A page inside of a page is as high as what is in it: nobody has to scroll in two places, and no
// gap is below.  It may grow after it was loaded, when its curves are drawn and when something in it
// is unfolded, and it shrinks again, as when a phone is turned.  One that fills its window stays as it
// is, and so does one opened as a file, which nobody may look into.
document.addEventListener(
  "load",
  ({ target }) => {
    const inside = target.contentDocument?.documentElement
    if (!inside) return
    const fit = () => {
      const window = inside.clientHeight
      if (inside.scrollHeight > window) target.style.height = `${inside.scrollHeight + 2}px`
      // Not for a bar's width: without its bar a page may be a line shorter, and would get it back.
      else if (inside.offsetHeight + 40 < window) target.style.height = `${inside.offsetHeight + 2}px`
    }
    new target.contentWindow.ResizeObserver(fit).observe(inside.querySelector("body"))
  },
  true,
)
