-- Several texts through one pandoc: starting it and growing its memory costs as much as converting a chapter.
local asked = pandoc.json.decode(io.read("a"), false)
local answers = {}
for position, text in ipairs(asked.texts) do
  local document = pandoc.read(text, asked.from)
  answers[position] = pandoc.write(document, asked.to, pandoc.WriterOptions(asked.options))
end
io.write(pandoc.json.encode(answers))
