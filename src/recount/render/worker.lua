-- Converts one text after another: starting pandoc and growing its memory costs as much as converting a chapter.
-- A request is a line of JSON and then the text; the answer is the number of its bytes in a line and then the bytes.
-- What pandoc refuses or has something to say about is answered with "no": asked by itself it says what.
local function converted(text, asked)
  return pandoc.write(pandoc.read(text, asked.from), asked.to, pandoc.WriterOptions(asked.options))
end

for line in io.lines() do
  local asked = pandoc.json.decode(line, false)
  local text = io.read(asked.bytes)
  local said, done, output = pandoc.log.silence(pcall, converted, text, asked)
  if done and #said == 0 then
    io.write(#output, "\n", output)
  else
    io.write("no\n")
  end
  io.flush()
end
