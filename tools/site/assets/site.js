// What is copied from a session runs as it stands: without prompts, and without what was printed.
document.addEventListener("copy", (event) => {
  const text = event.target.value || window.getSelection().toString()
  const lines = text.split("\n").filter((line) => /^(>>>|\.\.\.)( |$)/.test(line))
  if (!lines.length) return
  event.clipboardData.setData("text/plain", lines.map((line) => line.slice(4) + "\n").join(""))
  event.preventDefault()
})
