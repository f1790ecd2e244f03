-- On paper Quarto's document calls what `book.typ` knows: computed values lead to their index, tables take the
-- width their words need, notes stand below them.
local met = {}

local function label(name)
  return 'label("' .. name .. '")'
end

local function around(opening, content, closing)
  local all = pandoc.List({ opening })
  all:extend(content)
  all:insert(closing)
  return all
end

local function computed(span)
  local value = span.attributes["value"]
  if not value or not span.classes:includes("computed") then
    return nil
  end
  local mark = ""
  if not met[value] then
    met[value] = true
    mark = ', mark: [#metadata(none)#' .. label("use-value-" .. value) .. ']'
  end
  local name = span.classes:includes("sentence") and "computed-sentence" or "computed"
  local call = "#look." .. name .. "(" .. label("value-" .. value) .. mark .. ")["
  return around(pandoc.RawInline("typst", call), span.content, pandoc.RawInline("typst", "];"))
end

local function note(div)
  if div.classes:includes("table-note") then
    return around(pandoc.RawBlock("typst", "#look.table-note["), div.content, pandoc.RawBlock("typst", "]"))
  end
end

local function natural(tbl)
  tbl.colspecs = tbl.colspecs:map(function(column)
    return { column[1], nil }
  end)
  return tbl
end

-- Quarto's page that says nothing but "Appendices".
local function divider(raw)
  if raw.format == "typst" and raw.text:match("^#heading%(level: 1, numbering: none%)%[[^%]]*%]$") then
    return {}
  end
end

if quarto.doc.is_format("typst") then
  return { { Span = computed, Div = note, Table = natural, RawBlock = divider } }
end
return {}
