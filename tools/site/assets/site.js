// What is copied from a session runs as it stands: without prompts, and without what was printed.
document.addEventListener("copy", (event) => {
  const text = event.target.value || window.getSelection().toString()
  const lines = text.split("\n").filter((line) => /^(>>>|\.\.\.)( |$)/.test(line))
  if (!lines.length) return
  event.clipboardData.setData("text/plain", lines.map((line) => line.slice(4) + "\n").join(""))
  event.preventDefault()
})

// A page inside of a page is as high as what is in it: nobody has to scroll in two places, and no
// gap is below.  It may change after it was loaded, when something in it is drawn or unfolded.  One that
// fills its window stays as it is, and so does one opened as a file, which nobody may look into.
document.addEventListener(
  "load",
  ({ target }) => {
    const inside = target.contentDocument?.documentElement
    if (!inside) return
    const fit = () => {
      const isCut = inside.scrollHeight > inside.clientHeight
      const height = isCut ? inside.scrollHeight : inside.offsetHeight
      if (height !== inside.clientHeight) target.style.height = `${height + 2}px`
    }
    new target.contentWindow.ResizeObserver(fit).observe(inside.querySelector("body"))
  },
  true,
)
